/// <reference lib="dom" />
/** Reads what `../pack.ts` has packed. */
import type { PackedHead } from '../pack.ts';
import type { ViewHops, ViewNotes } from '../run-data.ts';
import type { Kit, ShownRun } from './kit.ts';

/** The run in the element `data`. */
export async function unpack(kit: Kit, text: string): Promise<ShownRun> {
  const binary = atob(text.trim());
  const packed = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index += 1) packed[index] = binary.charCodeAt(index);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  const buffer = await new Response(stream).arrayBuffer();
  const length = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length))) as PackedHead;
  const begin = Math.ceil((4 + length) / 8) * 8;
  const columns: Record<string, Float64Array | Int32Array | Uint8Array> = {};
  for (const [name, type, offset, count] of head.columns) {
    const make = type === 'f' ? Float64Array : type === 'i' ? Int32Array : Uint8Array;
    columns[name] = new make(buffer, begin + offset, count);
  }
  const of = (group: string): unknown =>
    Object.fromEntries(
      Object.entries(columns)
        .filter(([name]) => name.startsWith(`${group}.`))
        .map(([name, column]) => [name.slice(group.length + 1), column]),
    );
  const hops = of('hops') as ViewHops;
  const notes = of('notes') as ViewNotes;
  kit.sumUp(hops.sentMicros);
  kit.sumUp(notes.timeMicros);
  for (let hop = 0; hop < hops.endMicros.length; hop += 1) {
    if (hops.endMicros[hop]! >= 0) hops.endMicros[hop]! += hops.sentMicros[hop]!;
  }
  return { ...head, hops, notes, payloads: columns.payloads as Uint8Array };
}

/** Differences to times, in place. */
export function sumUp(_kit: Kit, column: Float64Array): void {
  for (let index = 1; index < column.length; index += 1) column[index]! += column[index - 1]!;
}
