/**
 * The frame decoder alone: messages per second out of ready-made chunks, without any socket.
 *
 * Chunks are cut without regard to messages, as a socket cuts them; every message is counted and its header read.
 */
import { encodeFrame, FrameDecoder } from '../../impl/wire/index.ts';
import type { FrameView } from '../../impl/wire/index.ts';
import { interleave } from './model.ts';
import type { BenchRow } from './model.ts';

const CHUNK_BYTES = 65_536;
const limits = { userIdBytesMax: 11, messageBytesMax: 1_048_576 };

type Stream = {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly messages: number;
  readonly chunkBytes: number;
  readonly target: number | null;
};

/** A stream of about 16 MB of messages made by `message`. */
function stream(
  name: string,
  message: (index: number) => Uint8Array,
  chunkBytes = CHUNK_BYTES,
  target: number | null = null,
): Stream {
  const parts: Uint8Array[] = [];
  let size = 0;
  for (let index = 0; size < 16_000_000; index++) {
    const bytes = message(index);
    parts.push(bytes);
    size += bytes.length;
  }
  return { name, bytes: Uint8Array.from(Buffer.concat(parts)), messages: parts.length, chunkBytes, target };
}

/** Messages per second of one pass over the stream. */
function pass({ name, bytes, messages, chunkBytes }: Stream): number {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) chunks.push(bytes.subarray(at, at + chunkBytes));
  const decoder = new FrameDecoder(limits);
  let seen = 0;
  let ids = 0;
  const sink = (frame: FrameView): void => {
    seen += 1;
    ids += frame.messageId & 1;
  };
  const start = process.hrtime.bigint();
  for (const chunk of chunks) decoder.push(chunk, sink);
  const nanos = Number(process.hrtime.bigint() - start);
  if (seen !== messages || ids === 0) throw new Error(`${name}: ${seen} of ${messages} messages came out`);
  return (messages * 1e9) / nanos;
}

const header = (messageId: number, sourceId: string): Parameters<typeof encodeFrame>[0] => ({
  clientType: 0,
  messageType: 3,
  messageId,
  sourceId,
  destId: '_0',
});

/** One row per kind of stream; the first has the target. */
export async function frameBench(): Promise<BenchRow[]> {
  const body = new Uint8Array(1000);
  const streams = [
    stream('36 bytes, chunks of 64 KiB', (k) => encodeFrame(header(k, 'aa01'), null, 11), CHUNK_BYTES, 4e6),
    stream('36 bytes, another sender each', (k) => encodeFrame(header(k, `user${k % 1000}`), null, 11)),
    stream('36 bytes, chunks of 100 bytes', (k) => encodeFrame(header(k, 'aa01'), null, 11), 100),
    stream('1036 bytes, chunks of 64 KiB', (k) => encodeFrame(header(k, 'aa01'), body, 11)),
    stream('1036 bytes, chunks of 1448 bytes', (k) => encodeFrame(header(k, 'aa01'), body, 11), 1448),
  ];
  const medians = await interleave(streams.map((each) => () => pass(each)));
  return streams.map(({ name, target }, index) => ({
    name: `frame decoder, ${name}`,
    ours: medians[index]!,
    peer: null,
    peerName: '',
    unit: 'messages/s',
    ratio: null,
    target,
  }));
}
