import { describe, expect, test } from 'vitest';
import { ClientHeartbeat } from '../../impl/core/client-heartbeat.ts';
import { checkLogon } from '../../impl/core/logon-check.ts';
import { ReconnectBackoff } from '../../impl/core/reconnect-backoff.ts';
import { RELOGON_MOVES } from '../../impl/core/relogon-policy.ts';
import { WriteProgress } from '../../impl/core/write-progress.ts';

describe('client heartbeat', () => {
  const options = { spanMicros: 10, silenceMicrosMax: 30 };

  test('HBT-001: the first is due one span after the logon, the next a span later', () => {
    const heartbeat = new ClientHeartbeat(100, options);
    expect(heartbeat.poll(109)).toEqual({ kind: 'wait', untilMicros: 110 });
    expect(heartbeat.poll(110)).toEqual({ kind: 'send' });
    expect(heartbeat.poll(110)).toEqual({ kind: 'wait', untilMicros: 120 });
  });

  test('spans do not drift when the poll is late, and missed ones are not made up for', () => {
    const heartbeat = new ClientHeartbeat(0, options);
    expect(heartbeat.poll(13)).toEqual({ kind: 'send' });
    expect(heartbeat.poll(13)).toEqual({ kind: 'wait', untilMicros: 20 });
    expect(heartbeat.poll(55)).toEqual({ kind: 'send' });
    expect(heartbeat.poll(55)).toEqual({ kind: 'wait', untilMicros: 65 });
  });

  test('HBT-002: without a span none is sent', () => {
    const heartbeat = new ClientHeartbeat(0, { ...options, spanMicros: Infinity });
    expect(heartbeat.poll(1_000_000)).toEqual({ kind: 'wait', untilMicros: Infinity });
  });

  test('HBT-014: silence is no loss before an answer has been seen', () => {
    const heartbeat = new ClientHeartbeat(0, { spanMicros: Infinity, silenceMicrosMax: 30 });
    heartbeat.handleMessage(5, false);
    expect(heartbeat.poll(1000)).toEqual({ kind: 'wait', untilMicros: Infinity });
  });

  test('HBT-010: after an answer silence is a loss, and any message ends the silence', () => {
    const heartbeat = new ClientHeartbeat(0, { spanMicros: Infinity, silenceMicrosMax: 30 });
    heartbeat.handleMessage(5, true);
    heartbeat.handleMessage(20, false);
    expect(heartbeat.poll(49)).toEqual({ kind: 'wait', untilMicros: 50 });
    expect(heartbeat.poll(50)).toEqual({ kind: 'lost' });
  });
});

describe('reconnect backoff', () => {
  const LOWEST = 0;
  const HIGHEST = 0xffff_ffff;

  test('RCN-002: delays follow the list and its last one repeats', () => {
    const backoff = new ReconnectBackoff(
      [1, 2, 4].map((secs) => secs * 1_000_000),
      20,
    );
    const delays = [1, 2, 3, 4, 5].map(() => backoff.nextDelayMicros(LOWEST));
    expect(delays).toEqual([1_000_000, 2_000_000, 4_000_000, 4_000_000, 4_000_000]);
  });

  test('RCN-002: randomness adds from nothing to 20 percent, and the result is an integer', () => {
    expect(new ReconnectBackoff([1_000_000], 20).nextDelayMicros(HIGHEST)).toBe(1_199_999);
    expect(new ReconnectBackoff([1_000_000], 20).nextDelayMicros(0x8000_0000)).toBe(1_100_000);
    expect(new ReconnectBackoff([7], 20).nextDelayMicros(HIGHEST)).toBe(7);
  });

  test('reset starts the list again', () => {
    const backoff = new ReconnectBackoff([1, 2], 0);
    backoff.nextDelayMicros(0);
    backoff.nextDelayMicros(0);
    backoff.reset();
    expect(backoff.nextDelayMicros(0)).toBe(1);
  });
});

describe('relogon policy', () => {
  test('every mode x presence (REL-002, REL-003, REL-006, REL-013)', () => {
    expect(RELOGON_MOVES).toEqual({
      0: { offline: 'bind', online: 'ignoreNew' },
      1: { offline: 'bind', online: 'replaceOld' },
    });
  });
});

describe('logon check', () => {
  const expected = { authorizedUser: 'FreeUser', version: 6 };
  const claim = { userID: 'alice', authorizedUser: 'FreeUser', version: 6 };

  test('a logon in order may be put to the application', () => {
    expect(checkLogon(claim, expected)).toBeUndefined();
  });

  test.each([
    ['SEC-010: an empty UserID', { ...claim, userID: '' }, 1],
    ['SEC-010: a UserID of the system', { ...claim, userID: '_0' }, 1],
    ['LOG-006: another version', { ...claim, version: 5 }, 3],
    ['LOG-006: another account', { ...claim, authorizedUser: 'freeuser' }, 3],
    ['LOG-006: no account', { ...claim, authorizedUser: null }, 3],
    ['the UserID is judged first', { userID: '', authorizedUser: null, version: 0 }, 1],
  ])('%s is refused', (_, bad, logonResult) => {
    expect(checkLogon(bad, expected)).toMatchObject({ logonResult, failureCause: expect.any(String) as string });
  });
});

describe('write progress (ENG-009)', () => {
  test('an empty queue is idle, a moving one waits, a still one is stuck', () => {
    const progress = new WriteProgress(10);
    expect(progress.poll(0, { written: 5, queued: 0 })).toEqual({ kind: 'idle' });
    expect(progress.poll(0, { written: 9, queued: 4 })).toEqual({ kind: 'wait', untilMicros: 1 });
    expect(progress.poll(9, { written: 9, queued: 3 })).toEqual({ kind: 'wait', untilMicros: 10 });
    expect(progress.poll(18, { written: 20, queued: 14 })).toEqual({ kind: 'wait', untilMicros: 19 });
    expect(progress.poll(19, { written: 20, queued: 14 })).toEqual({ kind: 'stuck' });
  });

  test('the last look is at the end of the timeout, not after it', () => {
    const progress = new WriteProgress(100);
    progress.poll(0, { written: 9, queued: 4 });
    expect(progress.poll(95, { written: 9, queued: 4 })).toEqual({ kind: 'wait', untilMicros: 100 });
  });

  test('a queue that was empty in between starts a new wait', () => {
    const progress = new WriteProgress(10);
    progress.poll(0, { written: 9, queued: 4 });
    progress.poll(5, { written: 9, queued: 0 });
    expect(progress.poll(12, { written: 9, queued: 4 })).toEqual({ kind: 'wait', untilMicros: 13 });
    expect(progress.poll(21, { written: 9, queued: 4 })).toEqual({ kind: 'wait', untilMicros: 22 });
  });
});
