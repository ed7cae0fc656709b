/** Engines over IPv6: clients of both families at one server, one of them behind a NAT64, and two behind firewalls. */
import { expect, test } from 'vitest';
import { LogonResult, P2PChannelMode, rapidEngineFactory } from '../../impl/index.ts';
import type { RapidPassiveEngine } from '../../impl/index.ts';
import { sideOf } from '../../impl/engine/p2p/udp-desk.ts';
import { Internet, Lan, World, namesOf, observe, BLIND_OBSERVER } from '../../sim/index.ts';
import type { Host } from '../../sim/index.ts';

const SECOND = 1_000_000;
const PORT = 4530;

type Client = { readonly host: Host; readonly engine: RapidPassiveEngine; readonly got: string[] };

async function logOn(host: Host, address: string): Promise<Client> {
  const engine = rapidEngineFactory.createPassiveEngine(host.platform());
  const got: string[] = [];
  const { logonResult } = await engine.initialize(host.name, null, address, PORT, {
    handleInformation: (source, type, bytes) => void got.push(`${source ?? ''} ${type} ${bytes?.length ?? 0}`),
    handleQuery: () => null,
  });
  expect(logonResult).toBe(LogonResult.Succeed);
  engine.p2pController!.p2pChannelMode = P2PChannelMode.TcpAndUdp;
  return { host, engine, got };
}

/** A server that listens at all its addresses, and its engine closed at the end with nothing left open. */
async function withServer(world: World, host: Host, body: () => Promise<readonly Client[]>): Promise<void> {
  const server = rapidEngineFactory.createServerEngine(host.platform());
  await server.initialize(PORT, null);
  const clients = await body();
  for (const { engine } of clients) engine.close();
  server.close();
  await world.sleep(200 * SECOND);
  for (const each of [host, ...clients.map((client) => client.host)]) {
    expect(each.openResources()).toEqual({ timers: 0, connections: 0, listeners: 0, udpSockets: 0 });
  }
}

/** The first address that a host finds under a name, as its programs would. */
function found(world: World, host: Host, name: string): string {
  const answer = namesOf(world).lookup(name, host);
  return 'addresses' in answer ? answer.addresses[0]! : answer.failure;
}

test('a dual-stack server, with clients of IPv4, of IPv6 and of both', async () => {
  const world = new World({ seed: 1, timeLimitMicros: 900 * SECOND });
  const internet = new Internet(world, { prefix6: '2001:db8::/32' });
  const home = new Lan(internet, 'home', { nat: 'linux', ipv6: {} });
  const hosts = [
    internet.host('four', { families: 'ipv4' }),
    internet.host('six', { families: 'ipv6' }),
    home.host('both'),
  ];
  const serverHost = internet.host('server');
  await world.run(() =>
    withServer(world, serverHost, async () => {
      const clients: Client[] = [];
      const seen: string[] = [];
      for (const host of hosts) {
        const client = await logOn(host, found(world, host, 'server'));
        clients.push(client);
        seen.push((await client.engine.basicOutter.getMyIPE()).address);
      }
      // BAS-014: the server says from where it sees each.
      expect(seen).toEqual(['198.18.0.3', '2001:db8::3', '2001:db8:1::2']);
      for (const { engine, host } of clients) {
        const others = clients.filter((other) => other.host !== host);
        for (const { host: to } of others)
          await engine.customizeOutter.sendCertainly(to.name, 1_000, new Uint8Array(3_000));
      }
      expect(clients.map(({ got }) => got.length)).toEqual([2, 2, 2]);
      return clients;
    }),
  );
});

test('a client of IPv6 alone reaches a server of IPv4 alone through DNS64 and NAT64', async () => {
  const world = new World({ seed: 1, timeLimitMicros: 900 * SECOND });
  const internet = new Internet(world, { prefix6: '2001:db8::/32' });
  const mobile = new Lan(internet, 'mobile', { nat: 'linux', ipv6: { nat64: 'restrictedCone' } });
  const phone = mobile.host('phone', { families: 'ipv6' });
  const old = internet.host('old', { families: 'ipv4' });
  const serverHost = internet.host('server', { families: 'ipv4' });
  await world.run(() =>
    withServer(world, serverHost, async () => {
      const address = found(world, phone, 'server');
      expect(address).toMatch(/^64:ff9b::/);
      const [six, four] = [await logOn(phone, address), await logOn(old, found(world, old, 'server'))];
      await six.engine.customizeOutter.sendCertainly('old', 1_000, new Uint8Array(20_000));
      await four.engine.customizeOutter.sendCertainly('phone', 1_001, new Uint8Array(20_000));
      expect([six.got, four.got]).toEqual([['old 1001 20000'], ['phone 1000 20000']]);
      // The server sees the translator's address, and the phone is behind a NAT like any other.
      expect((await six.engine.basicOutter.getMyIPE()).address).toBe('198.18.0.3');
      return [six, four];
    }),
  );
});

test('P2P-011: a client names addresses of IPv4 as its candidates, and no others', () => {
  const observed = { address: '2001:db8::2', port: 5 };
  const { candidates } = sideOf(['192.168.1.2', '2001:db8::2', '2001:db8::3'], 5, {
    observed,
    mapping: 'unknown',
    lastPort: 0,
    step: 0,
    secondPort: 0,
  });
  expect(candidates).toEqual([{ kind: 'host', endpoint: { address: '192.168.1.2', port: 5 } }]);
});

test('P2P-011: two clients of IPv6 alone have no candidates, and talk through the server', async () => {
  const world = new World({ seed: 1, timeLimitMicros: 900 * SECOND });
  const internet = new Internet(world, { prefix6: '2001:db8::/32' });
  const homes = ['one', 'two'].map((name) => new Lan(internet, name, { nat: 'linux', ipv6: { firewall: 'linux' } }));
  const [alice, bob] = [homes[0]!.host('alice', { families: 'ipv6' }), homes[1]!.host('bob', { families: 'ipv6' })];
  const serverHost = internet.host('server');
  let dropped = 0;
  observe(world, { ...BLIND_OBSERVER, onDrop: () => (dropped += 1) });
  await world.run(() =>
    withServer(world, serverHost, async () => {
      const clients = [
        await logOn(alice, found(world, alice, 'server')),
        await logOn(bob, found(world, bob, 'server')),
      ];
      const [one, two] = [clients[0]!, clients[1]!];
      let opened = 0;
      one.engine.p2pController!.p2pChannelOpened.add(() => (opened += 1));
      one.engine.p2pController!.p2pConnectAsyn('bob');
      await world.sleep(60 * SECOND);
      await one.engine.customizeOutter.sendCertainly('bob', 1_000, new Uint8Array(100));
      await two.engine.customizeOutter.sendCertainly('alice', 1_001, new Uint8Array(100));
      expect([opened, one.got, two.got]).toEqual([0, ['bob 1001 100'], ['alice 1000 100']]);
      // Nobody knocked at a door that was shut.
      expect(dropped).toBe(0);
      return clients;
    }),
  );
});
