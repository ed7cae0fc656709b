/** Times of TCP repeats, exact to the microsecond, and round trips a recovery takes. */
import { Internet, TCP_FLAG, World, registryOf } from '../../sim/index.ts';
import type { Host, LinkDirection, Packet, TcpOptions } from '../../sim/index.ts';
import type { TcpConnection } from '../../spec/platform.ts';
import type { FidelityRow } from './model.ts';

type Row = Omit<FidelityRow, 'area'>;

const SECOND = 1_000_000;
const SEGMENT_BYTES = 1_460;

/** A client connected to a server, and what goes over the client's link. */
type Scene = {
  readonly world: World;
  readonly server: Host;
  readonly connection: TcpConnection;
  /** Away from the client, and back to it. */
  readonly up: LinkDirection;
  readonly down: LinkDirection;
  /** Everything the client sent and got, copied. */
  readonly sent: { readonly atMicros: number; readonly packet: Packet }[];
  readonly got: { readonly atMicros: number; readonly packet: Packet }[];
};

function scene(roundTripMicros: number, tcp: Partial<TcpOptions> = {}, isCut = false): Scene {
  const world = new World({ seed: 1 });
  const internet = new Internet(world, { link: { delayMicros: 0 } });
  const client = internet.host('client', { tcp, link: { delayMicros: roundTripMicros / 2 } });
  const server = internet.host('server', { tcp: { selectiveAcknowledgments: tcp.selectiveAcknowledgments ?? false } });
  const quiet = { onData: () => undefined, onClosed: () => undefined };
  server.platform().listenTcp({ port: 1 }, { onConnection: () => quiet, onError: () => undefined });
  const { forward: up, backward: down } = registryOf(world).link('client-internet');
  if (isCut) up.down();
  const [sent, got]: [Scene['sent'], Scene['got']] = [[], []];
  up.addTap((packet, atMicros) => sent.push({ atMicros, packet: { ...packet } }));
  client.interfaces[0]!.addTap((packet, atMicros) => {
    if (packet.source !== client.address) got.push({ atMicros, packet: { ...packet } });
  });
  const remote = { address: server.platform().localAddresses()[0]!, port: 1 };
  const connection = client.platform().connectTcp({ remote }, quiet);
  return { world, server, connection, up, down, sent, got };
}

/** The laws in the order of the RFCs. */
export function timingLaws(): Row[] {
  return [
    synLaw(),
    dataLaw(100_000),
    dataLaw(400_000),
    karnLaw(),
    fastRetransmitLaw(false),
    fastRetransmitLaw(true),
    ...[2, 4, 8].map((holes) => holesLaw(holes, true)),
    ...[2, 4, 8].map((holes) => holesLaw(holes, false)),
  ];
}

function synLaw(): Row {
  const { world, sent } = scene(20_000, {}, true);
  world.runUntil(200 * SECOND);
  return exact('SYNs are sent again after 1, 3, 7, 15, 31 and 63 s (RFC 6298 2.1, 5.5)', {
    expected: [0, 1, 3, 7, 15, 31, 63].map((seconds) => seconds * SECOND),
    measured: sent.map(({ atMicros }) => atMicros),
  });
}

/** Only the SYN was timed: SRTT = R, RTTVAR = R / 2, RTO = R + 4 R / 2, at least 200 ms; doubled up to 120 s. */
function dataLaw(roundTripMicros: number): Row {
  const { world, sent, up, connection } = scene(roundTripMicros, { userTimeoutMicros: 1_000 * SECOND });
  world.runUntil(10 * SECOND);
  sent.length = 0;
  up.down();
  connection.write(new Uint8Array(100));
  world.runUntil(600 * SECOND);
  const expected = [0];
  let rto = Math.max(200_000, 3 * roundTripMicros);
  while (10 * SECOND + expected.at(-1)! + rto <= 600 * SECOND) {
    expected.push(expected.at(-1)! + rto);
    rto = Math.min(120 * SECOND, rto * 2);
  }
  return exact(
    `data is sent again after RTO = SRTT + 4 RTTVAR, doubled (RFC 6298 2.2, 5.5), RTT ${roundTripMicros} us`,
    {
      expected,
      measured: sent.map(({ atMicros }) => atMicros - 10 * SECOND),
    },
  );
}

/** A repeated segment is not timed, and the doubled timeout stays until a segment sent once was (Karn's algorithm). */
function karnLaw(): Row {
  const { world, sent, up, connection } = scene(100_000, { keepsBackoff: true });
  world.runUntil(10 * SECOND);
  const first = sent.length;
  // The first segment is lost twice, the second repeat gets through; the next segment is lost as well.
  up.dropNth(1, 2, 4);
  connection.write(new Uint8Array(100));
  world.runUntil(12 * SECOND);
  connection.write(new Uint8Array(100));
  world.runUntil(20 * SECOND);
  const times = sent.slice(first).map(({ atMicros }) => atMicros - 10 * SECOND);
  return exact('the doubled timeout stays until a segment sent once was timed (Karn, RFC 6298 section 5)', {
    expected: [0, 300_000, 900_000, 2_000_000, 2_000_000 + 1_200_000],
    measured: times,
  });
}

function fastRetransmitLaw(isSack: boolean): Row {
  const { world, sent, got, up, connection } = scene(100_000, { selectiveAcknowledgments: isSack });
  world.runUntil(10 * SECOND);
  // Slow enough that every acknowledgment comes at a time of its own.
  up.configure({ bandwidthBitsPerSecond: 10_000_000 });
  up.dropNth(3);
  const [sentBefore, gotBefore] = [sent.length, got.length];
  connection.write(new Uint8Array(10 * SEGMENT_BYTES));
  world.runUntil(11 * SECOND);
  const lost = sent[sentBefore + 2]!.packet.sequence;
  const repeat = sent.slice(sentBefore + 3).find(({ packet }) => packet.sequence === lost);
  const duplicates = got.slice(gotBefore).filter(({ packet }) => packet.acknowledgment === lost);
  // The first of them acknowledges what came before the gap; the others are its duplicates.
  return exact(
    `the third duplicate acknowledgment, not an earlier one, repeats the segment (RFC 5681 3.2${isSack ? ', 6675' : ''})`,
    {
      expected: [duplicates[3]?.atMicros ?? -1],
      measured: [repeat?.atMicros ?? -2],
    },
  );
}

/** Every second one of the first 2 k segments of one large window is lost; round trips from the first repeat until all is mended. */
function holesLaw(holes: number, isSack: boolean): Row {
  const roundTrip = 100_000;
  const { world, sent, got, up, connection } = scene(roundTrip, { selectiveAcknowledgments: isSack });
  // Three round trips of slow start make a window of 80 segments.
  connection.write(new Uint8Array(70 * SEGMENT_BYTES));
  world.runUntil(10 * SECOND);
  up.dropNth(...Array.from({ length: holes }, (_, index) => 1 + 2 * index));
  const [sentBefore, gotBefore] = [sent.length, got.length];
  connection.write(new Uint8Array(60 * SEGMENT_BYTES));
  world.runUntil(20 * SECOND);
  const data = sent.slice(sentBefore);
  const mended = (data[0]!.packet.sequence + (2 * holes - 1) * SEGMENT_BYTES) | 0;
  const seen = new Set<number>();
  const firstRepeat = data.find(({ packet }) => seen.has(packet.sequence) || (seen.add(packet.sequence), false));
  const done = got.slice(gotBefore).find(({ packet }) => ((packet.acknowledgment - mended) | 0) >= 0);
  const trips = ((done?.atMicros ?? Infinity) - (firstRepeat?.atMicros ?? 0)) / roundTrip;
  const isReset = got.some(({ packet }) => (packet.flags & TCP_FLAG.rst) !== 0);
  const [least, most] = isSack ? [1, 1.5] : [holes, holes + 0.5];
  return {
    law: isSack
      ? `SACK mends ${holes} holes of one window in one round trip (RFC 6675)`
      : `NewReno mends ${holes} holes in ${holes} round trips (RFC 6582)`,
    expected: `${least} to ${most} round trips`,
    measured: trips.toFixed(2),
    holds: !isReset && trips >= least && trips <= most,
  };
}

function exact(
  law: string,
  values: { readonly expected: readonly number[]; readonly measured: readonly number[] },
): Row {
  const text = (list: readonly number[]): string => list.map((micros) => (micros / SECOND).toFixed(6)).join(' ');
  const expected = text(values.expected);
  const measured = text(values.measured);
  return { law, expected: `${expected} s`, measured: `${measured} s`, holds: expected === measured };
}
