/**
 * A recorded run as one text that can stand in a page: JSON for the words, typed columns for the numbers, gzip, base64.
 *
 * Times are written as differences, which is most of what gzip needs to be good. `client/unpack.ts` reads it.
 */
import { gzipSync } from 'node:zlib';
import type { ViewAbout, ViewRun } from './run-data.ts';

type TypedArray = Float64Array | Int32Array | Uint8Array;

/** Where a column stands: name, type, offset behind the JSON, elements. */
export type ColumnPlace = readonly [name: string, type: 'f' | 'i' | 'u', offsetBytes: number, count: number];

/** The JSON at the beginning. */
export type PackedHead = Omit<ViewRun, 'hops' | 'notes' | 'payloads'> & {
  readonly about: ViewAbout;
  readonly columns: readonly ColumnPlace[];
};

/** Columns begin at multiples of it, so that they can be viewed where they are. */
const ALIGNMENT = 8;
const LENGTH_BYTES = 4;

/** Packs a run. */
export function packRun(run: ViewRun, about: ViewAbout): string {
  const { hops, notes, payloads, ...words } = run;
  const columns: [string, TypedArray][] = [
    ...Object.entries({ ...hops, sentMicros: differences(hops.sentMicros), endMicros: flights(run) }).map(
      ([name, column]): [string, TypedArray] => [`hops.${name}`, column],
    ),
    ...Object.entries({ ...notes, timeMicros: differences(notes.timeMicros) }).map(
      ([name, column]): [string, TypedArray] => [`notes.${name}`, column],
    ),
    ['payloads', payloads],
  ];
  const places: ColumnPlace[] = [];
  let at = 0;
  for (const [name, column] of columns) {
    places.push([
      name,
      column instanceof Float64Array ? 'f' : column instanceof Int32Array ? 'i' : 'u',
      at,
      column.length,
    ]);
    at = aligned(at + column.byteLength);
  }
  const head: PackedHead = { ...words, about, columns: places };
  const json = Buffer.from(JSON.stringify(head), 'utf8');
  const begin = aligned(LENGTH_BYTES + json.length);
  const bytes = Buffer.alloc(begin + at);
  bytes.writeUInt32LE(json.length, 0);
  json.copy(bytes, LENGTH_BYTES);
  for (const [index, [, column]] of columns.entries()) {
    Buffer.from(column.buffer, column.byteOffset, column.byteLength).copy(bytes, begin + places[index]![2]);
  }
  return gzipSync(bytes, { level: 9 }).toString('base64');
}

function aligned(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}

function differences(times: Float64Array): Float64Array {
  return times.map((time, index) => (index === 0 ? time : time - times[index - 1]!));
}

/** How long each hop took; -1 while on the way. */
function flights({ hops }: ViewRun): Float64Array {
  return hops.endMicros.map((end, hop) => (end < 0 ? -1 : end - hops.sentMicros[hop]!));
}
