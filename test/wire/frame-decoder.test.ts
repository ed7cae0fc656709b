/** The frame decoder's contract with its caller: the view, stopping, errors that stay. */
import { describe, expect, test } from 'vitest';
import { encodeFrame, encodeUtf8, FrameDecoder } from '../../impl/wire/index.ts';
import type { FrameView } from '../../impl/wire/index.ts';

const limits = { userIdBytesMax: 11, messageBytesMax: 1000 };
const frame = (messageId: number, sourceId = 'aa01', destId = '', body: Uint8Array | null = null): Uint8Array =>
  encodeFrame({ clientType: 5, messageType: 300, messageId, sourceId, destId }, body, 11).slice();
const join = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

describe('the view', () => {
  test('shows header, ids, body and the whole message', () => {
    const body = Uint8Array.of(1, 2, 3);
    const bytes = frame(77, 'aa01', 'bb02', body);
    let calls = 0;
    new FrameDecoder(limits).push(bytes, (view) => {
      calls += 1;
      expect(view).toMatchObject({ clientType: 5, messageType: 300, messageId: 77, bodyLength: 3 });
      expect([view.sourceId(), view.destId()]).toEqual(['aa01', 'bb02']);
      expect(view.body()).toEqual(body);
      expect(view.bytes()).toEqual(bytes);
      expect(view.body().buffer).toBe(bytes.buffer); // In place, no copy.
      expect(view.sourceEquals(encodeUtf8('aa01')!)).toBe(true);
      expect(view.sourceEquals(encodeUtf8('aa0')!)).toBe(false);
      expect(view.sourceEquals(encodeUtf8('aa011')!)).toBe(false);
      expect(view.sourceEquals(encodeUtf8('ab01')!)).toBe(false);
      expect(view.destEquals(encodeUtf8('bb02')!)).toBe(true);
      expect([view.destIsServer(), view.sourceIsServer()]).toEqual([false, false]);
    });
    expect(calls).toBe(1);
  });

  test('knows the server by name and by the empty id', () => {
    const seen: boolean[] = [];
    const all = join(frame(1, 'aa01', ''), frame(2, 'aa01', '_0'), frame(3, '_0', 'aa01'), frame(4, 'aa01', '_1'));
    new FrameDecoder(limits).push(all, (view) => void seen.push(view.destIsServer(), view.sourceIsServer()));
    expect(seen).toEqual([true, false, true, false, false, true, false, false]);
  });

  test('follows ids that change from message to message, to shorter, longer and back', () => {
    const ids = ['aa01', 'aa', 'aa011', '', 'aa01', 'ab01', 'abcdefghijk', 'a', '张三'];
    const seen: string[] = [];
    const all = join(...ids.map((id, k) => frame(k, id, ids[(k + 1) % ids.length])));
    new FrameDecoder(limits).push(all, (view) => void seen.push(view.sourceId(), view.destId()));
    expect(seen).toEqual(ids.flatMap((id, k) => [id, ids[(k + 1) % ids.length]]));
  });

  test('an id is right although an incomplete message with another one was looked at before', () => {
    const decoder = new FrameDecoder(limits);
    const second = frame(2, 'other', '', Uint8Array.of(9, 9));
    const seen: string[] = [];
    const sink = (view: FrameView): void => void seen.push(view.sourceId());
    decoder.push(join(frame(1), second.subarray(0, 37)), sink);
    decoder.push(second.subarray(37), sink);
    decoder.push(frame(3), sink);
    expect(seen).toEqual(['aa01', 'other', 'aa01']);
  });
});

describe('stopping', () => {
  test('a sink that returns false sees nothing more, ever', () => {
    for (const chunkBytes of [1000, 1, 20]) {
      const decoder = new FrameDecoder(limits);
      const ids: number[] = [];
      const all = join(frame(1), frame(2), frame(3), frame(4));
      for (let at = 0; at < all.length; at += chunkBytes) {
        const result = decoder.push(all.subarray(at, at + chunkBytes), (view) => {
          ids.push(view.messageId);
          return view.messageId < 2;
        });
        expect(result).toBeUndefined();
      }
      expect(ids).toEqual([1, 2]);
      expect(decoder.end()).toBeUndefined();
    }
  });

  test('a sink that throws ends the decoder; the throw passes through', () => {
    const decoder = new FrameDecoder(limits);
    const all = join(frame(1), frame(2));
    expect(() => decoder.push(all, () => { throw new Error('mine'); })).toThrow('mine'); // prettier-ignore
    let calls = 0;
    expect(
      decoder.push(frame(3), () => {
        calls += 1;
      }),
    ).toBeUndefined();
    expect(calls).toBe(0);
  });

  test('SEC-003 an error is final and is given again', () => {
    const decoder = new FrameDecoder(limits);
    const ids: number[] = [];
    const sink = (view: FrameView): void => void ids.push(view.messageId);
    const error = decoder.push(join(frame(1), Uint8Array.of(0x11), frame(2)), sink);
    expect(error).toMatchObject({ kind: 'InvalidToken', value: 3, clause: 'FRM-004', streamOffset: 36 });
    expect(decoder.push(frame(3), sink)).toBe(error);
    expect(decoder.end()).toBe(error);
    expect(ids).toEqual([1]);
    expect(decoder.bufferedBytes).toBe(0);
  });

  test('FRM-020 token and client type are judged at the first and second byte', () => {
    const sink = (): void => undefined;
    expect(new FrameDecoder(limits).push(Uint8Array.of(0xe4), sink)?.kind).toBe('InvalidToken');
    const decoder = new FrameDecoder(limits);
    expect(decoder.push(Uint8Array.of(0xe5), sink)).toBeUndefined();
    expect(decoder.push(Uint8Array.of(9), sink)).toMatchObject({ kind: 'InvalidClientType', streamOffset: 1 });
    const after = new FrameDecoder(limits);
    expect(after.push(join(frame(1), Uint8Array.of(0xe5, 0x80)), sink)).toMatchObject({
      kind: 'InvalidClientType',
      streamOffset: 37,
    });
  });

  test('FRM-018 the end of the stream inside a message is DataLacked, between messages it is in order', () => {
    const decoder = new FrameDecoder(limits);
    decoder.push(join(frame(1), frame(2).subarray(0, 10)), () => undefined);
    expect(decoder.bufferedBytes).toBe(10);
    expect(decoder.end()).toMatchObject({ kind: 'DataLacked', value: 4, clause: 'FRM-018', streamOffset: 46 });
    const whole = new FrameDecoder(limits);
    whole.push(frame(1), () => undefined);
    expect(whole.end()).toBeUndefined();
    expect(whole.end()).toBeUndefined();
  });

  test('an empty chunk changes nothing', () => {
    const decoder = new FrameDecoder(limits);
    const ids: number[] = [];
    for (const part of [frame(1).subarray(0, 20), new Uint8Array(0), frame(1).subarray(20), new Uint8Array(0)]) {
      decoder.push(part, (view) => void ids.push(view.messageId));
    }
    expect(ids).toEqual([1]);
  });
});
