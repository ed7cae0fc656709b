/**
 * The body codec against msgpackr and protobufjs: one object of six fields, 1024 different ones, encode and decode.
 *
 * Every contestant encodes the same objects to bytes it owns or leaves alone, and decodes all fields. Sizes are a row of their
 * own: our int32 length prefixes are fixed by the protocol and cost bytes.
 */
import { Packr } from 'msgpackr';
import protobuf from 'protobufjs';
import { defineContract } from '../../impl/wire/index.ts';
import { interleave } from './model.ts';
import type { BenchRow } from './model.ts';

type Six = { name: string; text: string; x: number; y: number; ts: number | bigint; blob: Uint8Array };

/** A codec under test; `sum` keeps results alive and lets a wrong decode show. */
type Contestant = { readonly name: string; encode(value: Six): Uint8Array; decode(bytes: Uint8Array): Six };

const OBJECTS = 1024;
/** Passes over all objects in one timed round; about a tenth of a second. */
const PASSES = 200;

const six = defineContract({ name: 'string', text: 'string', x: 'int32', y: 'int32', ts: 'int64', blob: 'bytes' });

const ours: Contestant = {
  name: 'ours',
  encode: (value) => six.encode(value),
  decode: (bytes) => {
    const result = six.decode(bytes);
    if (!result.ok) throw new Error(result.error.detail);
    return result.value as Six;
  },
};

function msgpack(name: string, useRecords: boolean): Contestant {
  const packr = useRecords ? new Packr({ structures: [], useRecords: true }) : new Packr({ useRecords: false });
  return { name, encode: (value) => packr.pack(value), decode: (bytes) => packr.unpack(bytes) as Six };
}

function protobufjs(): Contestant {
  const source = `syntax = "proto3"; message Six { string name = 1; string text = 2; int32 x = 3; int32 y = 4; int64 ts = 5; bytes blob = 6; }`;
  const type = protobuf.parse(source).root.lookupType('Six');
  return {
    name: 'protobufjs',
    encode: (value) => type.encode(value).finish(),
    decode: (bytes) => type.decode(bytes) as unknown as Six,
  };
}

function objectsOf(text: (index: number) => string, ts: (index: number) => number | bigint): Six[] {
  return Array.from({ length: OBJECTS }, (_, i) => ({
    name: `user-${i}`,
    text: text(i),
    x: i * 77,
    y: (-i * 1_234_567) | 0,
    ts: ts(i),
    blob: Uint8Array.from({ length: 16 }, (_unused, k) => (i * 31 + k * 7) & 255),
  }));
}

let sink = 0;

/** Objects per second of one encoding round. */
function encodeRound(contestant: Contestant, objects: readonly Six[]): () => number {
  return () => {
    const start = process.hrtime.bigint();
    for (let pass = 0; pass < PASSES; pass++) for (const object of objects) sink += contestant.encode(object).length;
    return (PASSES * objects.length * 1e9) / Number(process.hrtime.bigint() - start);
  };
}

/** Objects per second of one decoding round. */
function decodeRound(contestant: Contestant, encoded: readonly Uint8Array[]): () => number {
  return () => {
    const start = process.hrtime.bigint();
    for (let pass = 0; pass < PASSES; pass++) for (const bytes of encoded) sink += contestant.decode(bytes).x;
    return (PASSES * encoded.length * 1e9) / Number(process.hrtime.bigint() - start);
  };
}

/** Bytes of all objects as a contestant's own buffers (msgpackr and protobufjs like Node's Buffer best). */
function encodeAll(contestant: Contestant, objects: readonly Six[]): Uint8Array[] {
  return objects.map((object) => {
    const bytes = contestant.encode(object);
    return contestant === ours ? bytes.slice() : Buffer.from(bytes);
  });
}

/** A contestant that does not give the values back has nothing to be timed for. */
function mustAgree(contestant: Contestant, objects: readonly Six[], encoded: readonly Uint8Array[]): void {
  objects.forEach((object, index) => {
    const back = contestant.decode(encoded[index]!);
    const same =
      back.name === object.name && back.text === object.text && back.x === object.x && back.y === object.y &&
      String(back.ts) === String(object.ts) && Buffer.compare(back.blob, object.blob) === 0; // prettier-ignore
    if (!same) throw new Error(`${contestant.name} does not give object ${index} back`);
  });
}

type Case = {
  readonly label: string;
  readonly peer: Contestant;
  readonly objects: readonly Six[];
  readonly targets: [number | null, number | null];
};

async function rowsOf({ label, peer, objects, targets }: Case): Promise<BenchRow[]> {
  const mine = encodeAll(ours, objects);
  const theirs = encodeAll(peer, objects);
  mustAgree(ours, objects, mine);
  mustAgree(peer, objects, theirs);
  const bytes = (list: readonly Uint8Array[]): number => list.reduce((sum, each) => sum + each.length, 0) / list.length;
  const sizes = `${bytes(mine).toFixed(1)} bytes, ${peer.name} ${bytes(theirs).toFixed(1)}`;
  const [encodeOurs = 0, encodePeer = 0] = await interleave([encodeRound(ours, objects), encodeRound(peer, objects)]);
  const [decodeOurs = 0, decodePeer = 0] = await interleave([decodeRound(ours, mine), decodeRound(peer, theirs)]);
  const row = (what: string, a: number, b: number, target: number | null): BenchRow => ({
    name: `codec ${what}, ${label}`,
    ours: a,
    peer: b,
    peerName: peer.name,
    unit: 'objects/s',
    ratio: a / b,
    target,
    detail: sizes,
  });
  return [row('encode', encodeOurs, encodePeer, targets[0]), row('decode', decodeOurs, decodePeer, targets[1])];
}

/** Encode and decode rows against each peer; the first pair has the targets. */
export async function codecBench(): Promise<BenchRow[]> {
  const ascii = objectsOf((i) => `message number ${i} text`, (i) => 1_700_000_000_000 + i * 1001); // prettier-ignore
  const chinese = objectsOf((i) => `第${i}条消息`, (i) => 1_700_000_000_000 + i * 1001); // prettier-ignore
  const big = objectsOf((i) => `message number ${i} text`, (i) => 2n ** 60n + BigInt(i)); // prettier-ignore
  const long = objectsOf((i) => `line ${i}: ${'lorem ipsum dolor sit amet '.repeat(40)}`, (i) => i); // prettier-ignore
  const shared = (): Contestant => msgpack('msgpackr (shared structures)', true);
  const cases: Case[] = [
    { label: 'six fields', peer: shared(), objects: ascii, targets: [1.5, 1] },
    {
      label: 'six fields, without structures',
      peer: msgpack('msgpackr (maps)', false),
      objects: ascii,
      targets: [null, null],
    },
    { label: 'six fields, protobuf', peer: protobufjs(), objects: ascii, targets: [null, null] },
    { label: 'int64 as bigint', peer: shared(), objects: big, targets: [null, null] },
    { label: 'Chinese text', peer: shared(), objects: chinese, targets: [null, null] },
    { label: 'text of 1 KB', peer: shared(), objects: long, targets: [null, null] },
  ];
  const rows: BenchRow[] = [];
  for (const each of cases) rows.push(...(await rowsOf(each)));
  if (sink === 0) throw new Error('nothing was encoded');
  return rows;
}
