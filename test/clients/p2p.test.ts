/**
 * The Python client and the reference client talk directly: logon at our server, hole punching through two NATs that lose
 * datagrams, then information, an ACK, a query, a blob and a file each way over the channel. Real sockets on loopback.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { P2PChannelMode, rapidEngineFactory } from '../../impl/index.ts';
import type { RapidPassiveEngine, RapidServerEngine } from '../../impl/index.ts';
import { createNodePlatform } from '../../impl/platform/node.ts';
import type { Platform } from '../../spec/platform.ts';
import { behindNat, NatWorld } from './nat-world.ts';
import { PythonSession } from './python-session.ts';
import type { Digest, SessionResult } from './python-session.ts';

const SERVER = '127.0.0.1';
const DOOR = '127.0.9.1';
const REFERENCE = { inside: '127.0.0.2', outside: '127.0.1.2' };
const PYTHON = { inside: '127.0.0.3', outside: '127.0.1.3' };
const [PLAIN, CERTAIN, QUERY, BLOB, DONE] = [100, 500, 600, 700, 900];
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** What p2p_session.py calls Digest. */
class Sum {
  readonly #hash = createHash('sha256');
  #count = 0;
  add(informationType: number, content: Uint8Array): void {
    this.#hash.update(`${informationType} ${content.length} `).update(content);
    this.#count += 1;
  }
  report(): Digest {
    return { count: this.#count, sha256: this.#hash.digest('hex') };
  }
}

/** A platform that counts the bytes its accepted connections bring. */
function counting(platform: Platform, count: { bytes: number }): Platform {
  return {
    ...platform,
    listenTcp: (options, handlers) =>
      platform.listenTcp(options, {
        ...handlers,
        onConnection(connection) {
          const inner = handlers.onConnection(connection);
          // The engine's own object keeps its methods and its `this`.
          return new Proxy(inner, {
            get(target, name) {
              if (name === 'onData') {
                return (bytes: Uint8Array) => {
                  count.bytes += bytes.length;
                  target.onData(bytes);
                };
              }
              const value: unknown = Reflect.get(target, name, target);
              return typeof value === 'function' ? (value.bind(target) as unknown) : value;
            },
          });
        },
      }),
  };
}

type Settle = Record<'opened' | 'failed' | 'done' | 'fileSent' | 'fileReceived', () => void>;

/** One half of the story, the reference's: what it sends, and what it has received. */
class Reference {
  readonly folder: string;
  readonly engine: RapidPassiveEngine;
  readonly received = new Sum();
  readonly sent = new Sum();
  readonly opened: Promise<void>;
  readonly failed: Promise<void>;
  readonly done: Promise<void>;
  readonly fileSent: Promise<void>;
  readonly fileReceived: Promise<void>;
  readonly #settle: Settle;

  /** @param folder - Where its files are. */
  constructor(folder: string) {
    this.folder = folder;
    const settle: Partial<Settle> = {};
    const promise = (name: keyof Settle): Promise<void> => new Promise((resolve) => (settle[name] = resolve));
    [this.opened, this.failed, this.done] = [promise('opened'), promise('failed'), promise('done')];
    [this.fileSent, this.fileReceived] = [promise('fileSent'), promise('fileReceived')];
    this.#settle = settle as Settle;
    this.engine = rapidEngineFactory.createPassiveEngine(behindNat(createNodePlatform(), REFERENCE.inside));
  }

  async logon(port: number): Promise<void> {
    const { engine } = this;
    engine.p2pServerAddress = { address: DOOR, port: port + 1 };
    const response = await engine.initialize('reference', 'secret', SERVER, port, {
      handleInformation: (_source, type, info) => {
        if (type === DONE) this.#settle.done();
        else this.received.add(type, info ?? new Uint8Array());
      },
      handleQuery: (_source, _type, info) => info?.slice().reverse() ?? null,
    });
    expect(response.failureCause).toBeNull();
    engine.p2pController!.p2pChannelMode = P2PChannelMode.Udp;
    engine.p2pController!.p2pChannelOpened.add(() => this.#settle.opened());
    engine.p2pController!.p2pConnectFailed.add(() => this.#settle.failed());
    const files = engine.fileOutter;
    files.fileRequestReceived.add((projectID, _sender, name) =>
      files.beginReceiveFile(projectID, join(this.folder, `at-reference-${name}`)),
    );
    files.fileSendingEvents.fileTransCompleted.add(() => this.#settle.fileSent());
    files.fileReceivingEvents.fileTransCompleted.add(() => this.#settle.fileReceived());
  }

  async sendAll(file: Uint8Array): Promise<void> {
    const { customizeOutter: outter, fileOutter } = this.engine;
    for (let number = 0; number < 200; number += 1) {
      const content = randomBytes((number * 37) % 3000);
      this.sent.add(PLAIN + number, content);
      outter.send('python', PLAIN + number, content);
    }
    const content = randomBytes(1000);
    this.sent.add(CERTAIN, content);
    await outter.sendCertainly('python', CERTAIN, content);
    const answer = await outter.query('python', QUERY, content);
    expect(sha256(answer!)).toBe(sha256(Uint8Array.from(content).reverse()));
    const blob = randomBytes(300_000);
    this.sent.add(BLOB, blob);
    await outter.sendBlob('python', BLOB, blob, 2048);
    writeFileSync(join(this.folder, 'from-reference.bin'), file);
    fileOutter.beginSendFile('python', join(this.folder, 'from-reference.bin'), null);
    await this.fileSent;
    await outter.sendCertainly('python', DONE, null);
  }
}

describe.each([
  { name: 'the Python client invites', pythonInvites: true, lossPercent: 3 },
  { name: 'the reference client invites', pythonInvites: false, lossPercent: 3 },
])('$name', ({ pythonInvites, lossPercent }) => {
  const count = { bytes: 0 };
  let folder: string;
  let server: RapidServerEngine;
  let world: NatWorld | undefined;
  let reference: Reference;
  let python: PythonSession | undefined;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'esf-p2p-'));
    server = rapidEngineFactory.createServerEngine(counting(createNodePlatform({ bindAddress: SERVER }), count));
    await server.initialize(0, null);
    world = await NatWorld.open({
      hosts: { [REFERENCE.inside]: REFERENCE.outside, [PYTHON.inside]: PYTHON.outside },
      server: { address: SERVER, door: DOOR, ports: [server.port + 1, server.port + 2] },
      lossPercent,
      seed: 1,
    });
    reference = new Reference(folder);
  });
  afterEach(async () => {
    python?.kill();
    reference.engine.close();
    server.close();
    await world?.close();
    rmSync(folder, { recursive: true });
  });

  test('and everything goes directly, whole and in order', { timeout: 60_000 }, async () => {
    await reference.logon(server.port);
    const words = `--port ${server.port} --user python --peer reference --folder ${folder} --udp-address ${PYTHON.inside}`;
    const invite = pythonInvites ? ['--invite'] : [];
    python = new PythonSession([...words.split(' '), '--p2p-server', `${DOOR}:${server.port + 1}`, ...invite]);
    await python.next('loggedOn');
    if (!pythonInvites) reference.engine.p2pController!.p2pConnectAsyn('python');
    const outcome = await Promise.race([reference.opened.then(() => 'opened'), reference.failed.then(() => 'failed')]);
    expect(outcome, JSON.stringify(world!.counts)).toBe('opened');
    expect((await python.next('opened')).way).toEqual([REFERENCE.outside, expect.any(Number)]);
    const way = reference.engine.p2pController!.getP2PChannelState('python');
    expect(way?.destIPE.address).toBe(PYTHON.outside);
    count.bytes = 0;

    const file = randomBytes(1_000_000);
    await Promise.all([reference.sendAll(file), reference.done, reference.fileReceived]);
    const result = (await python.next('result')) as unknown as SessionResult;
    expect(result.received).toEqual(reference.sent.report());
    expect(result.sent).toEqual(reference.received.report());
    expect(result.fileReceived).toBe(sha256(file));
    expect(result.fileSent).toBe(sha256(readFileSync(join(folder, 'at-reference-from-python.bin'))));
    expect(result.filesDirect).toBe(true);
    // More than three million bytes went; the server saw marks and heartbeats.
    expect(count.bytes).toBeLessThan(20_000);
    expect(world!.counts.passed).toBeGreaterThan(3000);
    expect(world!.counts.lost).toBeGreaterThan(30);
    expect(await python.end()).toBe(0);
  });
});
