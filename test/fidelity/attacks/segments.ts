/**
 * What one forged segment does to a running connection, and what is answered: RFC 5961 sections 3 to 5 and RFC 9293 section
 * 3.10.7, case by case. Numbers are relative to what the server expects next: 0 is exactly right.
 */
import { Adversary, Internet, TCP_FLAG, World, forgeSegment, registryOf } from '../../../sim/index.ts';
import type { Host, Packet, TcpOptions } from '../../../sim/index.ts';
import type { Ends, Tap } from '../../../sim/index.ts';
import type { TcpConnection } from '../../../spec/platform.ts';
import type { FidelityRow } from '../model.ts';

const PORT = 80;
const SECOND = 1_000_000;
const { rst, syn, ack, fin, psh } = TCP_FLAG;

/** A client connected to a server, both have said something, and an attacker who sees it. */
export type Scene = {
  readonly world: World;
  readonly client: Host;
  readonly server: Host;
  readonly mallory: Adversary;
  readonly tap: Tap;
  /** As the client's segments go. */
  readonly ends: Ends;
  readonly connection: TcpConnection;
  /** The server's end. */
  readonly accepted: TcpConnection;
  /** What the server's application was told since the last look. */
  readonly told: string[];
  /** Segments that the server sent since then. */
  readonly answers: Packet[];
};

/** An established connection, at 1 s; what the attacker does happens after. */
export function scene(tcp: Partial<TcpOptions> = {}): Scene {
  const world = new World({ seed: 1 });
  const internet = new Internet(world);
  const [client, server] = [internet.host('client'), internet.host('server', { tcp })];
  const mallory = new Adversary(internet.host('mallory'));
  const tap = mallory.tap(registryOf(world).link('server-internet'));
  const [told, answers]: [string[], Packet[]] = [[], []];
  let accepted: TcpConnection | undefined;
  registryOf(world)
    .link('server-internet')
    .forward.addTap((packet) => answers.push({ ...packet }));
  server.platform().listenTcp(
    { port: PORT },
    {
      onConnection: (connection) => {
        accepted ??= connection;
        connection.write(new Uint8Array(10));
        return { onData: (bytes) => told.push(`${bytes.length} bytes`), onClosed: (reason) => told.push(reason) };
      },
      onError: (code) => told.push(code),
    },
  );
  const remote = { address: server.platform().localAddresses()[0]!, port: PORT };
  const quiet = { onData: () => undefined, onClosed: () => undefined };
  const connection = client.platform().connectTcp({ remote }, quiet);
  connection.write(new Uint8Array(20));
  world.runUntil(SECOND);
  const flow = tap.flows[0]!;
  told.length = 0;
  answers.length = 0;
  return { world, client, server, mallory, tap, ends: flow, connection, accepted: accepted!, told, answers };
}

type Case = {
  readonly law: string;
  readonly flags: number;
  /** Relative to RCV.NXT; `edge` is added to the window's right edge instead. */
  readonly sequence?: number;
  readonly edge?: number;
  /** Relative to SND.NXT. */
  readonly acknowledgment?: number;
  readonly bytes?: number;
  readonly expected: string;
};

const CHALLENGED = 'ACK +0 +0';
const NOTHING = 'nothing';

const CASES: readonly Case[] = [
  { law: 'RST at RCV.NXT resets (RFC 5961 3.2)', flags: rst, sequence: 0, expected: 'reset' },
  { law: 'RST at RCV.NXT + 1 is challenged (RFC 5961 3.2)', flags: rst, sequence: 1, expected: CHALLENGED },
  { law: 'RST at the last byte of the window is challenged', flags: rst, edge: -1, expected: CHALLENGED },
  { law: 'RST right of the window is dropped (RFC 5961 3.2)', flags: rst, edge: 0, expected: NOTHING },
  { law: 'RST left of the window is dropped (RFC 5961 3.2)', flags: rst, sequence: -1, expected: NOTHING },
  { law: 'SYN at RCV.NXT is challenged (RFC 5961 4.2)', flags: syn, sequence: 0, expected: CHALLENGED },
  { law: 'SYN in the window is challenged (RFC 5961 4.2)', flags: syn, sequence: 999, expected: CHALLENGED },
  { law: 'SYN far away is challenged (RFC 5961 4.2)', flags: syn, sequence: 0x4000_0000, expected: CHALLENGED },
  { law: 'SYN and ACK is challenged (RFC 5961 4.2)', flags: syn | ack, sequence: 0, expected: CHALLENGED },
  { law: 'SYN and RST at RCV.NXT resets (RFC 9293 3.10.7.4)', flags: syn | rst, sequence: 0, expected: 'reset' },
  {
    law: 'data with the right numbers is taken',
    flags: ack | psh,
    sequence: 0,
    bytes: 5,
    expected: '5 bytes, ACK +0 +5',
  },
  {
    law: 'data that acknowledges what was not sent is challenged (RFC 5961 5.2)',
    flags: ack,
    acknowledgment: 1,
    bytes: 5,
    expected: CHALLENGED,
  },
  {
    law: 'data that acknowledges one byte less than SND.UNA - MAX.SND.WND is challenged (RFC 5961 5.2)',
    flags: ack,
    // The largest window the client told, 262,144 bytes, and one.
    acknowledgment: -262_145,
    bytes: 5,
    expected: CHALLENGED,
  },
  {
    law: 'data that acknowledges SND.UNA - MAX.SND.WND is taken (RFC 5961 5.2)',
    flags: ack,
    acknowledgment: -262_144,
    bytes: 5,
    expected: '5 bytes, ACK +0 +5',
  },
  {
    law: 'data that acknowledges half of the space away is challenged (RFC 5961 5.2)',
    flags: ack,
    acknowledgment: -0x4000_0000,
    bytes: 5,
    expected: CHALLENGED,
  },
  { law: 'data right of the window is answered, not taken', flags: ack, edge: 0, bytes: 5, expected: CHALLENGED },
  { law: 'data left of the window is answered, not taken', flags: ack, sequence: -5, bytes: 5, expected: CHALLENGED },
  { law: 'data without ACK is dropped (RFC 9293 3.10.7.4)', flags: psh, bytes: 5, expected: NOTHING },
  { law: 'FIN right of the window is answered, not taken', flags: fin | ack, edge: 0, expected: CHALLENGED },
];

/** A row a case. */
export function segmentLaws(): Omit<FidelityRow, 'area'>[] {
  return CASES.flatMap((each) => [rowOf(each, {}, ''), rowOf(each, { delayedAckMicros: 40_000 }, ', delayed ACKs')]);
}

function rowOf(each: Case, tcp: Partial<TcpOptions>, suffix: string): Omit<FidelityRow, 'area'> {
  const { world, mallory, tap, ends, told, answers } = scene(tcp);
  const theirs = tap.nextSegment(ends.from, ends.to)!;
  const ours = tap.nextSegment(ends.to, ends.from)!;
  const edge = (ours.acknowledgment + (ours.window << windowShift(tap))) | 0;
  const sequence = each.edge === undefined ? theirs.sequence + (each.sequence ?? 0) : edge + each.edge;
  const acknowledgment = ours.sequence + (each.acknowledgment ?? 0);
  const payload = new Uint8Array(each.bytes ?? 0);
  mallory.send(forgeSegment(ends, { flags: each.flags, sequence, acknowledgment, payload }));
  // Longer than the way there, shorter than a delayed acknowledgment: a challenge does not wait.
  const isTaken = each.expected.includes('bytes');
  world.runUntil(world.nowMicros + 30_000 + (isTaken ? (tcp.delayedAckMicros ?? 0) : 0));
  const shown = answers.map((packet) => {
    const kind = (packet.flags & rst) !== 0 ? 'RST' : 'ACK';
    return `${kind} +${(packet.sequence - ours.sequence) | 0} +${(packet.acknowledgment - theirs.sequence) | 0}`;
  });
  const measured = [...told, ...shown].join(', ') || NOTHING;
  return { law: `${each.law}${suffix}`, expected: each.expected, measured, holds: measured === each.expected };
}

/** Of the server's SYN. */
function windowShift(tap: Tap): number {
  const answer = tap.captured.find(({ packet }) => (packet.flags & (syn | ack)) === (syn | ack));
  return Math.max(0, answer?.packet.windowShift ?? 0);
}
