/**
 * A client of the real engine that changes networks while it sends: a phone on its way between the Wi-Fi and a carrier, and a
 * laptop whose lid is closed meanwhile. What was acknowledged has come, in order and once, and a file goes on and is whole.
 */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { LogonResult, P2PChannelMode, rapidEngineFactory } from '../../impl/index.ts';
import type { RapidPassiveEngine } from '../../impl/index.ts';
import { Internet, Lan, World, moveHost } from '../../sim/index.ts';
import type { Host, HostOptions } from '../../sim/index.ts';

const SECOND = 1_000_000;
const PORT = 4530;
const FILE_BYTES = 400_000;
/** Small pieces with a rest between them: the file takes about eight seconds. */
const PACE = { filePackageSize: 5_000, sendingSpanInMSecs: 100 };

type Client = { readonly host: Host; readonly engine: RapidPassiveEngine; readonly got: number[] };

/** What happens to alice's host, and how long after the beginning. */
type Hardship = {
  readonly atMillis: number;
  readonly what: 'move' | 'renumber' | 'suspend';
  /** Without a network, in both, or asleep. */
  readonly gapMillis: number;
  readonly overlapMillis: number;
};

type Story = {
  readonly seed: number;
  readonly hardships: readonly Hardship[];
  readonly onAddressLoss: 'keep' | 'abort';
  readonly mode: P2PChannelMode;
};

type Outcome = {
  readonly acknowledged: readonly number[];
  readonly refused: number;
  readonly got: readonly number[];
  readonly interruptions: number;
  readonly direct: number;
  readonly fileTries: number;
  readonly isFileWhole: boolean;
};

async function run(story: Story): Promise<Outcome> {
  const world = new World({ seed: story.seed, timeLimitMicros: 900 * SECOND });
  const internet = new Internet(world);
  const home = new Lan(internet, 'home', { nat: 'portRestricted' });
  const carrier = new Lan(internet, 'carrier', { nat: 'symmetric', prefix: '100.64.0.0/10' });
  const office = new Lan(internet, 'office', { nat: 'fullCone' });
  const serverHost = internet.host('server');
  return world.run(async () => {
    const server = rapidEngineFactory.createServerEngine(serverHost.platform());
    await server.initialize(PORT, null);
    const address = serverHost.platform().localAddresses()[0]!;
    const alice = await logOn(home.host('alice', { onAddressLoss: story.onAddressLoss }), address, story.mode);
    const bob = await logOn(office.host('bob'), address, story.mode);
    const told = { interruptions: 0, direct: 0 };
    alice.engine.connectionInterrupted.add(() => (told.interruptions += 1));
    alice.engine.p2pController!.p2pChannelOpened.add(() => (told.direct += 1));
    alice.engine.p2pController!.p2pConnectAsyn('bob');
    await world.sleep(10 * SECOND);
    planHardships(world, alice.host, [home, carrier], story.hardships);
    const talk = talkTo(world, alice);
    const fileTries = await sendFile(world, alice, bob);
    const said = await talk.end();
    const isFileWhole = sameFile(alice.host, bob.host);
    for (const engine of [alice.engine, bob.engine, server]) engine.close();
    await world.sleep(200 * SECOND);
    for (const { openResources, name } of [alice.host, bob.host, serverHost].map((host) => ({
      name: host.name,
      openResources: host.openResources(),
    }))) {
      expect({ name, ...openResources }).toEqual({ name, timers: 0, connections: 0, listeners: 0, udpSockets: 0 });
    }
    return { ...said, ...told, got: bob.got, fileTries, isFileWhole };
  });
}

async function logOn(host: Host, address: string, mode: P2PChannelMode): Promise<Client> {
  const engine = rapidEngineFactory.createPassiveEngine(host.platform());
  const got: number[] = [];
  engine.heartBeatSpanInSecs = 2;
  const { logonResult } = await engine.initialize(host.name, null, address, PORT, {
    handleInformation: (_source, type) => void got.push(type),
    handleQuery: () => null,
  });
  expect(logonResult).toBe(LogonResult.Succeed);
  engine.p2pController!.p2pChannelMode = mode;
  return { host, engine, got };
}

function planHardships(world: World, host: Host, networks: readonly [Lan, Lan], hardships: readonly Hardship[]): void {
  let here = 0;
  const beganMicros = world.nowMicros;
  for (const { atMillis, what, gapMillis, overlapMillis } of hardships) {
    world.at(beganMicros + atMillis * 1000, () => {
      if (host.network.usable().length !== 1) return;
      if (what === 'suspend') {
        host.suspend();
        world.at(world.nowMicros + gapMillis * 1000, () => host.wake());
      } else if (what === 'renumber') {
        networks[here]!.renumber(host);
      } else {
        const to = 1 - here;
        const span = overlapMillis > 0 ? { overlapMicros: overlapMillis * 1000 } : { gapMicros: gapMillis * 1000 };
        moveHost(host, networks[here]!, networks[to]!, span);
        here = to;
      }
    });
  }
}

/** Says one thing after the other, each when the one before was acknowledged or has failed, until it is told to end. */
function talkTo(world: World, { engine }: Client): { end(): Promise<{ acknowledged: number[]; refused: number }> } {
  const acknowledged: number[] = [];
  let refused = 0;
  const state = { isOver: false };
  const talking = (async () => {
    for (let type = 1000; !state.isOver; type += 1) {
      try {
        await engine.customizeOutter.sendCertainly('bob', type, new Uint8Array(50));
        acknowledged.push(type);
      } catch {
        refused += 1;
      }
      await world.sleep(50_000);
    }
  })();
  return {
    async end() {
      state.isOver = true;
      await talking;
      return { acknowledged, refused };
    },
  };
}

/** Sends the file, again after every break, until it is there. Gives how many projects that took. */
async function sendFile(world: World, from: Client, to: Client): Promise<number> {
  const file = from.host.files.openToWrite('a.bin', 0);
  if ('code' in file) throw new Error(file.detail);
  file.write(
    0,
    Uint8Array.from({ length: FILE_BYTES }, (_, index) => (index * 7 + (index >> 8)) & 0xff),
  );
  file.close();
  const state = { isDone: false, isBroken: true };
  to.engine.fileOutter.fileReceivingEvents.fileTransCompleted.add(() => (state.isDone = true));
  to.engine.fileOutter.fileRequestReceived.add((id) => {
    try {
      to.engine.fileOutter.beginReceiveFile(id, 'in/a.bin');
    } catch {
      // A project whose sender has given it up keeps the path until it times out.
      to.engine.fileOutter.rejectFile(id, 'busy');
    }
  });
  from.engine.fileOutter.fileSendingEvents.fileTransDisruptted.add(() => (state.isBroken = true));
  let tries = 0;
  const limitMicros = world.nowMicros + 600 * SECOND;
  while (!state.isDone) {
    if (world.nowMicros > limitMicros) throw new Error(`the file was not there after 600 s and ${tries} tries`);
    if (state.isBroken && from.engine.connected) {
      try {
        from.engine.fileOutter.beginSendFile('bob', 'a.bin', null, PACE);
        state.isBroken = false;
        tries += 1;
      } catch {
        // The connection broke just now; the next round begins again.
      }
    }
    await world.sleep(SECOND);
  }
  return tries;
}

function sameFile(from: Host, to: Host): boolean {
  const read = (host: Host, path: string): Uint8Array => {
    const handle = host.files.openToRead(path);
    if ('code' in handle) return new Uint8Array(0);
    let bytes = new Uint8Array(0);
    handle.read(0, FILE_BYTES + 1, (result) => (bytes = 'code' in result ? bytes : result.slice()));
    handle.close();
    return bytes;
  };
  const [sent, arrived] = [read(from, 'a.bin'), read(to, 'in/a.bin')];
  return sent.length === FILE_BYTES && arrived.length === FILE_BYTES && sent.every((byte, at) => byte === arrived[at]);
}

/** Nothing acknowledged is lost, nothing comes twice, and the order is kept. */
function checkOutcome({ acknowledged, got, isFileWhole }: Outcome): void {
  const certain = got.filter((type) => type >= 1000);
  expect(certain).toEqual([...new Set(certain)].sort((a, b) => a - b));
  const arrived = new Set(certain);
  expect(acknowledged.filter((type) => !arrived.has(type))).toEqual([]);
  expect(isFileWhole).toBe(true);
}

const { TcpAndUdp, Udp, None } = P2PChannelMode;
const move = (atMillis: number, gapMillis: number, overlapMillis = 0): Hardship => ({
  atMillis,
  what: 'move',
  gapMillis,
  overlapMillis,
});

test('without a change of networks nothing breaks: the measure for what follows', async () => {
  const outcome = await run({ seed: 1, hardships: [], onAddressLoss: 'keep', mode: Udp });
  checkOutcome(outcome);
  expect(outcome).toMatchObject({ interruptions: 0, refused: 0, fileTries: 1, direct: 1 });
});

test.each([
  ['keep', None],
  ['keep', Udp],
  ['abort', TcpAndUdp],
] as const)(
  'from the Wi-Fi to LTE in the middle of a file, sockets %s, mode %s: it reconnects and goes on',
  async (onAddressLoss, mode) => {
    const outcome = await run({ seed: 2, hardships: [move(3_000, 2_000)], onAddressLoss, mode });
    checkOutcome(outcome);
    expect(outcome.interruptions).toBeGreaterThanOrEqual(1);
    expect(outcome.fileTries).toBeGreaterThanOrEqual(2);
  },
);

test(
  'whenever it changes networks, is renumbered or falls asleep, what was acknowledged has come',
  { timeout: 60_000 },
  async () => {
    const hardship: fc.Arbitrary<Hardship> = fc.record({
      atMillis: fc.nat({ max: 9_000 }),
      what: fc.constantFrom('move', 'move', 'renumber', 'suspend'),
      gapMillis: fc.constantFrom(0, 1, 300, 5_000, 20_000),
      overlapMillis: fc.constantFrom(0, 0, 100, 4_000),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          seed: fc.nat({ max: 1_000_000 }),
          hardships: fc.array(hardship, { minLength: 1, maxLength: 3 }),
          onAddressLoss: fc.constantFrom<NonNullable<HostOptions['onAddressLoss']>[]>('keep', 'abort'),
          mode: fc.constantFrom(TcpAndUdp, Udp, None),
        }),
        async (story) => {
          checkOutcome(await run(story));
        },
      ),
      { numRuns: 10, seed: 20_240_101, endOnFailure: false },
    );
  },
);
