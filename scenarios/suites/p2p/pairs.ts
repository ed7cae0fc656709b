/** What the cases about channels share: clients on one switchboard, channels that are in use, what went which way. */
import { MessageType } from '../../../spec/grammar/index.ts';
import type { ContractOf } from '../../../spec/grammar/index.ts';
import type { P2PController, RapidPassiveEngine } from '../../../impl/index.ts';
import { codecs } from '../../../impl/wire/index.ts';
import type { Stage } from '../../api.ts';
import type { ClientOptions, ClientSubject } from '../../attach/client-subject.ts';
import { DirectSwitchboard } from '../../attach/direct-switchboard.ts';
import { HarnessFault } from '../../attach/failures.ts';
import type { MemoryLink } from '../../attach/memory-link.ts';
import type { RawClient, SeenMessage } from '../../attach/raw-peer.ts';
import type { ServerSubject } from '../../attach/server-subject.ts';

/** Ours: a free port followed by two more is found in few tries, also on a machine where many run at a time. */
const SERVER_TRIES_MAX = 8;

/** A server whose own P2P server runs: on real sockets the ports after its own may be taken. */
export async function serverWithP2P(stage: Stage): Promise<ServerSubject> {
  for (let n = 0; n < SERVER_TRIES_MAX; n++) {
    const server = await stage.server();
    const scout = await stage.loggedOn(server, `scout${n}`);
    const isRunning = engineOf(scout).p2pController !== null;
    await scout.close();
    if (isRunning) return server;
  }
  throw new HarnessFault('no server got the ports for its P2P server');
}

/** The engine behind a reference client. */
export function engineOf(client: ClientSubject): RapidPassiveEngine {
  if (client.engine === null) throw new HarnessFault(`${client.userID} is no reference client`);
  return client.engine;
}

/** Its controller. */
export function controllerOf(client: ClientSubject): P2PController {
  const controller = engineOf(client).p2pController;
  if (controller === null) throw new HarnessFault(`${client.userID} has no p2pController`);
  return controller;
}

/** What a client's controller told, in order, as words. */
export function watchController(client: ClientSubject): string[] {
  const told: string[] = [];
  const controller = controllerOf(client);
  controller.p2pChannelOpened.add((state) => told.push(`opened ${state.destUserID} ${state.protocolType}`));
  controller.p2pChannelClosed.add((state) =>
    told.push(`closed ${state.destUserID} ${state.protocolType}${state.enabled ? ' enabled' : ''}`),
  );
  controller.p2pConnectFailed.add((destUserID) => told.push(`failed ${destUserID}`));
  controller.allP2PChannelClosed.add(() => told.push('all closed'));
  return told;
}

export type Two = {
  readonly server: ServerSubject;
  readonly board: DirectSwitchboard;
  readonly alice: ClientSubject;
  readonly bob: ClientSubject;
};

/** Two clients that can be linked, not linked yet. */
export async function two(stage: Stage, options: ClientOptions = {}): Promise<Two> {
  const server = await stage.server();
  const board = new DirectSwitchboard();
  const alice = await stage.loggedOn(server, 'alice', { ...options, direct: board });
  const bob = await stage.loggedOn(server, 'bob', { ...options, direct: board });
  return { server, board, alice, bob };
}

/** Makes a channel and waits until messages take it, both ways. */
export async function link(stage: Stage, a: ClientSubject, b: ClientSubject): Promise<void> {
  controllerOf(a).p2pConnectAsyn(b.userID);
  const exists = (): boolean =>
    controllerOf(a).isP2PChannelExist(b.userID) && controllerOf(b).isP2PChannelExist(a.userID);
  await stage.until(exists, 30, 'no channel opened', 'P2P-073');
  // What is acknowledged now went behind the mark of its direction, so what follows takes the channel.
  await Promise.all([a.sendCertainly(b.userID, 0, stage.payload()), b.sendCertainly(a.userID, 0, stage.payload())]);
}

/** The same with a channel in use. */
export async function linkedTwo(stage: Stage, options: ClientOptions = {}): Promise<Two> {
  const all = await two(stage, options);
  await link(stage, all.alice, all.bob);
  return all;
}

/** Information that the server has passed on. */
export function byServer(server: ServerSubject): number[] {
  return server.events.flatMap((event) => (event.kind === 'informationReceived' ? [event.informationType] : []));
}

/** Types of the information that a client's handler got, those of `link` left out. */
export function got(client: ClientSubject): number[] {
  return client.events.flatMap((event) =>
    event.kind === 'information' && event.informationType !== 0 ? [event.informationType] : [],
  );
}

export type Plugged = {
  readonly server: ServerSubject;
  readonly board: DirectSwitchboard;
  readonly alice: ClientSubject;
  /** The scenario as user `mallory`: at the server, and at the other end of a link of alice. */
  readonly mallory: RawClient;
  readonly link: MemoryLink;
  /** The number of alice's stream on the link. */
  readonly stream: number;
};

/** The stream a link's hello names. */
export function streamOf(memoryLink: MemoryLink): number {
  const [hello] = memoryLink.received;
  const decoded = hello === undefined ? undefined : codecs.P2PStreamContract.decode(hello.body);
  return decoded?.ok === true ? decoded.value.StreamID : Number.NaN;
}

/** A client with a channel whose other end is the scenario. @param stream - The scenario's stream. */
export async function plugged(stage: Stage, stream = 7, options: ClientOptions = {}): Promise<Plugged> {
  const server = await stage.server();
  const board = new DirectSwitchboard();
  const alice = await stage.loggedOn(server, 'alice', { ...options, direct: board });
  const mallory = await stage.rawClient(server, { userID: 'mallory' });
  await mallory.logon('mallory');
  const memoryLink = board.plug('alice', 'mallory');
  memoryLink.hello(stream);
  memoryLink.count(streamOf(memoryLink), 0);
  await stage.until(() => controllerOf(alice).isP2PChannelExist('mallory'), 30, 'no channel', 'P2P-073');
  return { server, board, alice, mallory, link: memoryLink, stream: streamOf(memoryLink) };
}

/** Alice's way to mallory becomes the channel: her first message is let through. */
export async function takeChannel(stage: Stage, { alice, mallory, link: memoryLink }: Plugged): Promise<SeenMessage> {
  await alice.send('mallory', 99, stage.payload());
  const mark = await mallory.expect(MessageType.P2PPathMark, { clause: 'P2P-051' });
  memoryLink.send({ messageType: MessageType.P2PPathMarked, messageId: mark.messageId });
  return seen(stage, memoryLink, MessageType.InformationBySend, 'P2P-051');
}

/** Waits for a message of a type on the link, from index `from` on. */
export async function seen(
  stage: Stage,
  memoryLink: MemoryLink,
  messageType: number,
  clause: string,
  from = 0,
): Promise<SeenMessage> {
  const find = (): SeenMessage | undefined =>
    memoryLink.received.slice(from).find((message) => message.messageType === messageType);
  await stage.until(() => find() !== undefined, 30, `no message of type ${messageType} came over the channel`, clause);
  return find()!;
}

/** The body of an information. */
export function informationBody(informationType: number, content: Uint8Array | null): Uint8Array {
  return codecs.BinaryInformationContract.encode({ Content: content, InformationType: informationType });
}

/** The value of a P2PChannelCount or P2PStreamFinal. */
export function countIn(message: SeenMessage): ContractOf<'P2PStreamCountContract'> | undefined {
  const decoded = codecs.P2PStreamCountContract.decode(message.body);
  return decoded.ok ? decoded.value : undefined;
}
