/** The timing constants are the numbers that their clauses state. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseClauses } from '../../spec/clauses.ts';
import * as timing from '../../spec/timing.ts';

const protocol = new URL('../../spec/protocol/', import.meta.url);
const clauses = parseClauses(
  readdirSync(protocol)
    .filter((name) => name.endsWith('.md'))
    .map((name) => ({ file: name, text: readFileSync(new URL(name, protocol), 'utf8') })),
);

const words = ['no', 'one', 'two', 'three', 'four'];
const [first, second, third, fourth, later] = timing.reconnectDelaySecs;

test.each([
  ['HBT-001', `default ${timing.heartBeatSpanSecs} s`],
  ['HBT-005', `default ${timing.heartbeatTimeoutSecs} s`],
  ['HBT-009', `${timing.timeoutLatenessPercent} % of it plus ${timing.timeoutLatenessSecs} s`],
  ['HBT-010', `${words[timing.clientTimeoutSpans]!} times the span`],
  ['HBT-011', `after ${timing.keepAliveIdleSecs} s idle, then every ${timing.keepAliveIntervalSecs} s`],
  ['QRY-004', `default ${timing.waitResponseTimeoutSecs} s`],
  ['ACK-004', `default ${timing.waitResponseTimeoutSecs} s`],
  ['RCN-002', `waiting ${first} s, ${second} s, ${third} s, ${fourth} s before the first four attempts and ${later} s`],
  ['RCN-002', `0 to ${timing.reconnectJitterPercent} %`],
  ['RCN-017', `with ${first} s`],
  ['SEC-006', `default ${timing.emptyConnectionTimeoutSecs} s`],
  ['SEC-019', `${timing.timeoutLatenessPercent} % of it plus ${timing.timeoutLatenessSecs} s`],
  ['ENG-009', `server default ${timing.serverWriteTimeoutSecs} s, client ${timing.clientWriteTimeoutSecs} s`],
  ['SER-019', `ticks of ${1e9 / timing.ticksPerSecond} ns`],
])('%s says "%s"', (id, words) => {
  const clause = clauses.find((each) => each.id === id);
  expect(clause?.text).toContain(words);
});
