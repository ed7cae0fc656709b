/**
 * The laws of middleboxes: ports opened by request and for how long, who gets in by them, what gateways may say that is not so,
 * codes of refusal, and what a captive portal lets through. The requirements one by one are in `test/sim/boxes`.
 */
import { CaptivePortal, Internet, Lan, World, natBehaviour } from '../../sim/index.ts';
import type { GatewayLies, GatewayOptions, Host, NatPreset } from '../../sim/index.ts';
import type { Endpoint } from '../../spec/platform.ts';
import { GATEWAY, aHome } from '../sim/boxes/home.ts';
import { NatPmpClient } from '../sim/boxes/nat-pmp-client.ts';
import { PREFER_FAILURE, PcpClient, THIRD_PARTY } from '../sim/boxes/pcp-client.ts';
import { ControlPoint } from '../sim/boxes/upnp-client.ts';
import type { FidelityRow } from './model.ts';

const SECOND = 1_000_000;
const INNER = 4_000;
const OUTER = 7_000;

export function boxesLaws(): FidelityRow[] {
  return [...leases(), mappedIsFullCone(), behindCarrier(), lies(), pcpCodes(), upnpCodes(), epochs(), portal()];
}

function exactly(law: string, source: string, expected: string, measured: string): FidelityRow {
  return { area: 'boxes', law: `${law} (${source})`, expected, measured, holds: expected === measured };
}

type Asked = ReturnType<typeof aHome>;

/** Asks for the port by each protocol; every one waits for its answer. */
const ASKING: Readonly<Record<'natPmp' | 'pcp' | 'upnp', (home: Asked, secs: number) => void>> = {
  natPmp(home, secs) {
    const client = new NatPmpClient(home.inside.platform(), GATEWAY);
    home.wait();
    client.askPort('udp', INNER, OUTER, secs);
    home.wait();
  },
  pcp(home, secs) {
    const client = new PcpClient(home.inside.platform(), GATEWAY);
    home.wait();
    client.ask({ innerPort: INNER, externalPort: OUTER, secs });
    home.wait();
  },
  upnp(home, secs) {
    new ControlPoint(home.inside, GATEWAY).call('AddPortMapping', wishFor(home.inside, secs));
  },
};

function wishFor(host: Host, secs: number): Record<string, string | number> {
  return {
    NewRemoteHost: '',
    NewExternalPort: OUTER,
    NewProtocol: 'UDP',
    NewInternalPort: INNER,
    NewInternalClient: host.platform().localAddresses()[0]!,
    NewEnabled: 1,
    NewPortMappingDescription: '',
    NewLeaseDuration: secs,
  };
}

/** The table a microsecond before the end of a lease, and at its end, while strangers knock all the time. */
function leases(): FidelityRow[] {
  return Object.entries(ASKING).map(([protocol, ask]) => {
    const home = aHome();
    ask(home, 600);
    const { nat } = home.lan;
    const [mapping] = nat.mappings();
    const until = mapping?.expiresAtMicros ?? 0;
    while (home.world.nowMicros < until - 2 * SECOND) {
      home.knock(OUTER);
      home.wait(60 * SECOND < until - home.world.nowMicros ? 58 * SECOND : 0);
    }
    const heard = home.knock(OUTER).join();
    home.world.runUntil(until - 1);
    const before = nat.mappings().length;
    home.world.runUntil(until);
    const granted = 600 * SECOND;
    const isExact = until > granted && until < granted + 3 * SECOND;
    return exactly(
      `${protocol}: a port asked for 600 s lets strangers in until a microsecond before its end, however much it is used`,
      'RFC 6886 3.3, RFC 6887 15, WANIPConnection',
      'inside, 1, 0, 600 s',
      `${heard}, ${before}, ${nat.mappings().length}, ${isExact ? '600 s' : 'another time'}`,
    );
  });
}

const KINDS: readonly NatPreset[] = [
  'fullCone',
  'restrictedCone',
  'portRestricted',
  'symmetricSequential',
  'symmetric',
];

/**
 * A host behind a symmetric NAT and a peer behind each kind: each sends to where the other was seen by a server, or to the
 * mapped port, three times, and answers whom it hears. Counts the kinds with which both hear each other.
 */
function meetings(isMapped: boolean): number {
  let met = 0;
  for (const kind of KINDS) {
    const world = new World({ seed: 12 });
    const internet = new Internet(world);
    const server = internet.host('server');
    const seen: Endpoint[] = [];
    server.platform().bindUdp({ port: 1 }, { onMessage: (_bytes, from) => seen.push(from) });
    const gateway = isMapped ? {} : ('none' as const);
    const home = new Lan(internet, 'home', { nat: 'symmetric', gateway }).host('host');
    const peer = new Lan(internet, 'away', { nat: natBehaviour(kind) }).host('peer');
    const heard = [new Set<string>(), new Set<string>()];
    const sockets = [home, peer].map((host, index) => {
      const socket = host.platform().bindUdp(
        { port: INNER },
        {
          onMessage: (bytes, from) => {
            heard[index]!.add(`${from.address}:${from.port}`);
            if (bytes[0] === 1) socket.send(Uint8Array.of(2), from);
          },
        },
      );
      return socket;
    });
    if (isMapped) {
      const client = new PcpClient(home.platform(), GATEWAY);
      world.runUntil(SECOND);
      client.ask({ innerPort: INNER, externalPort: OUTER, secs: 600 });
    }
    world.runUntil(2 * SECOND);
    for (const socket of sockets) {
      socket.send(Uint8Array.of(0), { address: server.platform().localAddresses()[0]!, port: 1 });
      world.runUntil(world.nowMicros + SECOND);
    }
    for (let round = 0; round < 3; round += 1) {
      sockets[0]!.send(Uint8Array.of(1), seen[1]!);
      sockets[1]!.send(Uint8Array.of(1), seen[0]!);
      world.runUntil(world.nowMicros + SECOND);
    }
    if (heard.every(({ size }) => size > 0)) met += 1;
  }
  return met;
}

function mappedIsFullCone(): FidelityRow {
  return exactly(
    'a symmetric NAT with five kinds of NAT on the other side, plain punching: how many meet without a mapped port, and with one',
    'a mapped port makes a full cone',
    '2 of 5, 5 of 5',
    `${meetings(false)} of 5, ${meetings(true)} of 5`,
  );
}

/** A home's gateway behind a carrier's NAT. */
function behindCarrier(): FidelityRow {
  const world = new World({ seed: 13 });
  const internet = new Internet(world);
  const stranger = internet.host('stranger');
  const carrier = new Lan(internet, 'carrier', { nat: 'fullCone', prefix: '100.64.0.0/24' });
  const neighbour = carrier.host('neighbour');
  const host = new Lan(carrier, 'home', { nat: 'fullCone', gateway: {} }).host('host');
  const heard: string[] = [];
  host.platform().bindUdp({ port: INNER }, { onMessage: (_bytes, from) => heard.push(from.address) });
  const client = new PcpClient(host.platform(), GATEWAY);
  const sockets = [stranger, neighbour].map((from) =>
    from.platform().bindUdp({ port: 1 }, { onMessage: () => undefined }),
  );
  world.runUntil(SECOND);
  client.ask({ innerPort: INNER, externalPort: OUTER, secs: 600 });
  world.runUntil(2 * SECOND);
  const told = client.answers[0]?.address ?? 'nothing';
  sockets[0]!.send(Uint8Array.of(1), { address: '198.18.0.3', port: OUTER });
  for (const socket of sockets) socket.send(Uint8Array.of(1), { address: told, port: OUTER });
  world.runUntil(3 * SECOND);
  return exactly(
    'a home behind a carrier’s NAT is told an address of the middle, where its neighbours there reach it and nobody else',
    'RFC 6886 3.2',
    '100.64.0.3, heard 100.64.0.2',
    `${told}, heard ${heard.join(' ')}`,
  );
}

/** What a client is told, and whether the port was open two seconds, and two hours, after an hour was granted. */
function lies(): FidelityRow {
  const cases: readonly GatewayLies[] = [
    {},
    { externalAddress: '10.0.0.1' },
    { acknowledgesOnly: true },
    { leaseEndsAfterMicros: SECOND },
    { leaseNeverEnds: true },
    { neverAnswers: true },
  ];
  const seen = cases.map((told) => {
    const home = aHome({ lies: told });
    const client = new PcpClient(home.inside.platform(), GATEWAY);
    home.wait();
    client.ask({ innerPort: INNER, externalPort: OUTER, secs: 3_600 });
    home.wait(2 * SECOND);
    const soon = home.knock(OUTER).length;
    home.wait(7_200 * SECOND);
    const [answer] = client.answers;
    const what = answer === undefined ? 'silence' : answer.address === home.external ? 'true' : 'false';
    return `${what} ${soon}${home.knock(OUTER).length}`;
  });
  return exactly(
    'lies, each with the address told and whether the port was open after 2 s and after two hours of one: none, wrong address, acknowledged only, ends early, never ends, silence',
    'configured',
    'true 10, false 10, true 00, true 00, true 11, silence 10',
    seen.join(', '),
  );
}

function pcpCodes(): FidelityRow {
  const home = aHome({ entriesPerHostMax: 1 });
  const client = new PcpClient(home.inside.platform(), GATEWAY);
  const wish = { innerPort: INNER, externalPort: OUTER, secs: 600, nonce: 1 };
  home.wait();
  const asks = [
    () => client.ask(wish),
    () => client.raw([1, 1, 0, 0], 0, '192.168.1.2', []),
    () => client.ask({ ...wish, nonce: 2 }),
    () => client.raw([2, 1, 0, 0], 0, '192.168.1.2', [1]),
    () => client.raw([2, 5, 0, 0], 0, '192.168.1.2', []),
    () => client.ask({ ...wish, options: [THIRD_PARTY] }),
    () => client.ask({ ...wish, options: [PREFER_FAILURE, PREFER_FAILURE] }),
    () => client.ask({ ...wish, protocol: 132 }),
    () => client.ask({ ...wish, innerPort: 5_000 }),
    () => client.ask({ ...wish, externalPort: 7_001, options: [PREFER_FAILURE] }),
    () => client.ask({ ...wish, client: '192.168.1.3' }),
  ];
  for (const ask of asks) {
    ask();
    home.wait();
  }
  const codes = client.answers.map(({ result }) => result).join(' ');
  const law =
    'granted; version, nonce, length, opcode, THIRD_PARTY, option twice, protocol, quota, PREFER_FAILURE, address';
  return exactly(`PCP's result codes: ${law}`, 'RFC 6887 7.4', '0 1 2 3 4 5 6 9 10 11 12', codes);
}

function upnpCodes(): FidelityRow {
  const codes = (options: GatewayOptions, calls: readonly (readonly [string, object])[]): string => {
    const home = aHome(options);
    const point = new ControlPoint(home.inside, GATEWAY);
    home.wait();
    const wish = wishFor(home.inside, 600);
    return calls
      .map(([action, changes]) => point.call(action, { ...wish, ...changes }))
      .map((reply) => (typeof reply === 'number' ? reply : 'ok'))
      .join(' ');
  };
  const seen = [
    codes({}, [
      ['AddPortMapping', {}],
      ['AddPortMapping', { NewInternalClient: '192.168.1.3' }],
      ['GetGenericPortMappingEntry', { NewPortMappingIndex: 1 }],
      ['DeletePortMapping', {}],
      ['DeletePortMapping', {}],
      ['AddAnyPortMapping', {}],
      ['AddPortMapping', { NewProtocol: 'ICMP' }],
    ]),
    codes({ permanentLeasesOnly: true }, [['AddPortMapping', {}]]),
    codes({ upnpVersion: 2, entriesMax: 0 }, [['AddPortMapping', {}]]),
  ];
  const law =
    'added; for another host, beyond the list, deleted, deleted again, not in version 1, no such protocol; permanent only; full';
  return exactly(
    `UPnP's error codes: ${law}`,
    'WANIPConnection',
    'ok 606 713 ok 714 401 402; 725; 728',
    seen.join('; '),
  );
}

/** A client asks twice, 100 s apart; between, nothing, a reboot, or a lie. */
function epochs(): FidelityRow {
  const cases: readonly (readonly [GatewayLies, boolean])[] = [
    [{}, false],
    [{}, true],
    [{ epochResetsEverySecs: 60 }, false],
    [{ epochSurvivesReboot: true }, true],
  ];
  const seen = cases.map(([told, reboots]) => {
    const home = aHome({ lies: told });
    const client = new PcpClient(home.inside.platform(), GATEWAY);
    home.wait(50 * SECOND);
    client.announce();
    home.wait(50 * SECOND);
    if (reboots) home.lan.nat.reboot();
    home.wait(50 * SECOND);
    client.announce();
    home.wait();
    return client.isEpochBroken ? 'lost' : 'kept';
  });
  return exactly(
    'what the epoch tells a client of its mappings: nothing happened, the NAT rebooted, the epoch lied, the epoch hid a reboot',
    'RFC 6887 8.5',
    'kept, lost, lost, kept',
    seen.join(', '),
  );
}

/** Which of TCP 80, TCP 443 and UDP get out, before the log on and after. */
function portal(): FidelityRow {
  const world = new World({ seed: 14 });
  const internet = new Internet(world);
  const server = internet.host('server');
  const address = server.platform().localAddresses()[0]!;
  const arrived = new Set<string>();
  const idle = { onData: () => undefined, onClosed: () => undefined };
  for (const port of [80, 443]) {
    const onConnection = (): typeof idle => {
      arrived.add(`tcp ${port}`);
      return idle;
    };
    server.platform().listenTcp({ port }, { onConnection, onError: () => undefined });
  }
  server.platform().bindUdp({ port: 7 }, { onMessage: () => arrived.add('udp') });
  const lan = new Lan(internet, 'hotel', { nat: 'portRestricted' });
  const captive = new CaptivePortal(lan);
  const guest = lan.host('guest');
  const socket = guest.platform().bindUdp({ port: 1 }, { onMessage: () => undefined });
  const tryAll = (): string => {
    arrived.clear();
    let answered = 0;
    world.runUntil(world.nowMicros + SECOND);
    for (const port of [80, 443]) {
      guest.platform().connectTcp({ remote: { address, port } }, { ...idle, onConnected: () => (answered += 1) });
    }
    socket.send(Uint8Array.of(1), { address, port: 7 });
    world.runUntil(world.nowMicros + SECOND);
    return `${answered} answered, ${arrived.size} arrived`;
  };
  const before = tryAll();
  captive.logOn(guest.address);
  return exactly(
    'a captive portal, TCP 80, TCP 443 and UDP: before the log on it answers the first itself; after it all arrive',
    'RFC 8952 section 2',
    '1 answered, 0 arrived; 2 answered, 3 arrived',
    `${before}; ${tryAll()}`,
  );
}
