/**
 * An engine that receives, on either side, and the bare peer that feeds it. `aa01` is the user, `_0` the server.
 *
 * The same bytes can so be given to a server and to a client. It decides nothing; cases look at what was reported.
 */
import type { Stage } from '../../api.ts';
import type { ClientOptions } from '../../attach/client-subject.ts';
import type { RawConnection } from '../../attach/raw-peer.ts';
import type { ServerSubject } from '../../attach/server-subject.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { ascii, informationBody, message, unhex } from './bytes.ts';
import type { HeaderParts } from './bytes.ts';

export type Side = 'server' | 'client';
export const SIDES: readonly Side[] = ['server', 'client'];

export type Receiver = {
  readonly side: Side;
  readonly peer: RawConnection;
  /** Source and destination that belong in messages to it. */
  readonly ids: Pick<HeaderParts, 'source' | 'dest'>;
  /** Kinds of invalid messages it reported so far. */
  invalidKinds(): readonly string[];
  /** Waits for a report of this kind. */
  expectInvalid(kind: string, clause: string): Promise<void>;
  /** Information it handled so far. */
  handled(): readonly (Uint8Array | null)[];
};

/** A fresh user, logged on to this server, whose bytes the case writes itself. */
export async function serverReceiver(stage: Stage, server: ServerSubject, userID = 'aa01'): Promise<Receiver> {
  const peer = await stage.rawClient(server);
  await peer.logon(userID);
  const from = server.events.length;
  const since = (): ServerSubject['events'] => server.events.slice(from);
  return {
    side: 'server',
    peer,
    ids: { source: ascii(userID), dest: '' },
    invalidKinds: () => since().flatMap((event) => (event.kind === 'invalidMsgReceived' ? [event.invalidType] : [])),
    expectInvalid: async (kind, clause) => {
      const event = await server.waitFor('invalidMsgReceived', { from, clause });
      stage.equal(event.invalidType, kind, clause, 'another kind of invalid message was reported');
    },
    handled: () => since().flatMap((event) => (event.kind === 'information' ? [event.info] : [])),
  };
}

/** A client logged on to a bare server whose bytes the case writes itself. */
export async function clientReceiver(stage: Stage, options: ClientOptions = {}): Promise<Receiver> {
  const server = await stage.rawServer();
  const client = await stage.client('aa01', { autoReconnect: false, heartBeatSpanInSecs: 0, ...options });
  const [{ connection }] = await Promise.all([server.acceptLogon(), client.logon(server)]);
  return {
    side: 'client',
    peer: connection,
    ids: { source: ascii('_0'), dest: ascii('aa01') },
    invalidKinds: () =>
      client.events.flatMap((event) => (event.kind === 'invalidMsgReceived' ? [event.invalidType] : [])),
    expectInvalid: async (kind, clause) => {
      const event = await client.waitFor('invalidMsgReceived', { clause });
      stage.equal(event.invalidType, kind, clause, 'another kind of invalid message was reported');
    },
    handled: () => client.events.flatMap((event) => (event.kind === 'information' ? [event.info] : [])),
  };
}

/** A receiver of the given side, with a server of its own if it is one. */
export async function receiverOf(stage: Stage, side: Side): Promise<Receiver> {
  return side === 'server' ? serverReceiver(stage, await stage.server()) : clientReceiver(stage);
}

/** Proves by an answer on the same path that the receiver has dealt with all before and keeps the connection. */
export async function expectAlive(stage: Stage, receiver: Receiver, clause: string): Promise<void> {
  const { peer, ids } = receiver;
  const sentinel = stage.payload();
  const id = 1_000_000 + sentinel[0]!;
  const from = peer.received.length;
  peer.sendBytes(
    unhex(message({ ...ids, client: 8, type: MessageType.InformationNeedAck, id }, informationBody(sentinel, 1))),
  );
  await peer.expect(MessageType.Ack, { from, clause, match: (ack) => ack.messageId === id });
  stage.check(!peer.isClosed(), clause, 'the connection was not kept');
  stage.equal(receiver.invalidKinds(), [], clause, 'an invalid message was reported');
}
