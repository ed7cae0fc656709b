import { describe, expect, test } from 'vitest';
import { CLIENT_INPUTS, CLIENT_MOVES, CLIENT_STATES } from '../../impl/core/client-states.ts';
import type { ClientAction } from '../../impl/core/client-states.ts';
import { SERVER_INPUTS, SERVER_MOVES, SERVER_STATES } from '../../impl/core/server-states.ts';

/** Rows of a picture of the table: a state, then the next state for each input; `-` where the pair changes nothing. */
const parse = (picture: string): { inputs: string[]; rows: [string, string[]][] } => {
  const lines = picture
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const [inputs = [], ...rows] = lines;
  return { inputs: inputs.slice(1), rows: rows.map(([state = '', ...cells]) => [state, cells]) };
};

const CLIENT_PICTURE = `
state        initialize connected connectFailed logonSucceeded logonRefused logonTimedOut lost    lostForGood invalid invalidForGood pushedOut kickedOut breakNow     breakLater breakForGood retryDue     close
idle         connecting -         -             -              -            -             -       -           -       -              -         -         -            -          -            -            closed
connecting   -          loggingOn idle          -              -            -             -       -           -       -              -         -         -            -          -            -            closed
loggingOn    -          -         -             online         idle         idle          idle    idle        idle    idle           -         -         -            -          -            -            closed
online       -          -         -             -              -            -             waiting ended       waiting ended          ended     ended     reconnecting waiting    ended        -            closed
waiting      -          -         -             -              -            -             -       -           -       -              -         -         reconnecting -          -            reconnecting closed
reconnecting -          relogging waiting       -              -            -             -       -           -       -              -         -         -            -          -            -            closed
relogging    -          -         -             online         ended        waiting       waiting waiting     waiting waiting        -         -         -            -          -            -            closed
ended        connecting -         -             -              -            -             -       -           -       -              -         -         -            -          -            -            closed
closed       -          -         -             -              -            -             -       -           -       -              -         -         -            -          -            -            -
`;

const SERVER_PICTURE = `
state    logon    message  accepted refused invalid  wrongUser peerEnded logonOverdue heartbeatTimedOut timeoutHandled kick   replaced overflow stuck  close
unbound  deciding closed   -        -       closed   -         closed    closed       -                 -              -      -        closed   closed closed
deciding deciding deciding bound    closed  deciding -         closed    closed       -                 -              -      -        closed   closed closed
bound    bound    bound    -        -       closed   closed    closed    -            leaving           -              closed closed   closed   closed closed
leaving  -        -        -        -       -        -         closed    -            -                 closed         closed closed   closed   closed closed
closed   -        -        -        -       -        -         -         -            -                 -              -      -        -        -      -
`;

const clientMoves = CLIENT_STATES.flatMap((state) =>
  CLIENT_INPUTS.flatMap((input) => {
    const move = CLIENT_MOVES[state][input];
    return move === undefined ? [] : [{ state, input, move }];
  }),
);
const serverMoves = SERVER_STATES.flatMap((state) =>
  SERVER_INPUTS.flatMap((input) => {
    const move = SERVER_MOVES[state][input];
    return move === undefined ? [] : [{ state, input, move }];
  }),
);

describe('client states', () => {
  test('every state x every input goes where the picture says', () => {
    const { inputs, rows } = parse(CLIENT_PICTURE);
    expect(inputs).toEqual([...CLIENT_INPUTS]);
    expect(rows.map(([state]) => state)).toEqual([...CLIENT_STATES]);
    const table = CLIENT_STATES.map((state) => [
      state,
      CLIENT_INPUTS.map((input) => CLIENT_MOVES[state][input]?.to ?? '-'),
    ]);
    expect(table).toEqual(rows);
  });

  test('RCN-006: whoever leaves online ends the session before anything is raised', () => {
    const leaving = clientMoves.filter(({ state, move }) => state === 'online' && move.to !== 'online');
    expect(leaving.length).toBeGreaterThan(0);
    for (const { move } of leaving) {
      const ends = move.actions.indexOf('endSession');
      const raises = move.actions.findIndex((action) => action.startsWith('raise'));
      expect(ends, move.actions.join()).toBeGreaterThanOrEqual(0);
      if (raises >= 0) expect(ends).toBeLessThan(raises);
    }
  });

  test('SEC-001: the connection is dropped before an invalid message is told', () => {
    for (const { move } of clientMoves.filter((each) => each.input.startsWith('invalid'))) {
      expect(move.actions.indexOf('drop')).toBeLessThan(move.actions.indexOf('raiseInvalid'));
      expect(move.actions).toContain('drop');
    }
  });

  test('initialize is settled exactly once on every way out of the first logon', () => {
    const settles: ClientAction[] = ['resolveInitialize', 'failConnect', 'failTimeout', 'failClosed'];
    for (const { state, move } of clientMoves) {
      const first = state === 'connecting' || state === 'loggingOn';
      const done = first && move.to !== 'connecting' && move.to !== 'loggingOn';
      expect(move.actions.filter((action) => settles.includes(action)).length, `${state} to ${move.to}`).toBe(
        done ? 1 : 0,
      );
    }
  });

  test('RCN-004, RCN-011: close, push-out and kick-out schedule nothing, and close raises nothing', () => {
    for (const { input, move } of clientMoves) {
      if (['close', 'pushedOut', 'kickedOut'].includes(input)) expect(move.actions).not.toContain('scheduleRetry');
      if (input === 'close') expect(move.actions.filter((action) => action.startsWith('raise'))).toEqual([]);
    }
  });

  test('a state that waits has scheduled its retry or been told to go at once', () => {
    for (const { move } of clientMoves) {
      expect(move.actions.includes('scheduleRetry')).toBe(move.to === 'waiting');
      expect(move.actions.includes('connect')).toBe(move.to === 'connecting' || move.to === 'reconnecting');
    }
  });
});

describe('server states', () => {
  test('every state x every input goes where the picture says', () => {
    const { inputs, rows } = parse(SERVER_PICTURE);
    expect(inputs).toEqual([...SERVER_INPUTS]);
    expect(rows.map(([state]) => state)).toEqual([...SERVER_STATES]);
    const table = SERVER_STATES.map((state) => [
      state,
      SERVER_INPUTS.map((input) => SERVER_MOVES[state][input]?.to ?? '-'),
    ]);
    expect(table).toEqual(rows);
  });

  test('a connection is ended or aborted exactly once, when it closes', () => {
    for (const { state, input, move } of serverMoves) {
      const ends = move.actions.filter((action) => action === 'end' || action === 'abort').length;
      expect(ends, `${state} ${input}`).toBe(move.to === 'closed' ? 1 : 0);
    }
  });

  test('RCN-015: a bound user is unbound exactly once, with a reason, unless the server is closed', () => {
    for (const { state, input, move } of serverMoves) {
      const wasBound = state === 'bound' || state === 'leaving';
      const unbinds = move.actions.filter((action) => action === 'unbind').length;
      expect(unbinds, `${state} ${input}`).toBe(wasBound && move.to === 'closed' && input !== 'close' ? 1 : 0);
      expect(move.reason !== undefined).toBe(unbinds === 1);
    }
  });

  test('closing comes before telling (SEC-001, HBT-008), notices before closing (REL-003, BAS-002)', () => {
    for (const { move } of serverMoves) {
      const closes = move.actions.findIndex((action) => action === 'end' || action === 'abort');
      if (closes < 0) continue;
      for (const told of ['raiseInvalid', 'unbind', 'reportCount'] as const) {
        if (move.actions.includes(told)) expect(move.actions.indexOf(told)).toBeGreaterThan(closes);
      }
      for (const notice of ['notifyKickedOut', 'notifyPushedOut'] as const) {
        expect(move.actions.indexOf(notice)).toBeLessThan(closes);
      }
    }
  });

  test('REL-014: only a replacement leaves the count unreported', () => {
    for (const { input, move } of serverMoves.filter((each) => each.move.actions.includes('unbind'))) {
      expect(move.actions.includes('reportCount')).toBe(input !== 'replaced');
    }
  });
});
