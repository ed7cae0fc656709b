/** Collects what the rules find, within limits, as entries of the report. */
import { MESSAGE_BYTES_HIGHEST } from '../../spec/limits.ts';
import { annotations, formatAnnotations } from '../../impl/wire/index.ts';
import type { Place, Rule } from './judged.ts';
import type { Violation } from './report-model.ts';
import { isoTime } from './summaries.ts';
import { udpRules, type UdpPlace, type UdpRuleName } from './udp-rules.ts';

/** Entries kept; everything beyond is counted only. */
const LISTED_MAX = 1_000;
/** Entries that carry a hexdump. */
const DUMPED_MAX = 200;
/** Lines of one hexdump. */
const DUMP_LINES_MAX = 60;
/** Bytes shown of a datagram. */
const DATAGRAM_DUMP_BYTES_MAX = 64;

/**
 *
 */
export class Findings {
  readonly violations: Violation[] = [];
  readonly warnings: Violation[] = [];
  violationCount = 0;
  warningCount = 0;

  /** Takes one finding. `evidence` is the message, or its beginning; it may be reused after the call. */
  add(
    rule: Rule,
    sentence: string,
    place: Place,
    evidence: Uint8Array | undefined,
    connection: { readonly number: number; readonly userIdBytesMax: number },
  ): void {
    this.#list(
      rule,
      {
        clause: rule.clause,
        level: rule.level,
        rule: rule.name,
        message: sentence,
        connection: connection.number,
        packet: place.packet,
        time: isoTime(place.timeMicros),
        direction: place.isFromServer ? 'server to client' : 'client to server',
        offset: place.offset,
      },
      evidence,
      (bytes) => dumpOf(bytes, connection.userIdBytesMax, rule.on === 'end'),
    );
  }

  /** Takes one finding about a datagram. */
  addUdp(name: UdpRuleName, sentence: string, at: UdpPlace, datagram: Uint8Array): void {
    const rule = { clause: udpRules[name], level: 'MUST', name } as const;
    this.#list(rule, udpEntry(rule, sentence, at), datagram, plainDump);
  }

  /** Takes one finding about a message of a channel over reliable UDP. */
  addUdpMessage(
    rule: Rule,
    sentence: string,
    at: UdpPlace,
    evidence: Uint8Array | undefined,
    userIdBytesMax: number,
  ): void {
    this.#list(rule, udpEntry(rule, sentence, at), evidence, (bytes) => dumpOf(bytes, userIdBytesMax, false));
  }

  #list(
    { level }: Pick<Rule, 'level'>,
    entry: Violation,
    evidence: Uint8Array | undefined,
    dump: (bytes: Uint8Array) => string,
  ): void {
    const isViolation = level === 'MUST';
    const list = isViolation ? this.violations : this.warnings;
    if (isViolation) this.violationCount += 1;
    else this.warningCount += 1;
    if (list.length >= LISTED_MAX) return;
    const isDumped = evidence !== undefined && evidence.length > 0 && list.length < DUMPED_MAX;
    list.push(isDumped ? { ...entry, hexdump: dump(evidence) } : entry);
  }
}

function udpEntry(rule: Pick<Rule, 'clause' | 'level' | 'name'>, message: string, at: UdpPlace): Violation {
  return {
    clause: rule.clause,
    level: rule.level,
    rule: rule.name,
    message,
    connection: null,
    udpFlow: at.flow,
    packet: at.packet,
    time: isoTime(at.timeMicros),
    direction: `${at.from} to ${at.to}` as Violation['direction'],
    offset: 0,
  };
}

/** The first bytes of a datagram, 16 a line. */
function plainDump(bytes: Uint8Array): string {
  const shown = Buffer.from(bytes.subarray(0, DATAGRAM_DUMP_BYTES_MAX));
  const lines: string[] = [];
  for (let at = 0; at < shown.length; at += 16) {
    const hex = shown
      .toString('hex', at, at + 16)
      .replace(/../g, '$& ')
      .trimEnd();
    lines.push(`${at.toString(16).padStart(6, '0')}  ${hex}`);
  }
  if (bytes.length > shown.length) lines.push(`        ... ${bytes.length - shown.length} bytes more`);
  return lines.join('\n');
}

/**
 * The annotated bytes.
 * @param isExcerpt only the beginning of the message is still known, so what is missing at its end is no fault
 */
function dumpOf(bytes: Uint8Array, userIdBytesMax: number, isExcerpt: boolean): string {
  const all = annotations(bytes, { userIdBytesMax, messageBytesMax: MESSAGE_BYTES_HIGHEST });
  const shown = isExcerpt
    ? all
        .filter(({ depth }) => depth > 0)
        .map(({ offset, length, depth, label, value }) => ({ offset, length, depth, label, value }))
    : all;
  const lines = formatAnnotations(bytes, shown).trimEnd().split('\n');
  const hidden = lines.length - DUMP_LINES_MAX;
  return hidden <= 0
    ? lines.join('\n')
    : [...lines.slice(0, DUMP_LINES_MAX), `        ... ${hidden} lines more`].join('\n');
}
