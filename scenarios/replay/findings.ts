/** Collects what the rules find, within limits, as entries of the report. */
import { annotatedHex } from './annotated-hex.ts';
import type { Place, Rule } from './judged.ts';
import type { Violation } from './report-model.ts';
import { isoTime } from './summaries.ts';

/** Entries kept; everything beyond is counted only. */
const LISTED_MAX = 1_000;
/** Entries that carry a hexdump. */
const DUMPED_MAX = 200;

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
    const { isFromServer } = place;
    const { userIdBytesMax } = connection;
    list.push({
      clause: rule.clause,
      level: rule.level,
      rule: rule.name,
      message: sentence,
      connection: connection.number,
      packet: place.packet,
      time: isoTime(place.timeMicros),
      direction: isFromServer ? 'server to client' : 'client to server',
      offset: place.offset,
      ...(isDumped ? { hexdump: annotatedHex(evidence, { userIdBytesMax, isFromServer }) } : {}),
    });
  }
}
