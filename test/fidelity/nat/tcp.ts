/** Laws about TCP through NATs: SYNs that cross, SYNs that nobody asked for, and the lives of connections. */
import { Internet, Lan, World, natBehaviour } from '../../../sim/index.ts';
import type { Host, NatBehaviour } from '../../../sim/index.ts';
import type { Endpoint, TcpConnection } from '../../../spec/platform.ts';
import type { FidelityRow } from '../model.ts';
import { exactly } from './row.ts';
import { addressOf } from './worlds.ts';

const SECOND = 1_000_000;
/** From one NAT to the other. */
const ONE_WAY_MICROS = 50_000;
const PORT = 4_000;

export function tcpLaws(): FidelityRow[] {
  return [...resetLaws(), relayedSkewLaw(), dropLaw(), crossingLaw(), ...unsolicited(), ...lives()];
}

type Trial = { readonly changes: Partial<NatBehaviour>; readonly skewMicros: number; readonly listens?: boolean };

/**
 * Two hosts behind port-restricted NATs dial each other from the ports their mappings were learned for, the second one later,
 * once and with no retry of their own. Gives when each had a connection, counted from the first SYN; undefined for never.
 */
function dialEachOther({ changes, skewMicros, listens = false }: Trial): (number | undefined)[] {
  const world = new World({ seed: 2 });
  const internet = new Internet(world, { link: { delayMicros: ONE_WAY_MICROS / 2 } });
  const server = internet.host('server');
  const seen: Endpoint[] = [];
  const idle = { onData: () => undefined, onClosed: () => undefined };
  server.platform().listenTcp(
    { port: 443 },
    {
      onConnection: ({ remote }) => {
        seen.push(remote);
        return idle;
      },
      onError: () => undefined,
    },
  );
  const nat = natBehaviour('portRestricted', changes);
  const hosts = ['a', 'b'].map((name) => new Lan(internet, `nat-${name}`, { nat }).host(name));
  const connectedAt: (number | undefined)[] = [undefined, undefined];
  let beganMicros = 0;
  const note = (index: number): void => {
    connectedAt[index] ??= world.nowMicros - beganMicros;
  };
  const dial = (index: number, remote: Endpoint, onConnected: () => void): TcpConnection =>
    hosts[index]!.platform().connectTcp({ remote, localPort: PORT }, { ...idle, onConnected });
  for (const [index, host] of hosts.entries()) {
    dial(index, { address: addressOf(server), port: 443 }, () => undefined);
    world.runUntil(world.nowMicros + SECOND);
    if (!listens) continue;
    const onConnection = (): typeof idle => {
      note(index);
      return idle;
    };
    host.platform().listenTcp({ port: PORT }, { onConnection, onError: () => undefined });
  }
  world.runUntil(world.nowMicros + SECOND);
  beganMicros = world.nowMicros;
  dial(0, seen[1]!, () => note(0));
  world.runUntil(beganMicros + skewMicros);
  dial(1, seen[0]!, () => note(1));
  world.runUntil(beganMicros + 30 * SECOND);
  return connectedAt;
}

function succeeds(trial: Trial): boolean {
  return dialEachOther(trial).every((atMicros) => atMicros !== undefined);
}

function resetLaws(): FidelityRow[] {
  const changes = { tcpUnsolicited: 'reset' } as const;
  const skews = [0, ONE_WAY_MICROS - 1, ONE_WAY_MICROS + 1, 10 * ONE_WAY_MICROS];
  return [
    exactly(
      'NATs that answer with RST, no listener, no retry: success iff the skew is below the one-way delay d; at 0, d - 1 us, d + 1 us, 10 d',
      'RFC 5382 REQ-4',
      'true, true, false, false',
      skews.map((skewMicros) => succeeds({ changes, skewMicros })).join(', '),
    ),
    exactly(
      'the same with a listener on the port: at any skew',
      'RFC 5382 REQ-4',
      'true, true, true, true',
      skews.map((skewMicros) => succeeds({ changes, skewMicros, listens: true })).join(', '),
    ),
  ];
}

/** One-way delays of the relay's path, to one end and to the other. */
const RELAY_MILLIS = [10, 60, 130, 250];

/**
 * DCUtR: one end tells the other over a relay to dial, and dials itself half a round trip later; so the two dial half the
 * difference of the relay's delays apart. With NATs that reset, that must stay below the direct one-way delay.
 */
function relayedSkewLaw(): FidelityRow {
  let equal = 0;
  for (const there of RELAY_MILLIS) {
    for (const back of RELAY_MILLIS) {
      const dialsAt = [(there + back) / 2, there].map((millis) => Math.round(millis * 1_000));
      const skewMicros = Math.abs(dialsAt[0]! - dialsAt[1]!);
      const isBelow = Math.abs(there - back) * 500 < ONE_WAY_MICROS;
      if (succeeds({ changes: { tcpUnsolicited: 'reset' }, skewMicros }) === isBelow) equal += 1;
    }
  }
  return exactly(
    'dialling when a relay says so, through NATs that reset: success iff half the difference of the relay’s delays is below the direct delay; delays of 10 to 250 ms',
    'DCUtR',
    '16 of 16',
    `${equal} of 16`,
  );
}

/** The later end has the connection one round trip after its SYN, the earlier one as soon as that SYN is there. */
function dropLaw(): FidelityRow {
  const lanMicros = 2 * 500;
  const skewMicros = 4 * ONE_WAY_MICROS;
  const [first, second] = dialEachOther({ changes: {}, skewMicros });
  const roundTrip = 2 * (ONE_WAY_MICROS + lanMicros);
  return exactly(
    'NATs that drop: the end that dials 200 ms later is connected one round trip after its SYN, the other half of one later',
    'simultaneous open, RFC 9293',
    `${skewMicros + roundTrip}, ${skewMicros + roundTrip + roundTrip / 2} us`,
    `${second}, ${first} us`,
  );
}

function crossingLaw(): FidelityRow {
  const [accepts, refuses] = [true, false].map((tcpSimultaneousOpen) =>
    succeeds({ changes: { tcpSimultaneousOpen }, skewMicros: 0 }),
  );
  return exactly(
    'SYNs that cross: punched when the NAT takes them, not when it does not',
    'RFC 5382 REQ-2',
    'true, false',
    `${accepts}, ${refuses}`,
  );
}

/** A stranger dials a port of the NAT that nobody opened, or that was opened for somebody else. */
function unsolicited(): FidelityRow[] {
  const ends = (['drop', 'reset', 'icmp', 'hold'] as const).map((tcpUnsolicited) => {
    const { world, stranger, external } = aNatAndAStranger({ tcpUnsolicited });
    const beganMicros = world.nowMicros;
    let ended = 'silence';
    const onClosed = (reason: string): void => {
      ended = `${reason} after ${((world.nowMicros - beganMicros) / SECOND).toFixed(1)} s`;
    };
    stranger.platform().connectTcp({ remote: { address: external, port: 9 } }, { onData: () => undefined, onClosed });
    world.runUntil(beganMicros + 10 * SECOND);
    return ended;
  });
  const wanted = dialEachOther({ changes: { tcpUnsolicited: 'hold' }, skewMicros: 5 * SECOND });
  const late = dialEachOther({ changes: { tcpUnsolicited: 'hold' }, skewMicros: 7 * SECOND });
  return [
    exactly(
      'an unsolicited SYN, by policy: drop, RST, ICMP, ICMP after 6 s',
      'RFC 5382 REQ-4',
      'silence, refused after 0.0 s, refused after 0.0 s, refused after 6.0 s',
      ends.join(', '),
    ),
    exactly(
      'held for 6 s: our own SYN after 5 s still meets it; after 7 s the other end has given up, and only a later SYN of its own would do',
      'RFC 5382 REQ-4',
      'connected, not',
      [wanted, late].map((ats) => (ats.every((at) => at !== undefined) ? 'connected' : 'not')).join(', '),
    ),
  ];
}

function aNatAndAStranger(changes: Partial<NatBehaviour>) {
  const world = new World({ seed: 3 });
  const internet = new Internet(world);
  const stranger = internet.host('stranger');
  const lan = new Lan(internet, 'nat', { nat: natBehaviour('portRestricted', changes) });
  const inside = lan.host('inside');
  world.runUntil(1);
  return { world, stranger, lan, inside, external: '198.18.0.3' };
}

/** What is left of a mapping's life in each state of its connection, in seconds. */
function lives(): FidelityRow[] {
  const law = 'life of a TCP mapping: SYN sent, established, both FINs seen; with RST; with RST that removes';
  return [
    exactly(
      law,
      'RFC 5382 REQ-5, RFC 7857 section 2.1',
      '240, 7440, 100, 100, 0',
      [
        ...livesOf({ tcpClosingMicros: 100 * SECOND }, 'end'),
        livesOf({ tcpClosingMicros: 100 * SECOND }, 'abort')[2],
        livesOf({ tcpReset: 'removes' }, 'abort')[2],
      ].join(', '),
    ),
  ];
}

function livesOf(changes: Partial<NatBehaviour>, ending: 'end' | 'abort'): number[] {
  const { world, stranger, lan, inside } = aNatAndAStranger(changes);
  const left = (): number => {
    const expiresAtMicros = lan.nat.mappings()[0]?.expiresAtMicros ?? world.nowMicros;
    return Math.round((expiresAtMicros - world.nowMicros) / SECOND);
  };
  const handlers = { onData: () => undefined, onClosed: () => undefined };
  const dead = inside.platform().connectTcp({ remote: { address: addressOf(stranger), port: 81 } }, handlers);
  world.runUntil(world.nowMicros + 1_000);
  const lifeOfSyn = left();
  dead.abort();
  return [lifeOfSyn, ...livesAfterHandshake({ world, stranger, inside, left }, ending)];
}

function livesAfterHandshake(
  { world, stranger, inside, left }: { world: World; stranger: Host; inside: Host; left: () => number },
  ending: 'end' | 'abort',
): number[] {
  // The life of the attempt before is over.
  world.runUntil(world.nowMicros + 300 * SECOND);
  const accepted: TcpConnection[] = [];
  const handlers = { onData: () => undefined, onClosed: () => undefined };
  stranger.platform().listenTcp(
    { port: 80 },
    {
      onConnection: (connection) => {
        accepted.push(connection);
        return handlers;
      },
      onError: () => undefined,
    },
  );
  const connection = inside.platform().connectTcp({ remote: { address: addressOf(stranger), port: 80 } }, handlers);
  world.runUntil(world.nowMicros + SECOND / 10);
  const established = left();
  connection[ending]();
  accepted[0]?.end();
  world.runUntil(world.nowMicros + SECOND / 10);
  return [established, left()];
}
