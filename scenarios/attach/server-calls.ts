/**
 * Notes in the journal what a server engine is told to send, by wrapping its sending methods in place.
 *
 * Arguments and results pass through untouched. Only methods of this one engine are changed.
 */
import type { RapidServerEngine } from '../../impl/index.ts';
import { SERVER_LABEL } from './client-recorder.ts';
import type { SubjectContext } from './client-recorder.ts';
import { SERVER_NAME, bytesLabel } from './journal.ts';
import type { AskRecord, Channel, SendRecord } from './journal.ts';

/** Wraps `send`, `sendCertainlyToLocalClient`, `queryLocalClient`, `sendBlob` and `sendMessage`. */
export function recordServerCalls(engine: RapidServerEngine, context: SubjectContext, subject: number): void {
  const { journal, world } = context;
  const controller = engine.customizeController;
  const sent = (
    channel: Channel,
    target: string,
    type: number,
    info: Uint8Array | null,
    tag: string | null,
  ): SendRecord => {
    journal.step({ from: SERVER_LABEL, to: target, label: `${channel} ${type}: ${bytesLabel(info)}` });
    return journal.sent({ subject, source: SERVER_NAME, target, channel, informationType: type, info, tag });
  };
  const settles = (promise: Promise<unknown>, ask: AskRecord, onResolved?: () => void): void => {
    const settled = (): void => {
      ask.settledCount += 1;
      world.noteAsyncEdge();
      journal.changed();
    };
    promise.then(() => {
      onResolved?.();
      settled();
    }, settled);
  };

  const send = controller.send.bind(controller);
  replace(controller, 'send', (userID, type, info, ...rest) => {
    sent('information', userID, type, info, null);
    return send(userID, type, info, ...rest);
  });
  const sendCertainly = controller.sendCertainlyToLocalClient.bind(controller);
  replace(controller, 'sendCertainlyToLocalClient', (userID, type, info, ...rest) => {
    const record = sent('information', userID, type, info, null);
    const ask = journal.asked(subject, 'ack', `the server sends certainly to ${userID}`, false);
    const promise = sendCertainly(userID, type, info, ...rest);
    settles(promise, ask, () => (record.acknowledged = true));
    return promise;
  });
  const query = controller.queryLocalClient.bind(controller);
  replace(controller, 'queryLocalClient', (userID, type, info, ...rest) => {
    journal.step({ from: SERVER_LABEL, to: userID, label: `asks ${type}: ${bytesLabel(info)}` });
    const ask = journal.asked(subject, 'query', `the server asks ${userID}`, false);
    const promise = query(userID, type, info, ...rest);
    settles(promise, ask);
    return promise;
  });
  const sendBlob = controller.sendBlob.bind(controller);
  replace(controller, 'sendBlob', (userID, type, blob, fragmentSize) => {
    sent('blob', userID, type, blob, null);
    return quiet(sendBlob(userID, type, blob, fragmentSize));
  });
  const sendMessage = engine.sendMessage.bind(engine);
  replace(engine, 'sendMessage', (userID, type, message, tag, ...rest) => {
    sent('message', userID, type, message, tag);
    return quiet(sendMessage(userID, type, message, tag, ...rest));
  });
}

function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

function replace<T extends object, K extends keyof T>(owner: T, name: K, value: T[K]): void {
  Object.defineProperty(owner, name, { value, configurable: true, writable: true });
}
