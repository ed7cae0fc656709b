/**
 * The runs the tests look at: mixed, green, large.
 */
import type { RunLog } from '../../reports/model.ts';
import { buildLog, HOSTILE, sampleSteps, type Fate } from './sample-log.ts';

const HEXDUMP = [
  '  0000  e5 03 66 00 10 00 00 00  2a 00 00 00 04 61 61 30   ..f.....*....aa0   StartToken, ClientType, MessageType 102',
  '  0010  31 00 00 00 00 00 00 00  02 5f 30 00 00 00 00 00   1........_0.....   SourceID "aa01", DestID "_0"',
  '> 0020  00 00 00 00 [ff ff ff 7f] 00 00 00 00 74 65 73 74 ............test   Content: length 2147483647, 12 bytes left',
  '  0030  21 0a                                             !.',
].join('\n');

const PLAN = JSON.stringify({
  clients: ['aa01', 'bb02'],
  network: { lossPpm: 0, delayMicros: [1000, 1000] },
  faults: [
    { kind: 'partition', atMicros: 4000, between: ['aa01', 'server'] },
    { kind: 'heal', atMicros: 31_000_000 },
  ],
  workload: [{ from: 'aa01', verb: 'query', bytes: 0 }],
});

const FATES: Readonly<Record<number, Fate>> = {
  5: {
    outcome: 'fail',
    failure: {
      clause: 'FRM-010',
      message: 'the server kept a connection whose header announced a negative body length',
      expected: 'the connection is closed and InvalidHeader is reported',
      actual: 'no reaction before the sentinel reply (3.1 ms)',
      hexdump: HEXDUMP,
      stderr: [
        '2025/03/14 09:26:53 listening on :41233',
        'panic: runtime error: makeslice: len out of range',
        'goroutine 18 [running]:',
      ],
      stack: 'Error: no reaction\n    at check (stage.ts:41:9)\n    at run (frm.ts:88:5)',
    },
    steps: [
      { atMicros: 0, from: 'raw', to: 'server', label: 'SYN' },
      { atMicros: 1000, from: 'server', to: 'raw', label: 'SYN, ACK' },
      { atMicros: 2140, from: 'raw', to: 'server', label: 'Logon id 1, user aa01' },
      { atMicros: 3155, from: 'server', to: 'raw', label: 'Logon id 1 Succeed' },
      { atMicros: 3200, from: 'raw', label: 'sends a header with body length -1' },
      { atMicros: 3210, from: 'raw', to: 'server', label: 'InformationBySend id 2, body length -1' },
      { atMicros: 3220, from: 'raw', to: 'server', label: 'GetMyIPE id 3 (sentinel)' },
      { atMicros: 4310, from: 'server', to: 'raw', label: 'GetMyIPE id 3 reply', mark: 'bad' },
      { atMicros: 30_004_310, from: 'network', label: 'partition raw | server', mark: 'fault' },
      { atMicros: 30_004_400, from: 'server', to: 'server', label: 'heartbeat check' },
    ],
  },
  14: {
    outcome: 'fail',
    failure: {
      clause: 'SER-023',
      message: `the peer said: ${HOSTILE}`,
      expected: `nothing like ${HOSTILE}`,
      actual: HOSTILE,
      hexdump: `> 0000  ${HOSTILE}`,
      stderr: [HOSTILE, HOSTILE],
      stack: HOSTILE,
      counterexample: JSON.stringify({ text: HOSTILE }),
      path: '3:0:1',
      shrinks: 4,
    },
    steps: [
      { atMicros: 0, from: HOSTILE, to: 'server', label: HOSTILE },
      { atMicros: 10, from: 'server', to: HOSTILE, label: HOSTILE, mark: 'bad' },
      { atMicros: 20, from: 'net', label: HOSTILE, mark: 'fault' },
    ],
  },
  20: {
    outcome: 'timeout',
    failure: {
      message: 'no RelogonCompleted within 30 s of the heal',
      expected: 'RelogonCompleted within 30 s',
      actual: 'nothing',
    },
  },
  31: {
    outcome: 'fail',
    failure: {
      message: 'aa01 got message 7 twice',
      expected: 'each message once',
      actual: 'message 7 at 12.4 ms and at 31.0 s',
      counterexample: PLAN,
      path: '17:2:0:1:1',
      shrinks: 23,
    },
    steps: sampleSteps(260, 31, 201),
  },
  35: {
    outcome: 'crash',
    failure: { message: 'the adapter ended with signal SIGSEGV', stderr: ['Segmentation fault'] },
  },
  38: {
    outcome: 'adapter-fault',
    failure: { message: 'line 3 on standard output is not JSON: "hello"', stderr: ['hello'] },
  },
  40: {
    outcome: 'fail',
    expectation: { kind: 'known-failing', message: 'no reply' },
    failure: { message: 'no reply after 2 s' },
  },
  41: { outcome: 'pass', expectation: { kind: 'known-failing' } },
  45: { outcome: 'declined', reason: 'this client has no reconnect' },
  46: { outcome: 'not-applicable', reason: 'blob is not declared' },
  50: { outcome: 'not-run', reason: 'stopped after the time budget' },
  51: {
    outcome: 'not-run',
    expectation: { kind: 'skip', reason: 'needs a second address' },
    reason: 'needs a second address',
  },
  55: {
    outcome: 'fail',
    expectation: { kind: 'known-flaky', outcomes: ['fail'], until: '2025-06-01' },
    failure: { message: 'late by 3 ms' },
  },
};

/** Sixty cases on two targets: failures, a crash, a fault, exceptions, declined, not run, hostile text. */
export function mixedRun(): RunLog {
  const log = buildLog({
    caseCount: 60,
    targets: ['sim', 'loopback'],
    fate: (index, target) =>
      target === 'sim' || [5, 14, 38, 45, 46, 51].includes(index) ? FATES[index] : yellow(index),
  });
  const planned = log.header.planned.map((plan) =>
    plan.case === log.verdicts[14]!.case ? { ...plan, title: `hostile: ${HOSTILE}` } : plan,
  );
  return { ...log, header: { ...log.header, planned } };
}

function yellow(index: number): Fate | undefined {
  return index === 36 ? { outcome: 'fail', failure: { message: 'the timeout was noticed 2.4 s late' } } : undefined;
}

/** Everything passes, every testable clause is asked. */
export function greenRun(): RunLog {
  return buildLog({ caseCount: 79, targets: ['sim'] });
}

/** Five hundred cases on three targets with long diagrams. */
export function largeRun(): RunLog {
  return buildLog({
    caseCount: 500,
    targets: ['sim', 'loopback', 'exec'],
    stepCount: 60,
    fate: (index, target) => (index % 41 === 7 && target !== 'sim' ? FATES[5] : undefined),
  });
}
