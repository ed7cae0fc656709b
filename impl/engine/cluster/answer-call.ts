/** What a server does with a call of the platform server: its own callback handler, or one of its users (CLU-043, CLU-044). */
import { PlatformCallKind } from '../../../spec/errors.ts';
import type { ContractOf } from '../../../spec/grammar/index.ts';
import type { CustomizeController } from '../api.ts';
import { EngineError } from '../errors.ts';
import { describeError, isPromiseLike } from '../event.ts';
import type { ServerContext } from '../server/server-context.ts';
import type { PlatformCallbackHandler } from './api.ts';

type Call = ContractOf<'CallServerContract'>;
type Result = ContractOf<'PlatformResultContract'>;
type OnResult = (result: Result) => void;

const done = (Info: Uint8Array | null = null): Result => ({ ErrorCode: null, Info, Message: null });
const failed = (ErrorCode: string, Message: string): Result => ({ ErrorCode, Info: null, Message });

export type CallHost = {
  readonly context: ServerContext;
  readonly controller: CustomizeController;
  readonly handler: PlatformCallbackHandler | null;
};

/** Does it and gives the result, once. */
export function answerCall(host: CallHost, call: Call, onResult: OnResult): void {
  if (call.UserID === null) callServer(host, call, onResult);
  else callUser(host, call, call.UserID, onResult);
}

function callServer({ context, handler }: CallHost, call: Call, onResult: OnResult): void {
  const { Info, InformationType, Kind } = call;
  const { platform } = context;
  if (Kind === PlatformCallKind.Test) {
    onResult(done());
    return;
  }
  platform.noteAsyncEdge();
  try {
    if (Kind === PlatformCallKind.Broadcast) handler?.handleBroadcast(InformationType, Info);
    else if (Kind === PlatformCallKind.Information) handler?.handleInformation(InformationType, Info);
    else {
      if (handler === null) throw new Error('the server has no callback handler');
      settle(context, handler.handleQuery(InformationType, Info), onResult);
      return;
    }
    onResult(done());
  } catch (error) {
    platform.log('error', `the callback handler threw for type ${InformationType}: ${describeError(error)}`);
    // Information is told and forgotten; only a query hears of it.
    onResult(Kind === PlatformCallKind.Query ? failed('E_HANDLING', describeError(error)) : done());
  }
}

function callUser({ context, controller }: CallHost, call: Call, userID: string, onResult: OnResult): void {
  const { Info, InformationType, Kind } = call;
  const user = context.users.get(userID);
  if (Kind === PlatformCallKind.Kick) {
    user?.input('kick');
    onResult(done());
  } else if (user === undefined) onResult(failed('E_OFFLINE', `${userID} is not on this server`));
  else if (Kind === PlatformCallKind.Query) {
    settle(context, controller.queryLocalClient(userID, InformationType, Info), onResult);
  } else onResult(controller.send(userID, InformationType, Info) ? done() : failed('E_OFFLINE', 'it left'));
}

/** An answer that is there, or comes later. */
function settle(context: ServerContext, answer: unknown, onResult: OnResult): void {
  const told = (result: Result): void => {
    context.platform.noteAsyncEdge();
    onResult(result);
  };
  if (!isPromiseLike(answer)) {
    onResult(done((answer ?? null) as Uint8Array | null));
    return;
  }
  answer.then(
    (info) => told(done((info ?? null) as Uint8Array | null)),
    (error: unknown) => told(failed(codeOf(error), describeError(error))),
  );
}

/** How an error of this side is called on the other. */
function codeOf(error: unknown): string {
  if (!(error instanceof EngineError)) return 'E_HANDLING';
  return error.code === 'E_DISCONNECTED' ? 'E_OFFLINE' : error.code;
}
