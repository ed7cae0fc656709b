/** What the handling suite cannot see: the log that a DignosticLogger writes (HDL-028). */
import { expect, test } from 'vitest';
import { DignosticLogger } from '../../impl/index.ts';
import type { DiagnosticsViewer } from '../../impl/index.ts';
import type { Platform } from '../../spec/platform.ts';

/** A platform of which only clock, timers and store are used; time moves by `pass`. */
function aClock(): { platform: Platform; pass(micros: number): void; file(path: string): string; timers(): number } {
  const files = new Map<string, Uint8Array>();
  const due: { atMicros: number; run: () => void }[] = [];
  let nowMicros = 0;
  const platform = {
    wallMillis: () => nowMicros / 1000,
    setTimer(delayMicros: number, run: () => void) {
      const timer = { atMicros: nowMicros + delayMicros, run };
      due.push(timer);
      return { cancel: () => void due.splice(due.indexOf(timer), 1) };
    },
    store: { write: (path: string, bytes: Uint8Array) => void files.set(path, bytes) },
    log: () => undefined,
  } as unknown as Platform;
  return {
    platform,
    pass(micros) {
      const endMicros = nowMicros + micros;
      for (;;) {
        const next = due.sort((a, b) => a.atMicros - b.atMicros)[0];
        if (next === undefined || next.atMicros > endMicros) break;
        due.shift();
        nowMicros = next.atMicros;
        next.run();
      }
      nowMicros = endMicros;
    },
    file: (path) => Buffer.from(files.get(path) ?? []).toString('utf8'),
    timers: () => due.length,
  };
}

const viewer: DiagnosticsViewer = {
  getCustomizeInfoStatistics: () => [
    {
      informationType: 101,
      informationStyle: 0,
      callCount: 7,
      exceptionCount: 2,
      lastRecords: [{ id: 1, informationType: 101, informationStyle: 0, startTime: 5, timeSpent: 12 }],
    },
  ],
  getUncommittedCustomizeInfos: () => [
    { id: 9, informationType: 103, informationStyle: 1, startTime: 1000, timeSpent: 0 },
  ],
  getThreadPoolInfo: () => ({
    maxWorkThreadCount: 20,
    availableWorkThreadCount: 18,
    maxIocpThreadCount: 4,
    availableIocpThreadCount: 3,
  }),
};

test('HDL-028: one record each span, with threads, statistics and what is under way, until it is closed', () => {
  const clock = aClock();
  const logger = new DignosticLogger(clock.platform, viewer, 'diagnostics.log', 10);
  clock.pass(9_999_999);
  expect(clock.file('diagnostics.log')).toBe('');
  clock.pass(1);
  expect(clock.file('diagnostics.log').split('\n')).toEqual([
    'at 10000 ms: worker 18 of 20 free, iocp 3 of 4 free',
    '  type 101 style 0: 7 received, 2 exceptions, last 12 ms',
    '  uncommitted 9: type 103 style 1 for 9000 ms',
    '',
  ]);
  clock.pass(20_000_000);
  expect(clock.file('diagnostics.log').match(/^at \d+ ms/gm)).toEqual(['at 10000 ms', 'at 20000 ms', 'at 30000 ms']);
  logger.close();
  expect(clock.timers()).toBe(0);
});

test('HDL-028: the file keeps the latest records only', () => {
  const clock = aClock();
  const kind = viewer.getCustomizeInfoStatistics()[0]!;
  const many = { ...viewer, getCustomizeInfoStatistics: () => Array.from({ length: 1000 }, () => kind) };
  const logger = new DignosticLogger(clock.platform, many, 'x', 1);
  clock.pass(60 * 1_000_000);
  const text = clock.file('x');
  expect(text.length).toBeLessThanOrEqual(1_048_576);
  expect(text.length).toBeGreaterThan(900_000);
  expect(text).toContain('at 60000 ms');
  expect(text).not.toContain('at 1000 ms');
  logger.close();
});

test.each([0, -1, NaN])('HDL-028: a span of %d s is refused', (secs) => {
  expect(() => new DignosticLogger(aClock().platform, viewer, 'x', secs)).toThrow(
    expect.objectContaining({ code: 'E_ARGUMENT' }) as Error,
  );
});
