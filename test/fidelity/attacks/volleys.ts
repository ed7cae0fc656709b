/**
 * What attackers reach who know the endpoints and guess the rest, in thousands of tries; what those reach who see the numbers; and
 * what a real peer still can do after it was started anew.
 */
import { ATTACK_CLASSES, ICMP_CODE, ICMP_TYPE, TCP_FLAG, forgeIcmpError, forgeSegment } from '../../../sim/index.ts';
import type { AttackClass } from '../../../sim/index.ts';
import type { FidelityRow } from '../model.ts';
import { scene } from './segments.ts';
import type { Scene } from './segments.ts';

type Row = Omit<FidelityRow, 'area'>;

const SECOND = 1_000_000;
const LINUX = { challengeSpanMicros: 500_000 };
const { rst, ack, syn } = TCP_FLAG;

/** @param tries - Forged segments of each blind law. */
export function volleyLaws(tries: number): Row[] {
  return [
    ...(['blindReset', 'blindSyn', 'blindData', 'blindIcmp'] as const).map((name) => blindLaw(name, tries)),
    challengesLaw(tries),
    throttleLaw(),
    ackWarLaw(),
    inSequenceLaw('inSequenceReset', 'reset'),
    inSequenceLaw('inSequenceData', '16 bytes'),
    restartedLaw(),
    keepAliveLaw(),
    ...icmpLaws(),
    dialLaw(),
  ];
}

/** The connection lives, and its bytes still come as they were sent. */
function stillWorks({ world, connection, told }: Scene): string {
  told.length = 0;
  connection.write(new Uint8Array(7));
  world.runUntil(world.nowMicros + 2 * SECOND);
  return told.join(', ');
}

function strike(stage: Scene, name: AttackClass, strength: number, choice = 0): void {
  const { mallory, tap } = stage;
  ATTACK_CLASSES[name].strike({ adversary: mallory, tap, phrases: [], strength, choice });
}

function blindLaw(name: AttackClass, tries: number): Row {
  const stage = scene();
  strike(stage, name, tries);
  stage.world.runUntil(stage.world.nowMicros + tries * 1_000);
  return row(`${name}: ${tries} guesses leave the connection as it was (RFC 5961 1.2, RFC 5927 4.1)`, {
    expected: '7 bytes',
    measured: stillWorks(stage),
  });
}

/** Of the numbers that were guessed, those in the window are answered, each once, and no others. */
function challengesLaw(tries: number): Row {
  const stage = scene();
  const { tap, ends, answers, world } = stage;
  const receiveNext = tap.nextSegment(ends.from, ends.to)!.sequence;
  const window = 262_144;
  let inWindow = 0;
  // As many to the window as beside it, or chance would need millions of tries.
  stage.mallory.sendEach(tries, 500, (index) => {
    const sequence = (receiveNext + 1 + stage.mallory.random.below(2 * window)) | 0;
    if (((sequence - receiveNext) | 0) < window) inWindow += 1;
    return index < tries ? forgeSegment(ends, { flags: rst, sequence }) : undefined;
  });
  world.runUntil(world.nowMicros + tries * 500 + SECOND);
  const challenges = answers.filter(({ flags }) => flags === ack).length;
  return row(`of ${tries} RSTs around the window those in it are challenged, once each (RFC 5961 3.2)`, {
    expected: String(inWindow),
    measured: String(challenges),
  });
}

/** A hundred seconds of RSTs in the window, ten a second. */
function throttleLaw(): Row {
  const { world, mallory, tap, ends, answers } = scene(LINUX);
  const sequence = tap.nextSegment(ends.from, ends.to)!.sequence + 1;
  mallory.sendEach(1_000, 100_000, () => forgeSegment(ends, { flags: rst, sequence }));
  world.runUntil(world.nowMicros + 101 * SECOND);
  return row('of ten RSTs a second two are challenged (RFC 5961 7, Linux: tcp_invalid_ratelimit)', {
    expected: '200',
    measured: String(answers.length),
  });
}

/** The ends disagree about what was sent, and each answers the other's answer. */
function ackWarLaw(): Row {
  const { world, mallory, tap, ends, answers } = scene(LINUX);
  const next = tap.nextSegment(ends.from, ends.to)!;
  mallory.send(forgeSegment(ends, { flags: ack, ...next, payload: new Uint8Array(16) }));
  world.runUntil(world.nowMicros + 100 * SECOND);
  return row('forged data starts no endless exchange of ACKs: at most 3 in 100 s (RFC 5961 7)', {
    expected: 'yes',
    measured: answers.length <= 3 ? 'yes' : `${answers.length} ACKs`,
  });
}

/** Who sees the numbers, wins: TCP has nothing against it. */
function inSequenceLaw(name: AttackClass, expected: string): Row {
  const stage = scene();
  const { mallory, tap } = stage;
  const phrases = [new Uint8Array(16)];
  if (name === 'inSequenceData') {
    const { ends } = stage;
    const next = tap.nextSegment(ends.from, ends.to)!;
    mallory.send(forgeSegment(ends, { flags: ack, ...next, payload: phrases[0]! }));
  } else ATTACK_CLASSES[name].strike({ adversary: mallory, tap, phrases, strength: 1, choice: 0 });
  stage.world.runUntil(stage.world.nowMicros + 100_000);
  return row(`${name}: an attacker on the path is believed (RFC 5961 1, RFC 4301)`, {
    expected,
    measured: stage.told.join(', '),
  });
}

/** Why a challenge helps: the real peer, started anew, answers it with a RST that fits. */
function restartedLaw(): Row {
  const { world, client, server, told, ends } = scene();
  client.crash();
  client.restart();
  const remote = { address: server.platform().localAddresses()[0]!, port: ends.to.port };
  const words: string[] = [];
  client
    .platform()
    .connectTcp(
      { remote, localPort: ends.from.port },
      { onConnected: () => words.push('connected'), onData: () => undefined, onClosed: (reason) => words.push(reason) },
    );
  world.runUntil(world.nowMicros + 5 * SECOND);
  return row('a peer started anew gets through by the challenge: old connection reset, new one open (RFC 5961 4.2)', {
    expected: 'server reset, client connected',
    measured: `server ${told.join(' ')}, client ${words.join(' ')}`,
  });
}

/** A dead peer is noticed although somebody forges segments in its name. */
function keepAliveLaw(): Row {
  const stage = scene({ keepAliveProbesMax: 3 });
  const { world, client, mallory, ends, told } = stage;
  stage.accepted.setKeepAlive({ idleMicros: 10 * SECOND, intervalMicros: SECOND });
  world.runUntil(world.nowMicros + SECOND);
  client.crash();
  mallory.sendEach(60, SECOND, () =>
    forgeSegment(ends, { flags: ack, sequence: mallory.random.uint32(), acknowledgment: mallory.random.uint32() }),
  );
  world.runUntil(world.nowMicros + 60 * SECOND);
  return row('forged segments do not keep a dead peer alive: keep-alive counts what TCP accepts (RFC 9293 3.8.4)', {
    expected: 'timedOut',
    measured: told.join(', '),
  });
}

function icmpLaws(): Row[] {
  const said = (name: string, code: number, sequence: number, nextHopMtu: number, expected: string): Row => {
    const stage = scene();
    const { world, mallory, tap, ends, connection, client } = stage;
    // 3,000 bytes on their way, so that there is something in flight for the error to be about.
    connection.write(new Uint8Array(3_000));
    const { flags } = { flags: ack };
    const next = tap.nextSegment(ends.from, ends.to)!;
    const quoted = forgeSegment(ends, { flags, sequence: next.sequence + sequence });
    const sizes: number[] = [];
    client.interfaces[0]!.addTap((packet) => {
      if (packet.source === client.address && packet.payload.length > 0) sizes.push(packet.payload.length);
    });
    mallory.send(forgeIcmpError(quoted, { type: ICMP_TYPE.unreachable, code, nextHopMtu }));
    world.runUntil(world.nowMicros + 20_000);
    connection.write(new Uint8Array(3_000));
    world.runUntil(world.nowMicros + 2 * SECOND);
    const largest = Math.max(...sizes);
    return row(name, {
      expected,
      measured: `segments of ${largest} bytes, ${stage.told.some((word) => word === 'reset') ? 'reset' : 'open'}`,
    });
  };
  const { fragmentationNeeded: needed, portUnreachable: port } = ICMP_CODE;
  return [
    said(
      '"fragmentation needed" about a segment in flight is believed (RFC 1191 6.4)',
      needed,
      0,
      576,
      'segments of 536 bytes, open',
    ),
    said(
      '"fragmentation needed" about a number not in flight is not (RFC 5927 4.1)',
      needed,
      -1,
      576,
      'segments of 1460 bytes, open',
    ),
    said('the same far away (RFC 5927 4.1)', needed, 0x4000_0000, 576, 'segments of 1460 bytes, open'),
    said(
      '"port unreachable" does not end a connection (RFC 5461 4, RFC 5927 5.2)',
      port,
      0,
      0,
      'segments of 1460 bytes, open',
    ),
  ];
}

/** A connection attempt ends by an error only when the error quotes its SYN. */
function dialLaw(): Row {
  const { world, client, server, mallory } = scene();
  const words: string[] = [];
  const remote = { address: server.platform().localAddresses()[0]!, port: 80 };
  client
    .platform()
    .connectTcp(
      { remote, localPort: 5_000 },
      { onConnected: () => words.push('connected'), onData: () => undefined, onClosed: (reason) => words.push(reason) },
    );
  const ends = { from: { address: client.address, port: 5_000 }, to: { address: server.address, port: 80 } };
  mallory.sendEach(10, 1_000, () => {
    const quoted = forgeSegment(ends, { flags: syn, sequence: mallory.random.uint32() });
    return forgeIcmpError(quoted, { type: ICMP_TYPE.unreachable, code: ICMP_CODE.portUnreachable });
  });
  world.runUntil(world.nowMicros + SECOND);
  return row('errors with guessed numbers do not end a connection attempt (RFC 5927 4.1)', {
    expected: 'connected',
    measured: words.join(', '),
  });
}

function row(law: string, { expected, measured }: { readonly expected: string; readonly measured: string }): Row {
  return { law, expected, measured, holds: expected === measured };
}
