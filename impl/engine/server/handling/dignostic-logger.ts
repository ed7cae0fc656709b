/** Writes what a diagnostics viewer shows into a file, again and again (HDL-028). The name is the manual's. */
import type { Platform, Timer } from '../../../../spec/platform.ts';
import { describeValue, encodeUtf8, LocalProtocolError } from '../../../wire/index.ts';
import type { DiagnosticsViewer } from '../../api-handling.ts';
import { checkSecs } from '../../arguments.ts';
import { describeError } from '../../event.ts';
import { secsToMicros } from '../../settings.ts';

/** Characters of records that the file keeps; older ones leave it. Ours: a log that nobody reads must not fill a disk. */
const LOG_CHARS_MAX = 1_048_576;

/** Runs from its making to `close`. */
export class DignosticLogger {
  readonly #platform: Platform;
  readonly #viewer: DiagnosticsViewer;
  readonly #path: string;
  readonly #spanMicros: number;
  readonly #records: string[] = [];
  #chars = 0;
  #timer: Timer | undefined;

  /**
   * @param viewer - The server's `advanced.diagnosticsViewer`.
   * @param logFilePath - In the platform's file store.
   * @param logSpanInSecs - Between two records, above 0; the first is written after one span.
   * @throws LocalProtocolError `E_ARGUMENT`
   */
  constructor(platform: Platform, viewer: DiagnosticsViewer, logFilePath: string, logSpanInSecs: number) {
    checkSecs('logSpanInSecs', logSpanInSecs);
    if (logSpanInSecs <= 0 || typeof logFilePath !== 'string' || logFilePath === '') {
      const got = `${describeValue(logFilePath)} and ${describeValue(logSpanInSecs)}`;
      throw new LocalProtocolError(
        'E_ARGUMENT',
        'HDL-028',
        `a DignosticLogger needs a path and a span above 0 s; got ${got}`,
      );
    }
    this.#platform = platform;
    this.#viewer = viewer;
    this.#path = logFilePath;
    this.#spanMicros = secsToMicros(logSpanInSecs);
    this.#schedule();
  }

  /** Writes no more; the file stays. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #schedule(): void {
    this.#timer = this.#platform.setTimer(this.#spanMicros, () => {
      this.#schedule();
      this.#write();
    });
  }

  #write(): void {
    const record = describe(this.#viewer, this.#platform.wallMillis());
    this.#records.push(record);
    this.#chars += record.length;
    while (this.#chars > LOG_CHARS_MAX && this.#records.length > 1) this.#chars -= this.#records.shift()!.length;
    try {
      this.#platform.store.write(this.#path, encodeUtf8(this.#records.join('')) ?? new Uint8Array(0));
    } catch (error) {
      this.#platform.log('error', `the diagnostics log ${this.#path} cannot be written: ${describeError(error)}`);
    }
  }
}

/** One record as text: time, threads, a line for each kind, a line for each item that has not finished. */
function describe(viewer: DiagnosticsViewer, nowMillis: number): string {
  const threads = viewer.getThreadPoolInfo();
  const lines = [
    `at ${nowMillis} ms: worker ${threads.availableWorkThreadCount} of ${threads.maxWorkThreadCount} free, ` +
      `iocp ${threads.availableIocpThreadCount} of ${threads.maxIocpThreadCount} free`,
  ];
  for (const each of viewer.getCustomizeInfoStatistics()) {
    const times = each.lastRecords.map(({ timeSpent }) => timeSpent).join(' ');
    lines.push(
      `  type ${each.informationType} style ${each.informationStyle}: ` +
        `${each.callCount} received, ${each.exceptionCount} exceptions, last ${times} ms`,
    );
  }
  for (const { id, informationStyle, informationType, startTime } of viewer.getUncommittedCustomizeInfos()) {
    lines.push(
      `  uncommitted ${id}: type ${informationType} style ${informationStyle} for ${nowMillis - startTime} ms`,
    );
  }
  return `${lines.join('\n')}\n`;
}
