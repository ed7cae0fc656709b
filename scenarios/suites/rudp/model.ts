/** What the cases of reliable UDP share: an open connection, datagrams by name, everything delivered. */
import type { Stage } from '../../api.ts';
import { RUDP_TOKEN, messageLabel } from '../../attach/rudp-peer.ts';
import type { RudpPeer, RudpPeerOptions } from '../../attach/rudp-peer.ts';
import { rudpOf } from '../../attach/rudp-datagrams.ts';
import type { RudpDatagramName, RudpReading } from '../../attach/rudp-datagrams.ts';

/** Long enough that a busy real machine is not taken for a dead peer, where a case is about something else. */
export const PATIENT: RudpPeerOptions = { silenceMicrosMax: 120_000_000, handshakeMicrosMax: 60_000_000 };

/** The first byte of a datagram by its name. */
export const KINDS: Readonly<Record<RudpDatagramName, number>> = {
  Syn: 0x40,
  SynAck: 0x41,
  Confirm: 0x42,
  Data: 0x43,
  Ack: 0x44,
  Ping: 0x45,
  Fin: 0x46,
  Abort: 0x47,
};

export type PairOptions = { readonly left?: RudpPeerOptions; readonly right?: RudpPeerOptions };

/** A pair whose connection is open; the left one began. */
export async function opened(stage: Stage, options: PairOptions = {}): Promise<readonly [RudpPeer, RudpPeer]> {
  const [left, right] = await stage.rudpPair();
  right.open({ ...PATIENT, starts: false, ...options.right });
  left.open({ ...PATIENT, ...options.left });
  await bothOpen(stage, left, right);
  return [left, right];
}

export async function bothOpen(stage: Stage, left: RudpPeer, right: RudpPeer, withinSecs = 30): Promise<void> {
  const isOpen = (): boolean => left.state === 'connected' && right.state === 'connected';
  await stage.until(isOpen, withinSecs, 'the connection is not open on both sides', 'RUD-024');
}

/** The identities that the two ends drew, from their handshakes. */
export function identityOf(peer: RudpPeer): number {
  const shake = (['Syn', 'SynAck', 'Confirm'] as const).flatMap((name) => rudpOf(peer.sent, name)).at(-1);
  return shake?.numbers.identity ?? 0;
}

/** Writes messages and waits until all of them have been handed over at the other end, exactly so. */
export async function exchange(
  stage: Stage,
  from: RudpPeer,
  to: RudpPeer,
  messages: readonly Uint8Array[],
  clause = 'RUD-025',
): Promise<void> {
  const already = to.delivered.length;
  for (const message of messages) from.write(message);
  const isComplete = (): boolean => to.delivered.length >= already + messages.length;
  await stage.until(isComplete, 120, `${from.name}'s messages did not all arrive`, clause);
  const expected = messages.map(messageLabel);
  stage.equal(to.delivered.slice(already), expected, clause, 'the messages that arrived are not those that were sent');
}

/** Both ends closed with these reasons. */
export async function ended(
  stage: Stage,
  peers: readonly [RudpPeer, RudpPeer],
  reasons: readonly [string, string],
  clause: string,
  withinSecs = 60,
): Promise<void> {
  const isOver = (): boolean => peers.every((peer) => peer.state === 'closed');
  await stage.until(isOver, withinSecs, 'the connection did not end on both sides', clause);
  stage.equal(
    peers.map((peer) => peer.reason),
    reasons,
    clause,
    'the connection ended for other reasons',
  );
}

/** A filter that drops so many of a hundred, differently for each salt. */
export function lossy(lossPercent: number, salt: number): () => 'pass' | 'drop' {
  let state = salt >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % 100 < lossPercent ? 'drop' : 'pass';
  };
}

/** The packet numbers that an Ack names, largest first. */
export function numbersOf(ack: RudpReading): readonly number[] {
  const named: number[] = [];
  let at = ack.numbers.largest!;
  for (let count = 0; count <= ack.numbers.before!; count++) named.push(at--);
  for (let index = 0; index < ack.repeated.length; index += 2) {
    at -= ack.repeated[index]!;
    for (let count = 0; count < ack.repeated[index + 1]!; count++) named.push(at--);
  }
  return named;
}

/** Sentinel: a message makes its way, so whatever was handed in before has been dealt with. */
export async function stillWorks(stage: Stage, left: RudpPeer, right: RudpPeer, clause: string): Promise<void> {
  await exchange(stage, left, right, [stage.payload()], clause);
  await exchange(stage, right, left, [stage.payload()], clause);
}

export { RUDP_TOKEN, rudpOf };
