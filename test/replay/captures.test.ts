/** The committed captures: streams equal to tshark's, verdicts as their README says, and the command's exit codes. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faults, withFault } from '../../scenarios/replay/plant-faults.ts';
import { replayFile } from '../../scenarios/replay/replay.ts';
import type { ReplayReport } from '../../scenarios/replay/report-model.ts';
import { stories } from '../../scenarios/replay/stories.ts';
import { streamsOf, tsharkStreams } from './streams.ts';

const folder = fileURLToPath(new URL('../captures/', import.meta.url));
const main = fileURLToPath(new URL('../../scenarios/cli/main.ts', import.meta.url));
const files = readdirSync(folder).filter((file) => file.endsWith('.pcap'));

/** What each recorded capture holds: users in order of connection, messages, broken clauses. */
const EXPECTED: Readonly<Record<string, { users: readonly string[]; messages: number; broken: readonly string[] }>> = {
  'everyday.pcap': { users: ['alice', 'bob'], messages: 50, broken: [] },
  'pushed-out.pcap': { users: ['alice', 'alice'], messages: 7, broken: [] },
  'refused.pcap': { users: ['alice', 'alice', 'alice', 'alice'], messages: 10, broken: [] },
  'heartbeats.pcap': { users: ['alice'], messages: 14, broken: [] },
  'blob-amid-traffic.pcap': { users: ['alice', 'bob'], messages: 92, broken: [] },
  'kicked-out.pcap': { users: ['alice', 'bob'], messages: 6, broken: [] },
  'reconnect.pcap': { users: ['alice', 'alice'], messages: 6, broken: [] },
  'long-ids.pcap': { users: ['a-rather-long-user-id-of-mine', 'Zoë'], messages: 8, broken: [] },
  'python-session.pcap': { users: ['alice', 'bob'], messages: 45, broken: [] },
  'direct-udp.pcap': { users: ['alice', 'bob'], messages: 17, broken: [] },
  'direct-udp-ack-of-unsent.pcap': { users: ['alice', 'bob'], messages: 17, broken: ['RUD-011'] },
  'direct-udp-other-sender.pcap': { users: ['alice', 'bob'], messages: 17, broken: ['P2P-042'] },
  'direct-udp-wrong-port.pcap': { users: ['alice', 'bob'], messages: 17, broken: ['P2P-003'] },
  'wrong-ack-id.pcap': { users: ['raw'], messages: 4, broken: ['FRM-012'] },
  'no-logon.pcap': { users: ['raw', 'raw'], messages: 3, broken: ['LOG-001', 'FRM-003'] },
};

const hasTshark = spawnSync('tshark', ['--version']).status === 0;

describe('the recorded captures', () => {
  it('are those of the stories', () => {
    expect(files.filter((file) => file in stories).sort()).toEqual(Object.keys(stories).sort());
    // The Python clients play a story of their own: test/clients/python/session.py.
    const own = [...Object.keys(stories), ...Object.keys(faults), 'python-session.pcap'];
    expect(Object.keys(EXPECTED).sort()).toEqual(own.sort());
  });

  for (const [file, expected] of Object.entries(EXPECTED)) {
    it(`${file} is judged as its README says`, async () => {
      const report = await replayFile(join(folder, file));
      expect(report.connections.map((each) => each.user)).toEqual(expected.users);
      expect(report.totals.messages).toBe(expected.messages);
      expect(report.totals.violations.map((each) => each.clause)).toEqual(expected.broken);
      expect(report.complete).toBe(true);
      expect(report.totals.skippedPackets).toEqual({});
    });
  }

  it('direct-udp.pcap shows discovery and one channel, all of it decoded', async () => {
    const { udp } = await replayFile(join(folder, 'direct-udp.pcap'));
    expect(udp.totals).toMatchObject({ flows: 5, datagrams: 54, messages: 18, otherDatagrams: 0, undecodedBytes: 0 });
    const channel = udp.flows.at(-1)!;
    expect([channel.first.byKind.Data, channel.second.byKind.Data]).toEqual([7, 14]);
    expect(channel.second.byType).toMatchObject({ P2PChannelHello: 1, BlobInformation: 4, P2PStreamFinal: 1 });
  });

  for (const [file, fault] of Object.entries(faults)) {
    it(`${file} is direct-udp.pcap with one datagram changed, and that packet is named`, async () => {
      const { capture, packet } = withFault(readFileSync(join(folder, 'direct-udp.pcap')), fault);
      expect(readFileSync(join(folder, file)).equals(capture)).toBe(true);
      const { totals } = await replayFile(join(folder, file));
      expect(totals.violations.map((each) => each.packet)).toEqual([packet]);
    });
  }

  it('heartbeats.pcap keeps nanosecond files in step: six heartbeats 0.2 s apart', async () => {
    const [connection] = (await replayFile(join(folder, 'heartbeats.pcap'))).connections;
    expect(connection?.heartbeats.count).toBe(6);
    expect(connection?.heartbeats.meanSpanSecs).toBeGreaterThan(0.15);
    expect(connection?.heartbeats.meanSpanSecs).toBeLessThan(0.5);
  });
});

describe.skipIf(!hasTshark && process.env.CI === undefined)('byte streams', () => {
  for (const file of files) {
    it(`of ${file} equal tshark's`, async () => {
      const path = join(folder, file);
      const own = await streamsOf(path);
      expect(own.length).toBeGreaterThan(0);
      expect(own).toEqual(tsharkStreams(path, own.length));
    });
  }
});

describe('the command', { timeout: 120_000 }, () => {
  let temporary = '';
  beforeAll(() => (temporary = mkdtempSync(join(tmpdir(), 'esf-replay-'))));
  afterAll(() => rmSync(temporary, { recursive: true }));

  const run = (...words: readonly string[]): { status: number | null; stdout: string; stderr: string } => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', main, 'replay', ...words], {
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  };
  const put = (name: string, bytes: Buffer): string => {
    const path = join(temporary, name);
    writeFileSync(path, bytes);
    return path;
  };
  const everyday = join(folder, 'everyday.pcap');

  it('exits 0 on a clean capture and prints one JSON object with --json', () => {
    const { status, stdout } = run(everyday, '--json');
    expect(status).toBe(0);
    const report = JSON.parse(stdout) as ReplayReport;
    expect(report.totals).toMatchObject({ connections: 2, undecodedBytes: 0, violations: [] });
  });

  it('exits 1 on violations and names clause and packet', () => {
    const { status, stdout } = run(join(folder, 'wrong-ack-id.pcap'));
    expect(status).toBe(1);
    expect(stdout).toMatch(/FRM-012 broken: .*\n {2}packet 10, /);
  });

  it('exits 2 on a missing file, a directory, a wrong option', () => {
    expect(run(join(temporary, 'none.pcap'))).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('there is no file') as string,
    });
    expect(run(temporary)).toMatchObject({ status: 2, stderr: expect.stringContaining('is a directory') as string });
    expect(run(everyday, '--user-id-max', '0').status).toBe(2);
    expect(run(everyday, '--nonsense')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--nonsense') as string,
    });
  });

  it('exits 3 on an empty file and on one that is no capture', () => {
    expect(run(put('empty.pcap', Buffer.alloc(0)))).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('the file is empty') as string,
    });
    const { status, stderr } = run(put('ng.pcapng', Buffer.from('0a0d0d0a'.padEnd(96, '0'), 'hex')));
    expect(status).toBe(3);
    expect(stderr).toContain('editcap -F pcap');
  });

  it('exits 4 on a cut-off capture, with a complete report of what is before the cut', () => {
    const whole = readFileSync(everyday);
    const { status, stdout } = run(put('cut.pcap', whole.subarray(0, whole.length - 7)), '--json');
    expect(status).toBe(4);
    const report = JSON.parse(stdout) as ReplayReport;
    expect(report.readFault?.kind).toBe('cutOff');
    expect(report.totals).toMatchObject({ connections: 2, messages: 50, violations: [] });
  });

  it('reads standard input', () => {
    const words = ['--import', 'tsx', main, 'replay', '-', '--quiet'];
    const { status, stdout } = spawnSync(process.execPath, words, { encoding: 'utf8', input: readFileSync(everyday) });
    expect(stdout).toBe('-: 2 connections, 50 messages, 22,651 bytes in 57 packets: no clause broken\n');
    expect(status).toBe(0);
  });
});
