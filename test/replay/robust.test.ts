/** Whatever bytes a capture holds, replaying it ends with a report: no exception, and counts that add up. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Random } from '../../scenarios/fuzz/random.ts';
import { readSlices } from '../../scenarios/replay/pcap-reader.ts';
import { renderText } from '../../scenarios/replay/render-text.ts';
import { Replay } from '../../scenarios/replay/replay.ts';
import type { ReplayReport } from '../../scenarios/replay/report-model.ts';

const file = (name: string): Buffer => readFileSync(fileURLToPath(new URL(`../captures/${name}`, import.meta.url)));

async function* slicesOf(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 4_000) yield await Promise.resolve(bytes.subarray(at, at + 4_000));
}

async function replayed(bytes: Buffer): Promise<ReplayReport> {
  const replay = new Replay({});
  return replay.report('x', await readSlices(slicesOf(bytes), bytes.length, replay));
}

describe('a capture with damage at random', { timeout: 120_000 }, () => {
  for (const name of ['pushed-out.pcap', 'kicked-out.pcap', 'heartbeats.pcap', 'no-logon.pcap', 'everyday.pcap']) {
    it(`${name} always gives a report`, async () => {
      const whole = file(name);
      const random = new Random(name.length);
      let withViolations = 0;
      for (let run = 0; run < 120; run += 1) {
        const bytes = Buffer.from(whole);
        for (let left = random.pick([1, 1, 2, 10, 100]); left > 0; left -= 1) {
          // Beyond the file header, most of the time: otherwise nothing would be read at all.
          const at = random.below(50) === 0 ? random.below(24) : random.between(24, bytes.length - 1);
          bytes[at] = random.pick([0, 0xff, 1, random.below(256)]);
        }
        const report = await replayed(bytes);
        expect(renderText(report, { isQuiet: false }).length).toBeGreaterThan(0);
        const { totals } = report;
        expect(totals.undecodedBytes).toBeLessThanOrEqual(totals.bytes);
        expect(totals.violationCount).toBeGreaterThanOrEqual(totals.violations.length);
        if (totals.violationCount > 0) withViolations += 1;
      }
      // Damage to a conversation is noticed often, or the judge would be asleep.
      expect(withViolations).toBeGreaterThan(10);
    });
  }
});
