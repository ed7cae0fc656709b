/**
 * What the swarm over direct channels does besides drawing faults: its calls of every kind, the files that must be what was
 * sent, and the proof that a healed pair is linked again. `fault-swarm.ts` puts it together.
 */
import * as fc from 'fast-check';
import { ChannelMode, P2PChannelMode } from '../../../impl/index.ts';
import type { Stage } from '../../api.ts';
import { QUERY_RULES } from '../../attach/client-subject.ts';
import type { ClientSubject } from '../../attach/client-subject.ts';
import { talkSteps } from '../../attach/swarm-talk.ts';
import type { TalkStep } from '../../attach/swarm-talk.ts';
import { expectedLetter } from '../../nat/expected.ts';
import type { MatrixKind, MatrixTransport } from '../../nat/expected.ts';
import { contentOf, sameFile, Side } from '../files/side.ts';
import { controllerOf } from './pairs.ts';

const KINDS = ['certainly', 'send', 'query', 'blob', 'file', 'link', 'link'] as const;

export type DirectStep = TalkStep & { readonly kind: (typeof KINDS)[number]; readonly sizeBytes: number };

/** Calls of every kind, from a user to another or to himself. */
export function directSteps(users: number): fc.Arbitrary<DirectStep> {
  return fc.record({
    ...talkSteps(users),
    kind: fc.constantFrom(...KINDS),
    sizeBytes: fc.integer({ min: 4, max: 60_000 }),
  });
}

type Transfer = { readonly id: string; readonly from: Side; readonly to: Side; readonly path: string };

/** The users' calls and their files. Answers and files that are not what they must be are kept, for the end to tell. */
export class DirectTalk {
  readonly #stage: Stage;
  readonly #sides = new Map<ClientSubject, Side>();
  readonly #transfers: Transfer[] = [];
  readonly #wrongAnswers: string[] = [];

  constructor(stage: Stage, clients: readonly ClientSubject[]) {
    this.#stage = stage;
    for (const client of clients) {
      const side = new Side(stage, client);
      side.files.fileRequestReceived.add((id) => side.files.beginReceiveFile(id, savedAs(id)));
      this.#sides.set(client, side);
    }
  }

  async call(from: ClientSubject, to: ClientSubject, { kind, sizeBytes }: DirectStep): Promise<void> {
    const { userID } = to;
    if (kind === 'certainly') await from.sendCertainly(userID, 7, this.#stage.payload());
    else if (kind === 'send') await from.send(userID, 8, this.#stage.payload());
    else if (kind === 'blob') await from.sendBlob(userID, 50, this.#stage.payload(sizeBytes), 1_500);
    else if (kind === 'link') controllerOf(from).p2pConnectAsyn(userID);
    else if (kind === 'file') this.sendFile(from, to, sizeBytes);
    else await this.#ask(from, userID);
  }

  /** Begins to send a file that no other is like. */
  sendFile(from: ClientSubject, to: ClientSubject, sizeBytes: number): string {
    const [sender, receiver] = [this.#sides.get(from)!, this.#sides.get(to)!];
    const path = `out/${this.#transfers.length}`;
    sender.write(path, contentOf(sizeBytes, this.#transfers.length + 1));
    const id = sender.files.beginSendFile(to.userID, path, null, { filePackageSize: 4_096, sendingSpanInMSecs: 0 });
    this.#transfers.push({ id, from: sender, to: receiver, path });
    return id;
  }

  /** Sends a file and waits for its end at the sender. */
  async fileArrives(from: ClientSubject, to: ClientSubject, sizeBytes: number): Promise<boolean> {
    const id = this.sendFile(from, to, sizeBytes);
    return (await this.#sides.get(from)!.ended(id, 'FIL-021')) === 'completed';
  }

  /** Every answer belonged to its question, and every file that came whole to somebody of the core is the one that was sent. */
  async judge(core: readonly ClientSubject[]): Promise<void> {
    this.#stage.equal(this.#wrongAnswers, [], 'QRY-001', 'answers that were not those to the question');
    const hosts = core.map(({ host }) => host);
    for (const { id, from, to, path } of this.#transfers) {
      // The others may have lost their disks.
      const isKept = hosts.includes(from.host) && hosts.includes(to.host);
      if (isKept && to.endOf(id) === 'completed') await sameFile(from, path, to, savedAs(id));
    }
  }

  async #ask(from: ClientSubject, userID: string): Promise<void> {
    const question = this.#stage.payload();
    const answer = await from.query(userID, QUERY_RULES.echo, question);
    if (answer?.join() !== question.join()) this.#wrongAnswers.push(`${question.join()} gave ${answer?.join()}`);
  }
}

const savedAs = (projectID: string): string => `in/${projectID}`;

/** Two users, where they stand, and whether in one LAN. */
export type Pair = {
  readonly a: ClientSubject;
  readonly b: ClientSubject;
  readonly kinds: readonly [MatrixKind, MatrixKind];
  readonly inOneLan: boolean;
};

/** Whether P2P-030 promises the pair a direct link by what the mode allows. */
export function isPromised({ kinds: [a, b], inOneLan }: Pair, mode: P2PChannelMode): boolean {
  const isDirect = (transport: MatrixTransport): boolean => 'DP'.includes(expectedLetter(transport, a, b));
  if (inOneLan) return mode !== P2PChannelMode.None;
  return (mode !== P2PChannelMode.Tcp && isDirect('udp')) || (mode !== P2PChannelMode.Udp && isDirect('tcp'));
}

/** One try, both transports one after the other and the answer to the invitation (P2P-023). */
const TRY_SECS = 20;
/** Longer than a channel without any life is kept (P2P-046, with the spans of the swarm). */
const PROVEN_SECS = 12;

/** The pair has a channel that lives, by then; tries begin at either side in turn. */
export async function linksBy(stage: Stage, { a, b, kinds }: Pair, untilSecs: number): Promise<void> {
  const exists = (): boolean =>
    controllerOf(a).isP2PChannelExist(b.userID) && controllerOf(b).isP2PChannelExist(a.userID);
  for (let count = 0; stage.nowSecs() < untilSecs; count += 1) {
    const [from, to] = count % 2 === 0 ? [a, b] : [b, a];
    controllerOf(from).p2pConnectAsyn(to.userID);
    const triedSecs = stage.nowSecs() + TRY_SECS;
    while (!exists() && stage.nowSecs() < triedSecs) await stage.sleep(1);
    if (!exists()) continue;
    // What is only left of before the faults ends within this time.
    await stage.sleep(PROVEN_SECS);
    if (exists()) return;
  }
  const pair = `${a.userID} (${kinds[0]}) and ${b.userID} (${kinds[1]})`;
  stage.check(false, 'P2P-030', `${pair} of the healed core have no channel within bounded time`);
}

/** Both ways over the channel and by nothing else. */
export async function talksDirectly(stage: Stage, { a, b }: Pair): Promise<void> {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    const info = stage.payload();
    const seen = to.events.length;
    const isSent = await from.send(to.userID, 5, info, { mode: ChannelMode.ByP2PChannel });
    stage.check(isSent, 'P2P-061', `${from.userID} has a channel to ${to.userID} and cannot send over it`);
    await to.waitFor('information', {
      from: seen,
      match: (event) => event.informationType === 5 && event.info?.join() === info.join(),
      clause: 'P2P-050',
    });
  }
}
