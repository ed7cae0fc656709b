import { describe, expect, test } from 'vitest';
import { NOBODY, PendingReplies } from '../../impl/core/pending-replies.ts';

const RESPONSE = 103;
const ACK = 105;
const open = (pending: PendingReplies<string>, context: string, asked: string | null = 'bob', nowMicros = 0): number =>
  pending.open(nowMicros, { asked, expects: RESPONSE, context });

describe('pending replies', () => {
  test('FRM-011, FRM-024: ids count from 1 and never repeat one that waits', () => {
    const pending = new PendingReplies<string>(100);
    expect([open(pending, 'a'), pending.nextId(), open(pending, 'b')]).toEqual([1, 2, 3]);
  });

  test('QRY-007: replies in any order find what they answer, once', () => {
    const pending = new PendingReplies<string>(100);
    const ids = [open(pending, 'a'), open(pending, 'b')];
    const reply = (id: number) => pending.handleReply({ messageId: id, from: 'bob', messageType: RESPONSE });
    expect(reply(ids[1]!)).toBe('b');
    expect(reply(ids[0]!)).toBe('a');
    expect(reply(ids[0]!)).toBeUndefined();
    expect(pending.size).toBe(0);
  });

  test.each([
    ['from somebody else (QRY-011)', { messageId: 1, from: 'carl', messageType: RESPONSE }],
    ['of another type', { messageId: 1, from: 'bob', messageType: ACK }],
    ['with an unknown id (QRY-006)', { messageId: 2, from: 'bob', messageType: RESPONSE }],
  ])('a reply %s answers nothing and leaves the wait as it is', (_, reply) => {
    const pending = new PendingReplies<string>(100);
    open(pending, 'a');
    expect(pending.handleReply(reply)).toBeUndefined();
    expect(pending.size).toBe(1);
  });

  test('a wait for nobody is answered by nobody, and ends in time (QRY-010)', () => {
    const pending = new PendingReplies<string>(100);
    const id = open(pending, 'a', NOBODY);
    expect(pending.handleReply({ messageId: id, from: 'bob', messageType: RESPONSE })).toBeUndefined();
    expect(pending.takeAsked('bob')).toEqual([]);
    expect(pending.pollTimedOut(100)).toBe('a');
  });

  test('QRY-004: waits time out in order, not before their time', () => {
    const pending = new PendingReplies<string>(100);
    open(pending, 'a', 'bob', 0);
    open(pending, 'b', 'bob', 10);
    expect(pending.nextDeadlineMicros).toBe(100);
    expect(pending.pollTimedOut(99)).toBeUndefined();
    expect(pending.pollTimedOut(100)).toBe('a');
    expect(pending.pollTimedOut(100)).toBeUndefined();
    expect(pending.nextDeadlineMicros).toBe(110);
    expect(pending.pollTimedOut(110)).toBe('b');
    expect(pending.nextDeadlineMicros).toBe(Infinity);
  });

  test('QRY-005: with no waiting time nothing ever times out', () => {
    const pending = new PendingReplies<string>(Infinity);
    open(pending, 'a');
    expect(pending.nextDeadlineMicros).toBe(Infinity);
    expect(pending.pollTimedOut(Number.MAX_SAFE_INTEGER)).toBeUndefined();
  });

  test('QRY-014: the end of one user takes out what was asked of it, and nothing else', () => {
    const pending = new PendingReplies<string>(100);
    open(pending, 'a', 'bob');
    open(pending, 'b', 'carl');
    open(pending, 'c', 'bob');
    expect(pending.takeAsked('bob')).toEqual(['a', 'c']);
    expect(pending.takeAsked('bob')).toEqual([]);
    expect(pending.takeAll()).toEqual(['b']);
  });

  test('what could not be sent is taken back', () => {
    const pending = new PendingReplies<string>(100);
    const id = open(pending, 'a');
    expect(pending.takeOne(id)).toBe('a');
    expect(pending.takeOne(id)).toBeUndefined();
    expect(pending.takeAsked('bob')).toEqual([]);
  });

  test('a reply also leaves the list by user', () => {
    const pending = new PendingReplies<string>(100);
    const id = open(pending, 'a');
    open(pending, 'b');
    pending.handleReply({ messageId: id, from: 'bob', messageType: RESPONSE });
    expect(pending.takeAsked('bob')).toEqual(['b']);
  });
});
