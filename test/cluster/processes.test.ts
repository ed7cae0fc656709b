/** Real processes: a platform server, two servers, two clients that talk across them; one server is killed while they do. */
import { fork, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { createClusterControlClient } from '../../impl/index.ts';
import { createNodePlatform } from '../../impl/platform/node.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const SECRET = 'processes';
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** What `esf acms` and `esf serve` print, of each its own part. */
type Said = { servicePort: number; transferPort: number; port: number; serverID: string };

/** Starts `esf ...` and gives the object it prints when it listens. */
async function esf(...args: string[]): Promise<{ child: ChildProcess; said: Said }> {
  const child = spawn(process.execPath, ['bin/esf.js', ...args, '--json'], {
    cwd: root,
    env: { ...process.env, ESF_ACMS_SECRET: SECRET },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  const lines = createInterface({ input: child.stdout });
  const line = await new Promise<string>((resolve, reject) => {
    lines.once('line', resolve);
    child.once('exit', (code) => reject(new Error(`esf ${args.join(' ')} ended with ${code}`)));
  });
  return { child, said: JSON.parse(line) as Said };
}

type News =
  | { kind: 'online'; logonResult: number; port: number }
  | { kind: 'relogon'; logonResult: number; port: number }
  | { kind: 'counts'; acknowledged: number[]; received: number[]; relogons: number };

/** A client process and what it tells. */
class Talker {
  readonly child: ChildProcess;
  readonly news: News[] = [];
  #wake: () => void = () => undefined;

  constructor(servicePort: number, userID: string, partner: string) {
    const file = fileURLToPath(new URL('./talking-client.ts', import.meta.url));
    this.child = fork(file, [String(servicePort), userID, partner], { execArgv: ['--import', 'tsx'] });
    children.push(this.child);
    this.child.on('message', (message) => {
      this.news.push(message as News);
      this.#wake();
    });
  }

  async next<K extends News['kind']>(kind: K): Promise<Extract<News, { kind: K }>> {
    for (;;) {
      const found = this.news.find((each) => each.kind === kind);
      if (found !== undefined) return found as Extract<News, { kind: K }>;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

const pause = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis));
const exited = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once('exit', (code) => resolve(code)));

test(
  'a server killed with -9 while its clients talk costs nobody anything that was acknowledged',
  { timeout: 60_000 },
  async () => {
    const acms = await esf('acms', '--service-port', '0', '--transfer-port', '0');
    const { servicePort, transferPort } = acms.said;
    const join = ['--port', '0', '--acms', `127.0.0.1:${servicePort}`, '--acms-transfer-port', String(transferPort)];
    const servers = await Promise.all([1, 2].map((serverID) => esf('serve', ...join, '--server-id', String(serverID))));
    const alice = new Talker(servicePort, 'alice', 'bob');
    const first = await alice.next('online');
    const bob = new Talker(servicePort, 'bob', 'alice');
    const second = await bob.next('online');
    // The one with fewer users: so they are on different servers.
    expect(servers.map(({ said }) => said.port).sort()).toEqual([first.port, second.port].sort());

    const control = createClusterControlClient(createNodePlatform(), {
      acms: { address: '127.0.0.1', port: servicePort },
      secret: SECRET,
    });
    await control.connect();
    const { clusterControlService: service, platformCustomizeService: platform } = control;
    expect(await platform.getOnlineUserCount()).toBe(2);
    await pause(1000);

    const victim = servers.find(({ said }) => said.port === first.port)!;
    victim.child.kill('SIGKILL');
    const moved = await alice.next('relogon');
    expect([moved.logonResult, moved.port]).toEqual([0, second.port]);
    expect(await service.isServerOnline(Number(victim.said.serverID))).toBe(false);
    expect((await service.getAllServers()).map((server) => server.userCount)).toEqual([2]);
    await pause(1000);

    alice.child.send('stop');
    bob.child.send('stop');
    const [ofAlice, ofBob] = await Promise.all([alice.next('counts'), bob.next('counts')]);
    for (const [sender, receiver] of [
      [ofAlice, ofBob],
      [ofBob, ofAlice],
    ] as const) {
      const got = new Set(receiver.received);
      expect(sender.acknowledged.filter((number) => !got.has(number))).toEqual([]);
      expect(sender.acknowledged.length).toBeGreaterThan(50);
    }
    expect([ofAlice.relogons, ofBob.relogons]).toEqual([1, 0]);
    process.stdout.write(
      `acknowledged ${ofAlice.acknowledged.length} and ${ofBob.acknowledged.length}, received ${ofBob.received.length} and ${ofAlice.received.length}\n`,
    );

    control.close();
    const left = servers.find((server) => server !== victim)!.child;
    const ends = [exited(left), exited(acms.child)];
    left.kill('SIGTERM');
    acms.child.kill('SIGTERM');
    expect(await Promise.all(ends)).toEqual([0, 0]);
  },
);

test('without a platform server esf serve --acms says so and ends with 3', { timeout: 30_000 }, async () => {
  const child = spawn(process.execPath, ['bin/esf.js', 'serve', '--port', '0', '--acms', '127.0.0.1:1', '--json'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  children.push(child);
  let text = '';
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  expect(await exited(child)).toBe(3);
  expect(text).toContain('127.0.0.1:1 cannot be used');
});
