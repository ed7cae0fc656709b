/**
 * Datagrams of reliable UDP, written and read by the table of the specification alone; shares no code with the engine.
 *
 * Reading is for people and checks: it takes what the table allows and says `undefined` for the rest.
 */
import { rudpDatagrams } from '../../spec/grammar/rudp-datagrams.ts';
import type { RudpDatagramLayout, RudpField } from '../../spec/grammar/rudp-datagrams.ts';

export type RudpDatagramName = (typeof rudpDatagrams)[number]['name'];

export type RudpReading = {
  readonly name: RudpDatagramName;
  /** Numbers of up to 48 bits by field name. */
  readonly numbers: Readonly<Record<string, number>>;
  readonly token: bigint | undefined;
  readonly chunk: Uint8Array;
  /** Values of repeated fields, in order. */
  readonly repeated: readonly number[];
};

/** Reads a datagram; undefined when no line of the table fits it. */
export function readRudp(bytes: Uint8Array): RudpReading | undefined {
  const layout: RudpDatagramLayout | undefined = rudpDatagrams.find(({ kind }) => kind === bytes[0]);
  if (layout === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const numbers: Record<string, number> = {};
  const repeated: number[] = [];
  let token: bigint | undefined;
  let chunk = new Uint8Array(0);
  let at = 1;
  for (const field of layout.fields) {
    if (field.repeated === true) continue;
    if (field.type === 'bytes') {
      chunk = bytes.slice(at);
      at = bytes.length;
      continue;
    }
    if (at + field.sizeBytes > bytes.length) return undefined;
    if (field.type === 'uint64') token = view.getBigUint64(at, true);
    else numbers[field.name] = readNumber(view, at, field.sizeBytes);
    at += field.sizeBytes;
  }
  const group = layout.fields.filter((field: RudpField) => field.repeated);
  while (group.length > 0 && at < bytes.length) {
    for (const field of group) {
      if (at + field.sizeBytes > bytes.length) return undefined;
      repeated.push(readNumber(view, at, field.sizeBytes));
      at += field.sizeBytes;
    }
  }
  if (at !== bytes.length) return undefined;
  return { name: layout.name as RudpDatagramName, numbers, token, chunk, repeated };
}

/** Writes a datagram; a field that is not given is 0. */
export function writeRudp(
  name: RudpDatagramName,
  values: Readonly<Record<string, number | bigint | Uint8Array>>,
  repeated: readonly number[] = [],
): Uint8Array {
  const layout: RudpDatagramLayout = rudpDatagrams.find((each) => each.name === name)!;
  const bytes: number[] = [layout.kind];
  const put = (value: bigint, size: number): void => {
    for (let index = 0; index < size; index++) bytes.push(Number((value >> BigInt(8 * index)) & 0xffn));
  };
  for (const field of layout.fields) {
    if (field.repeated === true) continue;
    const value = values[field.name] ?? 0;
    if (value instanceof Uint8Array) bytes.push(...value);
    else put(BigInt(value), field.sizeBytes);
  }
  for (const value of repeated) put(BigInt(value), 2);
  return Uint8Array.from(bytes);
}

function readNumber(view: DataView, at: number, sizeBytes: number): number {
  let value = 0;
  for (let index = sizeBytes - 1; index >= 0; index--) value = value * 256 + view.getUint8(at + index);
  return value;
}

/** All datagrams of a name among those that left or came, in order. */
export function rudpOf(datagrams: readonly Uint8Array[], name: RudpDatagramName): readonly RudpReading[] {
  return datagrams.flatMap((bytes) => {
    const reading = readRudp(bytes);
    return reading?.name === name ? [reading] : [];
  });
}
