/**
 * Writes the event log: one JSON object a line. Reading it back is reports/read-log.ts.
 *
 * Every line goes to the file with a synchronous write before the call returns, so what was written survives the death
 * of the process, kill -9 included.
 */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { RunEvent } from '../../reports/model.ts';

export type LogWriter = {
  write(event: RunEvent): void;
  /** Idempotent; later lines are dropped. */
  close(): void;
};

/** Starts a new log; an old one at the same path is replaced, its folder made when missing. */
export function openLog(path: string): LogWriter {
  mkdirSync(dirname(path), { recursive: true });
  let file: number | undefined = openSync(path, 'w');
  return {
    write(event) {
      if (file === undefined) return;
      const line = Buffer.from(`${JSON.stringify(event)}\n`, 'utf8');
      for (let done = 0; done < line.length;) done += writeSync(file, line, done);
    },
    close() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}
