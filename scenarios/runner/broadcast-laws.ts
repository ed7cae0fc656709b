/** The law of broadcasts: each member at most one copy, never to the broadcaster, only what was sent, whole, in order. Pure. */
import type { BroadcastDeliveryRecord, BroadcastRecord, Journal } from '../attach/journal.ts';
import { bytesLabel } from '../attach/journal.ts';
import type { BrokenInvariant } from './invariants.ts';

type Evidence = Pick<Journal, 'broadcasts' | 'broadcastDeliveries' | 'rawNames' | 'rawServer'>;

/** The first broken law, if any. Nothing is concluded about names that a raw peer spoke for. */
export function broadcastLaws(journal: Evidence): BrokenInvariant[] {
  if (journal.rawServer) return [];
  const pairs = new Map<string, BroadcastDeliveryRecord[]>();
  for (const delivery of journal.broadcastDeliveries) {
    if (journal.rawNames.has(delivery.source)) continue;
    const pair = JSON.stringify([delivery.source, delivery.receiver]);
    pairs.set(pair, [...(pairs.get(pair) ?? []), delivery]);
  }
  for (const list of pairs.values()) {
    const sends = journal.broadcasts.filter((each) => each.source === list[0]!.source);
    const broken = ownCopy(list) ?? tooMany(list, sends) ?? disorder(list, sends);
    if (broken !== undefined) return [broken];
  }
  return [];
}

function ownCopy([first]: readonly BroadcastDeliveryRecord[]): BrokenInvariant | undefined {
  if (first === undefined || first.source !== first.receiver) return undefined;
  const message = `${first.source} was handed its own broadcast in ${first.groupID}`;
  return { clause: 'CON-021', message, expected: 'everybody else', actual: bytesLabel(first.info) };
}

/** Instances of one receiver share its name: what one of them got, the others do not get. */
function tooMany(
  list: readonly BroadcastDeliveryRecord[],
  sends: readonly BroadcastRecord[],
): BrokenInvariant | undefined {
  const left = new Map<string, number>();
  for (const send of sends) left.set(keyOf(send), (left.get(keyOf(send)) ?? 0) + 1);
  for (const delivery of list) {
    const rest = left.get(keyOf(delivery));
    left.set(keyOf(delivery), (rest ?? 0) - 1);
    if (rest !== undefined && rest > 0) continue;
    const what = `broadcast ${delivery.broadcastType} of ${delivery.source} in ${delivery.groupID}`;
    const actual = `${bytesLabel(delivery.info)} delivered to ${delivery.receiver}`;
    if (rest !== undefined) {
      const message = `${what} was delivered more often than it was sent`;
      return { clause: 'CON-021', message, expected: 'once', actual };
    }
    const isPart = sends.some((send) => send.isBlob && send.info !== null && includes(send.info, delivery.info));
    const message = isPart ? `only a part of a blob was delivered: ${what}` : `${what} was never sent like that`;
    return { clause: isPart ? 'CON-033' : 'CON-023', message, expected: 'what was sent', actual };
  }
  return undefined;
}

/** Plain broadcasts of one instance to one instance keep their order; blobs may be overtaken. */
function disorder(
  list: readonly BroadcastDeliveryRecord[],
  sends: readonly BroadcastRecord[],
): BrokenInvariant | undefined {
  if (new Set(sends.map((send) => send.subject)).size > 1) return undefined;
  const blobs = new Set(sends.filter((send) => send.isBlob).map(keyOf));
  const keys = sends.filter((send) => !blobs.has(keyOf(send))).map(keyOf);
  const next = new Map<number, number>();
  for (const delivery of list) {
    if (blobs.has(keyOf(delivery))) continue;
    const at = keys.indexOf(keyOf(delivery), next.get(delivery.subject) ?? 0);
    if (at >= 0) {
      next.set(delivery.subject, at + 1);
      continue;
    }
    const message = `broadcasts of ${delivery.source} reached ${delivery.receiver} out of order`;
    return { clause: 'CON-029', message, expected: 'the order of sending', actual: bytesLabel(delivery.info) };
  }
  return undefined;
}

function keyOf({ groupID, broadcastType, info, tag }: BroadcastRecord | BroadcastDeliveryRecord): string {
  const bytes = info === null ? null : Buffer.from(info).toString('latin1');
  return JSON.stringify([groupID, broadcastType, bytes, tag]);
}

function includes(whole: Uint8Array, part: Uint8Array | null): boolean {
  return part !== null && part.length > 0 && Buffer.from(whole).includes(Buffer.from(part));
}
