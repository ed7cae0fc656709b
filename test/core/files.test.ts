/** The machines of file transfer: their tables, and that a late input changes nothing. */
import { describe, expect, test } from 'vitest';
import { FileReceiving } from '../../impl/core/files/file-receiving.ts';
import { FileSending } from '../../impl/core/files/file-sending.ts';
import type { SenderOutput } from '../../impl/core/files/file-sending.ts';
import {
  FILE_ENDINGS,
  RECEIVER_MOVES,
  RECEIVER_STATES,
  SENDER_MOVES,
  SENDER_STATES,
} from '../../impl/core/files/file-states.ts';
import type { FileEnding } from '../../impl/core/files/file-states.ts';
import { nameFault, relativeNames } from '../../impl/core/files/plain-names.ts';
import { FileTransDisrupttedType } from '../../spec/errors.ts';

const ENDINGS = Object.keys(FILE_ENDINGS) as FileEnding[];

test('every cause of the manual can end a project, and nothing ends one twice', () => {
  const causes = new Set(ENDINGS.map((ending) => FILE_ENDINGS[ending].cause));
  expect([...causes].sort()).toEqual(Object.keys(FileTransDisrupttedType).sort());
  expect([SENDER_MOVES.ended, RECEIVER_MOVES.ended]).toEqual([{}, {}]);
  for (const ending of ENDINGS) {
    const reachable = [
      ...SENDER_STATES.map((state) => SENDER_MOVES[state][ending]),
      ...RECEIVER_STATES.map((state) => RECEIVER_MOVES[state][ending]),
    ].filter((move) => move !== undefined);
    expect(reachable.length, ending).toBeGreaterThan(0);
    for (const move of reachable) expect(move.to, ending).toBe('ended');
  }
});

const OPTIONS = { isFolder: false, totalBytes: 10, packageBytes: 4, spanMicros: 0, zeroSpeedMicros: 20, readBytes: 6 };

function drain(machine: FileSending, nowMicros: number): SenderOutput[] {
  const outputs: SenderOutput[] = [];
  for (;;) {
    const output = machine.poll(nowMicros);
    outputs.push(output);
    if (output.kind === 'wait') return outputs;
    if (output.kind === 'read') machine.handleRead(new Uint8Array(output.lengthBytes).fill(output.offsetBytes));
  }
}

describe('the sender', () => {
  test('posts only as far as room was granted, and reads ahead no further than two pieces', () => {
    const machine = new FileSending({ ...OPTIONS, totalBytes: 100 });
    machine.handleAgreed(0, null);
    expect(drain(machine, 0).map(({ kind }) => kind)).toEqual(['answered', 'started', 'open', 'read', 'read', 'wait']);
    machine.handleRoom(1);
    expect(drain(machine, 1).filter(({ kind }) => kind === 'post')).toHaveLength(1);
    expect(drain(machine, 2).filter(({ kind }) => kind === 'post')).toHaveLength(0);
  });

  test('cuts across what it reads at once, then finishes and waits to be confirmed', () => {
    const machine = new FileSending(OPTIONS);
    machine.handleAgreed(0, null);
    machine.handleRoom(100_000);
    const posted = drain(machine, 0).flatMap((output) => (output.kind === 'post' ? [output] : []));
    expect(posted.map(({ index }) => index)).toEqual(posted.map((_, at) => at + 1));
    const bytes = posted.flatMap(({ body }) => (body.kind === 'data' ? [...body.data] : []));
    expect(bytes).toEqual([0, 0, 0, 0, 0, 0, 6, 6, 6, 6]);
    expect([posted.at(-1)?.body.kind, machine.state]).toEqual(['finished', 'confirming']);
    machine.handleConfirmed(1);
    expect(machine.poll(1)).toEqual({ kind: 'completed' });
    machine.handleEnding('cancelled', '');
    expect(machine.poll(1)).toMatchObject({ kind: 'wait', untilMicros: Infinity });
  });

  test('an early or repeated look at the clock is harmless', () => {
    const machine = new FileSending(OPTIONS);
    machine.handleAgreed(100, null);
    drain(machine, 100);
    machine.handleTimer(119);
    expect(machine.state).toBe('starting');
    machine.handleTimer(120);
    machine.handleTimer(121);
    expect(drain(machine, 121).filter(({ kind }) => kind === 'disrupted')).toHaveLength(1);
  });
});

test('a receiver whose disk failed takes back what was to follow', () => {
  const machine = new FileReceiving({ isFolder: false, totalBytes: 3, firstPackageMicros: 30, zeroSpeedMicros: 20 });
  machine.handleAccepted(0, null);
  while (machine.poll().kind !== 'wait');
  machine.handlePackage(1, 1, { kind: 'data', data: Uint8Array.of(1, 2, 3) });
  expect(machine.poll().kind).toBe('write');
  machine.handleEnding('failed', 'no room');
  const kinds: string[] = [];
  for (let output = machine.poll(); output.kind !== 'wait'; output = machine.poll()) kinds.push(output.kind);
  expect(kinds).toEqual(['tell', 'closeFile', 'disrupted']);
  machine.handlePackage(2, 2, { kind: 'finished' });
  expect(machine.poll().kind).toBe('wait');
});

test('harmless names are taken, others are not', () => {
  const good = ['a', 'Console', 'com10', 'nul1', '.profile', 'a..b', 'ä', '文件.txt', 'x'.repeat(255)];
  const bad = ['', '.', '..', 'a.', 'a ', 'NUL', 'nul.txt', 'com\u00b9', 'CONIN$', 'a\tb', 'x'.repeat(256), '\ud800'];
  expect(good.filter((name) => nameFault(name) !== undefined)).toEqual([]);
  expect(bad.filter((name) => nameFault(name) === undefined)).toEqual([]);
  expect(relativeNames('a/b\\c')).toEqual(['a', 'b', 'c']);
});
