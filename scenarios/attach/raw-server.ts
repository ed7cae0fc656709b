/** A bare TCP server: accepts clients, answers their Logon as told, sends any bytes. See raw-connection.ts. */
import { ClientType, LogonResult } from '../../spec/errors.ts';
import { SERVER_ID, USER_ID_BYTES_MAX_DEFAULT } from '../../spec/limits.ts';
import { MessageType } from '../../spec/grammar/index.ts';
import { codecs } from '../../impl/wire/index.ts';
import type { TcpListener } from '../../spec/platform.ts';
import type { SubjectContext } from './client-recorder.ts';
import { CheckFailed, HarnessFault } from './failures.ts';
import { RawPeerConnection } from './raw-connection.ts';
import type { RawServer, SeenMessage } from './raw-peer.ts';
import { WITHIN_SECS_DEFAULT } from './waiting.ts';

/** Listens on a free port of its host; resolves when ready. */
export async function startRawServer(
  context: SubjectContext,
  options: { readonly userIdBytesMax?: number } = {},
): Promise<RawServer & { stop(): void }> {
  const server = new RawPeerServer(context, options.userIdBytesMax ?? USER_ID_BYTES_MAX_DEFAULT);
  await server.listen(0);
  return server;
}

class RawPeerServer implements RawServer {
  readonly host: string;
  readonly address: string;
  readonly connections: RawPeerConnection[] = [];
  port = 0;
  readonly #context: SubjectContext;
  readonly #userIdBytesMax: number;
  #listener: TcpListener | undefined;
  #taken = 0;

  constructor(context: SubjectContext, userIdBytesMax: number) {
    this.#context = context;
    this.#userIdBytesMax = userIdBytesMax;
    this.host = context.host.name;
    this.address = context.host.address;
    context.journal.addSubject('raw server', 'raw', context.host.name);
    context.journal.rawServer = true;
  }

  async listen(port: number): Promise<void> {
    const { world, host, waiting, journal } = this.#context;
    const state: { done: boolean; error?: string } = { done: false };
    this.#listener = host.platform.listenTcp(
      { port },
      {
        onListening: (local) => {
          this.port = local.port;
          state.done = true;
          world.noteAsyncEdge();
          journal.changed();
        },
        onConnection: (connection) => {
          const peer = this.#newPeer();
          peer.attach(connection, true);
          this.connections.push(peer);
          world.noteAsyncEdge();
          journal.changed();
          return peer.handlers;
        },
        onError: (code, detail) => {
          state.error = `${code}: ${detail}`;
          journal.changed();
        },
      },
    );
    const failed = (): CheckFailed => new CheckFailed('the raw server could not listen', { actual: state.error ?? '' });
    await waiting.until(() => state.done || state.error !== undefined, WITHIN_SECS_DEFAULT, failed);
    if (state.error !== undefined)
      throw new HarnessFault(`the raw server could not listen on port ${port}: ${state.error}`);
  }

  async accept(options: { readonly withinSecs?: number; readonly clause?: string } = {}): Promise<RawPeerConnection> {
    const withinSecs = options.withinSecs ?? WITHIN_SECS_DEFAULT;
    const index = this.#taken;
    await this.#context.waiting.until(
      () => this.connections.length > index,
      withinSecs,
      () =>
        new CheckFailed('no client connected to the raw server', {
          ...(options.clause === undefined ? {} : { clause: options.clause }),
          expected: `a connection within ${withinSecs} s`,
          actual: `${this.connections.length} connections so far`,
        }),
    );
    this.#taken = index + 1;
    return this.connections[index]!;
  }

  async acceptLogon(
    options: { readonly result?: number; readonly failureCause?: string | null; readonly clause?: string } = {},
  ): Promise<{ connection: RawPeerConnection; logon: SeenMessage }> {
    const clause = options.clause ?? 'LOG-001';
    const connection = await this.accept({ clause });
    const logon = await connection.expect(MessageType.Logon, { clause });
    connection.send({
      messageType: MessageType.Logon,
      messageId: logon.messageId,
      destId: logon.sourceId,
      body: codecs.ResLogonContract.encode({
        FailureCause: options.failureCause ?? null,
        GroupRelationEnabled: false,
        LogonResult: options.result ?? LogonResult.Succeed,
        P2PEnabled: false,
        UseAsP2PServer: false,
      }),
    });
    return { connection, logon };
  }

  stopListening(): void {
    this.#listener?.close();
    this.#listener = undefined;
  }

  async listenAgain(): Promise<void> {
    if (this.#listener !== undefined)
      throw new HarnessFault('the raw server listens already; call stopListening first');
    await this.listen(this.port);
  }

  /** Ends everything, for the end of the run. */
  stop(): void {
    this.stopListening();
    for (const connection of this.connections) connection.abort();
  }

  #newPeer(): RawPeerConnection {
    return new RawPeerConnection({
      context: this.#context,
      label: `raw server, connection ${this.connections.length + 1}`,
      userIdBytesMax: this.#userIdBytesMax,
      sourceId: () => SERVER_ID,
      clientType: ClientType.Others,
    });
  }
}
