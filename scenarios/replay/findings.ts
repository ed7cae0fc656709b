/** Collects what the rules find, within limits, as entries of the report. */
import { MESSAGE_BYTES_HIGHEST } from '../../spec/limits.ts';
import { annotations, formatAnnotations } from '../../impl/wire/index.ts';
import type { Place, Rule } from './judged.ts';
import type { Violation } from './report-model.ts';
import { isoTime } from './summaries.ts';

/** Entries kept; everything beyond is counted only. */
const LISTED_MAX = 1_000;
/** Entries that carry a hexdump. */
const DUMPED_MAX = 200;
/** Lines of one hexdump. */
const DUMP_LINES_MAX = 60;

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
    const isViolation = rule.level === 'MUST';
    const list = isViolation ? this.violations : this.warnings;
    if (isViolation) this.violationCount += 1;
    else this.warningCount += 1;
    if (list.length >= LISTED_MAX) return;
    const isDumped = evidence !== undefined && evidence.length > 0 && list.length < DUMPED_MAX;
    list.push({
      clause: rule.clause,
      level: rule.level,
      rule: rule.name,
      message: sentence,
      connection: connection.number,
      packet: place.packet,
      time: isoTime(place.timeMicros),
      direction: place.isFromServer ? 'server to client' : 'client to server',
      offset: place.offset,
      ...(isDumped ? { hexdump: dumpOf(evidence, connection.userIdBytesMax, rule.on === 'end') } : {}),
    });
  }
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
