/**
 * The worked examples in the chapters are real bytes: every `hex` block decodes, and encodes back to itself.
 *
 * A block that starts with the token is a whole message, any other one a body; both are checked for their exact length.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { codecs, encodeFrame, FrameDecoder } from '../../impl/wire/index.ts';
import { bodyOf, contractNames } from '../../spec/grammar/index.ts';
import { headerBytes, MESSAGE_BYTES_MAX_DEFAULT, SERVER_ID, START_TOKEN } from '../../spec/limits.ts';
import { USER_ID_BYTES_MAX_DEFAULT as N } from '../../spec/limits.ts';

type Example = {
  readonly place: string;
  readonly bytes: Uint8Array;
  /** What the text before the block says, when it ends with "N bytes:". */
  readonly sizeSaid: number | undefined;
};

const protocol = new URL('../../spec/protocol/', import.meta.url);

/** Leading two-digit words of each line are bytes, the rest of the line is a remark. */
function examplesOf(file: string): Example[] {
  const examples: Example[] = [];
  let bytes: number[] | undefined;
  let sizeSaid: number | undefined;
  readFileSync(new URL(file, protocol), 'utf8')
    .split('\n')
    .forEach((line, index) => {
      if (line === '```hex') bytes = [];
      else if (line === '```' && bytes !== undefined) {
        examples.push({ place: `${file}:${index + 1}`, bytes: Uint8Array.from(bytes), sizeSaid });
        bytes = undefined;
        sizeSaid = undefined;
      } else if (bytes === undefined) sizeSaid = saidIn(line) ?? (line === '' ? sizeSaid : undefined);
      else bytes.push(...(/^(?:[0-9a-f]{2}\s+)*[0-9a-f]{2}\b/.exec(line)?.[0] ?? '').split(/\s+/).map(hexNumber));
    });
  return examples;
}

function saidIn(line: string): number | undefined {
  const match = /(\d+) bytes:$/.exec(line);
  return match === null ? undefined : Number(match[1]);
}

function hexNumber(text: string): number {
  const value = Number.parseInt(text, 16);
  if (Number.isNaN(value)) throw new Error(`a line of a hex block does not start with bytes: "${text}"`);
  return value;
}

const examples = readdirSync(protocol)
  .filter((name) => name.endsWith('.md'))
  .flatMap(examplesOf);
const messages = examples.filter(({ bytes }) => bytes[0] === START_TOKEN);
const bodies = examples.filter(({ bytes }) => bytes[0] !== START_TOKEN);

/** Decodes one message with the codec its type and direction call for; gives the message encoded anew. */
function roundTrip(bytes: Uint8Array): Uint8Array {
  const decoder = new FrameDecoder({ userIdBytesMax: N, messageBytesMax: MESSAGE_BYTES_MAX_DEFAULT });
  const again: Uint8Array[] = [];
  const error = decoder.push(bytes, (frame) => {
    const { clientType, messageType, messageId } = frame;
    const sourceId = frame.sourceId();
    const body = bodyOf(messageType, sourceId === SERVER_ID);
    if (body === undefined) throw new Error(`type ${messageType} is unknown`);
    const header = { clientType, messageType, messageId, sourceId, destId: frame.destId() };
    if (frame.bodyLength === 0 && body !== null && !body.optional) throw new Error(`type ${messageType} needs a body`);
    let encoded: Uint8Array | null = null;
    if (frame.bodyLength > 0 && body !== null) {
      const codec = codecs[body.contract];
      const decoded = codec.decode(frame.body());
      if (!decoded.ok) throw new Error(JSON.stringify(decoded.error));
      encoded = codec.encode(decoded.value as never);
    }
    again.push(encodeFrame(header, encoded, N));
  });
  if (error !== undefined || decoder.bufferedBytes > 0 || again.length !== 1) {
    throw new Error(error?.detail ?? `${again.length} messages and ${decoder.bufferedBytes} bytes left over`);
  }
  return again[0]!;
}

test('there are examples to check', () => {
  expect(messages.length).toBeGreaterThan(15);
  expect(bodies.length).toBeGreaterThan(3);
});

test.each(messages)('message $place decodes and encodes back to itself', ({ bytes }) => {
  expect(bytes.length).toBeGreaterThanOrEqual(headerBytes(N));
  expect(roundTrip(bytes)).toEqual(bytes);
});

test.each(bodies)('body $place starts with its own length and is a contract', ({ bytes }) => {
  expect(new DataView(bytes.buffer).getInt32(0, true)).toBe(bytes.length);
  const fitting = contractNames.filter((name) => codecs[name].decode(bytes).ok);
  expect(fitting.length).toBeGreaterThan(0);
});

test.each(examples.filter(({ sizeSaid }) => sizeSaid !== undefined))(
  '$place has the $sizeSaid bytes the text says',
  (example) => {
    expect(example.bytes.length).toBe(example.sizeSaid);
  },
);

test('the texts say how long examples are', () => {
  expect(examples.filter(({ sizeSaid }) => sizeSaid !== undefined).length).toBeGreaterThan(12);
});

test('an example with a wrong byte is noticed', () => {
  const bytes = Uint8Array.from(messages.find((example) => example.bytes.length > headerBytes(N))!.bytes);
  bytes[headerBytes(N)]! += 1;
  expect(() => roundTrip(bytes)).toThrow();
  expect(() => roundTrip(bytes.subarray(0, 40))).toThrow();
});
