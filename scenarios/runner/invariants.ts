/**
 * What must hold at the end of every run, whatever the scenario was about: pure laws over the journal.
 *
 * Each broken law names its clause. The journal knows what engines were told to send and what they delivered, so no
 * scenario has to tag its payloads. Where a raw peer spoke for somebody, nothing is concluded about that name.
 */
import { createHash } from 'node:crypto';
import { SERVER_NAME, bytesLabel } from '../attach/journal.ts';
import { broadcastLaws } from './broadcast-laws.ts';
import type { AskRecord, DeliveryRecord, Journal, SendRecord, StreamRecord } from '../attach/journal.ts';
import type { ServerEvent } from '../attach/server-subject.ts';
import { fileLaws } from './file-laws.ts';

export type BrokenInvariant = {
  readonly clause: string;
  readonly message: string;
  readonly expected: string;
  readonly actual: string;
  /** True when a little more time may still mend it; the runner waits for such laws before it asks for all of them. */
  readonly settles?: boolean;
};

/** The record as the laws read it. */
export type Evidence = Pick<
  Journal,
  | 'subjects'
  | 'sends'
  | 'deliveries'
  | 'broadcasts'
  | 'broadcastDeliveries'
  | 'asks'
  | 'serverEvents'
  | 'leftOvers'
  | 'rawNames'
  | 'rawServer'
  | 'streams'
  | 'fileEvents'
>;

/** Every broken law, the most telling first. */
export function checkInvariants(journal: Evidence): readonly BrokenInvariant[] {
  return [
    ...deliveries(journal),
    ...broadcastLaws(journal),
    ...serverLaws(journal),
    ...fileLaws(journal),
    ...acknowledgedDelivered(journal),
    ...asksSettled(journal.asks, journal),
    ...leftOvers(journal),
    ...streamLaws(journal.streams),
  ];
}

// ---- reliable UDP: what one end hands over is the beginning of what the other wrote ----------------------------------

/** Ends stand in the order they were opened; an end's peers are all others of the other name. */
function streamLaws(streams: readonly StreamRecord[]): BrokenInvariant[] {
  return streams.flatMap((stream) => {
    const others = streams.filter((other) => other.name !== stream.name);
    if (others.length === 0 || stream.delivered.length === 0) return [];
    const isBeginning = others.some(
      (other) =>
        stream.delivered.length <= other.written.length &&
        stream.delivered.every((label, index) => label === other.written[index]),
    );
    if (isBeginning) return [];
    const at = stream.delivered.findIndex((label, index) => label !== others.at(-1)!.written[index]);
    return [
      {
        clause: 'RUD-009',
        message: `${stream.name} was handed over what was not written, or not in that order: message ${at + 1} of ${stream.delivered.length}`,
        expected: others.at(-1)!.written[at] ?? 'no more',
        actual: stream.delivered[at] ?? 'nothing',
      },
    ];
  });
}

// ---- deliveries: sent before, at most once, in order, never in part -------------------------------------------------

function deliveries(journal: Evidence): BrokenInvariant[] {
  if (journal.rawServer) return [];
  const broken: BrokenInvariant[] = [];
  for (const [pair, list] of grouped(journal.deliveries, (each) => pairKey(each.source, each.receiver))) {
    const first = list[0]!;
    if (journal.rawNames.has(first.source)) continue;
    const sends = journal.sends.filter((each) => pairKey(each.source, each.target) === pair);
    const unsent = neverMoreThanSent(list, sends);
    // A delivery too many also looks like disorder; the first law says it better.
    broken.push(...(unsent.length > 0 ? unsent : inOrder(list, sends)));
  }
  return broken;
}

function pairKey(source: string, target: string): string {
  // A client may write the server as null or `_0`; both mean the same.
  return JSON.stringify([source, target]);
}

/** Deliveries of one sender to one receiver against what was sent: each at most as often, and only what was sent. */
function neverMoreThanSent(list: readonly DeliveryRecord[], sends: readonly SendRecord[]): BrokenInvariant[] {
  const left = new Map<string, number>();
  for (const send of sends) count(left, contentKey(send), 1);
  const known = new Set(left.keys());
  for (const delivery of list) {
    const key = contentKey(delivery);
    const rest = left.get(key) ?? 0;
    if (rest > 0) {
      left.set(key, rest - 1);
      continue;
    }
    const what = `information ${delivery.informationType} from ${delivery.source} to ${delivery.receiver}`;
    const actual = `${bytesLabel(delivery.info)} delivered`;
    if (known.has(key)) {
      const clause = delivery.channel === 'message' ? 'ENG-001' : 'CUS-002';
      return [{ clause, message: `${what} was delivered more often than it was sent`, expected: 'once', actual }];
    }
    if (isPartOfBlob(delivery, sends)) {
      return [
        {
          clause: 'BLB-004',
          message: `only a part of a blob was delivered: ${what}`,
          expected: 'all or nothing',
          actual,
        },
      ];
    }
    const clause = delivery.channel === 'message' ? 'ENG-001' : 'CUS-002';
    return [{ clause, message: `${what} was delivered but never sent like that`, expected: 'what was sent', actual }];
  }
  return [];
}

/** Blobs and plain information both end in the information handler; messages have their own event. */
function contentKey(record: SendRecord | DeliveryRecord): string {
  const channel = record.channel === 'message' ? 'message' : 'information';
  // A blob that is null arrives as empty (BLB-010), so for blobs the two are one.
  const isBlob = record.channel === 'blob';
  const bytes = record.info === null ? (isBlob ? '' : 'null') : bytesKey(record.info);
  return `${channel} ${record.informationType} ${bytes} ${record.tag ?? ''} ${record.tag === null}`;
}

const HASHED_FROM_BYTES = 512;

function bytesKey(bytes: Uint8Array): string {
  if (bytes.length < HASHED_FROM_BYTES) return Buffer.from(bytes).toString('latin1');
  return `${bytes.length}:${createHash('sha1').update(bytes).digest('hex')}`;
}

function isPartOfBlob(delivery: DeliveryRecord, sends: readonly SendRecord[]): boolean {
  const { info } = delivery;
  if (info === null || info.length === 0) return false;
  const part = Buffer.from(info);
  return sends.some((send) => send.channel === 'blob' && send.info !== null && Buffer.from(send.info).includes(part));
}

/** Per sending and receiving instance, plain information arrives in sending order; gaps are losses, not disorder. */
function inOrder(list: readonly DeliveryRecord[], sends: readonly SendRecord[]): BrokenInvariant[] {
  const plain = sends.filter((send) => send.channel === 'information');
  // With two instances of one UserID, what one of them sent cannot be told from what the other sent.
  if (new Set(plain.map((send) => send.subject)).size > 1) return [];
  const sentKeys = plain.map(contentKey);
  const blobs = new Set(sends.filter((send) => send.channel === 'blob' || send.apart).map(contentKey));
  for (const received of grouped(list, (each) => String(each.subject)).values()) {
    let next = 0;
    for (const delivery of received) {
      const key = contentKey(delivery);
      if (delivery.channel !== 'information' || blobs.has(key)) continue;
      const at = sentKeys.indexOf(key, next);
      if (at < 0) {
        // Unknown content is the other law's business.
        if (!sentKeys.includes(key)) continue;
        const actual = `${bytesLabel(delivery.info)} after ${bytesLabel(plain[next - 1]?.info ?? null)}`;
        const message = `information from ${delivery.source} to ${delivery.receiver} was delivered out of order`;
        return [{ clause: 'CUS-004', message, expected: 'the order in which it was sent', actual }];
      }
      next = at + 1;
    }
  }
  return [];
}

function acknowledgedDelivered(journal: Evidence): BrokenInvariant[] {
  if (journal.rawServer) return [];
  const gone = new Set(journal.subjects.filter((subject) => subject.gone).map((subject) => subject.name));
  for (const [, sends] of grouped(
    journal.sends.filter((send) => send.acknowledged),
    (each) => `${pairKey(each.source, each.target)} ${contentKey(each)}`,
  )) {
    const send = sends[0]!;
    if (journal.rawNames.has(send.target) || gone.has(nameOf(send.target))) continue;
    const delivered = journal.deliveries.filter(
      (each) =>
        pairKey(each.source, each.receiver) === pairKey(send.source, send.target) &&
        contentKey(each) === contentKey(send),
    );
    if (delivered.length >= sends.length) continue;
    const message = `information that ${send.target} acknowledged to ${send.source} was never delivered there`;
    const actual = `${bytesLabel(send.info)}: ${sends.length} acknowledged, ${delivered.length} delivered`;
    return [{ clause: 'ACK-001', message, expected: 'delivered', actual, settles: true }];
  }
  return [];
}

function nameOf(target: string): string {
  return target === SERVER_NAME ? 'server' : target;
}

// ---- the server: one connection a user, nothing before logon --------------------------------------------------------

function serverLaws(journal: Evidence): BrokenInvariant[] {
  const broken: BrokenInvariant[] = [];
  for (const events of grouped(journal.serverEvents, (each) => String(each.subject)).values()) {
    const bound = new Set<string>();
    const known = new Set<string>();
    for (const { event } of events) {
      if (event.kind === 'someOneConnected') {
        if (bound.has(event.userID)) broken.push(twoConnections(event.userID));
        bound.add(event.userID);
        known.add(event.userID);
      } else if (event.kind === 'someOneDisconnected') {
        if (!bound.delete(event.userID)) broken.push(strayDisconnect(event.userID));
      } else {
        const source = sourceOf(event);
        if (source !== undefined && !known.has(source)) broken.push(beforeLogon(event.kind, source));
      }
    }
  }
  return broken.slice(0, 1);
}

/** Whose message an event is about; undefined for events about nobody's, or the server's own. */
function sourceOf(event: ServerEvent): string | undefined {
  const source = 'source' in event ? event.source : 'sourceID' in event ? event.sourceID : undefined;
  return source === SERVER_NAME ? undefined : source;
}

function twoConnections(userID: string): BrokenInvariant {
  const message = `${userID} was bound to two connections at once`;
  const actual = 'SomeOneConnected twice with no SomeOneDisconnected between';
  return { clause: 'REL-001', message, expected: 'at most one connection per UserID', actual };
}

function strayDisconnect(userID: string): BrokenInvariant {
  const message = `SomeOneDisconnected was raised for ${userID}, who was not connected`;
  return { clause: 'RCN-009', message, expected: 'once per SomeOneConnected', actual: 'one more' };
}

function beforeLogon(kind: string, userID: string): BrokenInvariant {
  const message = `the server accepted something from ${userID} before a logon`;
  return { clause: 'SEC-004', message, expected: 'discarded, connection closed', actual: `${kind} was raised` };
}

// ---- the end: everything answered once, nothing left over -----------------------------------------------------------

function asksSettled(asks: readonly AskRecord[], journal: Evidence): BrokenInvariant[] {
  for (const ask of asks) {
    if (journal.subjects[ask.subject]?.gone === true) continue;
    const clause = ask.what === 'query' ? 'QRY-008' : 'ACK-005';
    const calls = ask.callbackCount;
    if (calls !== undefined && calls > 1) {
      return [
        {
          clause,
          message: `${ask.label}: its callback was called ${calls} times`,
          expected: 'once',
          actual: `${calls} calls`,
        },
      ];
    }
  }
  return [];
}

/** Asks still open after everything was closed; asked for separately, because while things run they may well be open. */
export function checkAllAnswered(journal: Evidence): readonly BrokenInvariant[] {
  for (const ask of journal.asks) {
    if (journal.subjects[ask.subject]?.gone === true) continue;
    const clause = ask.what === 'query' ? 'QRY-008' : 'ACK-005';
    const expected = 'an end: an answer, or an error at the latest when the engine closes';
    if (ask.settledCount === 0)
      return [{ clause, message: `${ask.label}: it never ended`, expected, actual: 'still waiting' }];
    if (ask.callbackCount === 0) {
      return [{ clause, message: `${ask.label}: its callback was never called`, expected: 'once', actual: 'no call' }];
    }
  }
  return [];
}

function leftOvers(journal: Evidence): BrokenInvariant[] {
  return journal.leftOvers.map((left) => ({
    clause: 'ENG-005',
    message: `${left.subject} still held ${left.count} ${left.resource}(s) after it was closed`,
    expected: 'none',
    actual: `${left.count} ${left.resource}(s)`,
  }));
}

// ---- small things ---------------------------------------------------------------------------------------------------

function grouped<T>(list: readonly T[], keyOf: (each: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const each of list) {
    const key = keyOf(each);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [each]);
    else group.push(each);
  }
  return groups;
}

function count(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
