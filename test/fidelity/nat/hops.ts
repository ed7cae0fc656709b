/** Laws about what ICMP and the time to live do at a NAT: pings, errors that must find their sender, punches that die on the way. */
import { Internet, Lan, World, createUdpPacket, natBehaviour, parseAddress } from '../../../sim/index.ts';
import type { EchoAnswer, Host, NatBehaviour } from '../../../sim/index.ts';
import type { FidelityRow } from '../model.ts';
import { exactly } from './row.ts';

const SECOND = 1_000_000;
const PORT = 4_000;

export function hopLaws(): FidelityRow[] {
  return [pingLife(), ...errors(), nearAndFar(), punishedOrNot()];
}

/** A host behind a NAT and a public server. */
function aHome(changes: Partial<NatBehaviour>, uplinkMtuBytes = 1_500) {
  const world = new World({ seed: 4 });
  const internet = new Internet(world);
  const server = internet.host('server');
  const nat = natBehaviour('portRestricted', changes);
  const lan = new Lan(internet, 'home', { nat, uplink: { mtuBytes: uplinkMtuBytes, tooBig: 'refuse' } });
  return { world, server, lan, inside: lan.host('inside') };
}

/** The life of a ping's mapping, to the second. */
function pingLife(): FidelityRow {
  const lives = [60, 30].map((secs) => {
    const { world, lan, inside } = aHome({ icmpQueryMicros: secs * SECOND });
    inside.echo.ping('198.18.0.2', { identifier: 1, onAnswer: () => undefined });
    let alive = 0;
    while (lan.nat.mappings().length > 0 || alive === 0) {
      alive += 1;
      world.runUntil(alive * SECOND);
    }
    return alive - 1;
  });
  return exactly(
    'the mapping of a ping lives at least 60 s; configured for 60 and 30',
    'RFC 5508 REQ-2',
    '60, 30 s',
    `${lives.join(', ')} s`,
  );
}

/** Errors of the NAT itself and of a router behind it, about packets of an inner host. */
function errors(): FidelityRow[] {
  const { world, inside } = aHome({});
  const routers = [1, 2, 3].map((timeToLive) => {
    const heard: EchoAnswer[] = [];
    inside.echo.ping('198.18.0.2', { identifier: timeToLive, timeToLive, onAnswer: (answer) => heard.push(answer) });
    world.runUntil(world.nowMicros + SECOND);
    return heard.map(({ from }) => from).join(' and ');
  });
  const narrow = aHome({}, 1_000);
  let received = 0;
  const onData = (bytes: Uint8Array): unknown => (received += bytes.length);
  const handlers = { onData, onClosed: () => undefined };
  narrow.server.platform().listenTcp({ port: 80 }, { onConnection: () => handlers, onError: () => undefined });
  const remote = { address: narrow.server.platform().localAddresses()[0]!, port: 80 };
  const connection = narrow.inside.platform().connectTcp({ remote }, handlers);
  connection.write(new Uint8Array(50_000));
  narrow.world.runUntil(60 * SECOND);
  return [
    exactly(
      'a route traced from inside: the NAT, the router behind it, the end',
      'RFC 5508 REQ-3, RFC 1812',
      '192.168.1.1, 198.18.0.1, 198.18.0.2',
      routers.join(', '),
    ),
    exactly(
      '"fragmentation needed" of the NAT about a packet it has translated finds its sender: 50,000 bytes over an uplink of 1,000',
      'RFC 1191, RFC 5508 REQ-3',
      '50000',
      String(received),
    ),
  ];
}

/** Two hosts behind NATs of their own; each knows the other's external endpoint, because its NAT keeps ports. */
function twoHomes(changes: Partial<NatBehaviour>) {
  const world = new World({ seed: 4 });
  const internet = new Internet(world);
  const nat = natBehaviour('portRestricted', { allocation: 'preserving', ...changes });
  const ends = ['near', 'far'].map((name, index) => {
    const lan = new Lan(internet, name, { nat });
    const host = lan.host(`${name}-host`);
    const heard: number[] = [];
    host.platform().bindUdp({ port: PORT }, { onMessage: (bytes) => heard.push(bytes[0]!) });
    return { lan, host, heard, external: `198.18.0.${index + 2}` };
  });
  world.runUntil(1);
  const punch = (from: 0 | 1, timeToLive: number): void => {
    sendWith(ends[from]!.host, ends[1 - from]!.external, timeToLive);
    world.runUntil(world.nowMicros + SECOND / 10);
  };
  return { near: ends[0]!, far: ends[1]!, punch };
}

function sendWith(host: Host, to: string, timeToLive: number): void {
  const packet = createUdpPacket(host.address, PORT, parseAddress(to), PORT, Uint8Array.of(timeToLive));
  packet.timeToLive = timeToLive;
  host.sendPacket(packet);
}

/** What a punch with a time to live of 1 to 4 opens near by, and whether the far NAT hears of it. */
function nearAndFar(): FidelityRow {
  const seen = [1, 2, 3, 4].map((timeToLive) => {
    const { near, far, punch } = twoHomes({});
    punch(0, timeToLive);
    const { withoutMapping } = far.lan.nat.statistics;
    return `${near.lan.nat.mappings().length > 0 ? 'open' : 'shut'} ${withoutMapping > 0 ? 'heard' : 'unheard'}`;
  });
  return exactly(
    'a punch that lives for 1, 2, 3, 4 hops, over near NAT, router, far NAT: whether it opens the near one, and the far one hears of it',
    'RFC 791, low TTL punching',
    'shut unheard, open unheard, open unheard, open heard',
    seen.join(', '),
  );
}

/** NATs that cut off whoever sends them what nobody asked for. */
function punishedOrNot(): FidelityRow {
  const outcome = (firstTimeToLive: number): string => {
    const blockRemote = { packets: 1, micros: 60 * SECOND };
    const { near, far, punch } = twoHomes({ blockRemote });
    punch(0, firstTimeToLive);
    punch(1, 64);
    punch(0, 64);
    return `${near.heard.length > 0 ? 'in' : 'out'} ${far.heard.length > 0 ? 'in' : 'out'}`;
  };
  return exactly(
    'between NATs that cut strangers off at their first packet: the first punch lives for 64 hops, and for 2; who is let in, near and far',
    'low TTL punching',
    'in out, in in',
    [64, 2].map(outcome).join(', '),
  );
}
