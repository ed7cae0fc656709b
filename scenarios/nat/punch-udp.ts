/**
 * Plain UDP hole punching, as everybody does it: both ends learn their reflexive endpoint from one server, exchange it, probe
 * each other four times, learn from whom probes really come, and answer there. No port is guessed.
 */
import { Internet, World } from '../../sim/index.ts';
import type { Host } from '../../sim/index.ts';
import type { Endpoint, UdpSocket } from '../../spec/platform.ts';
import { placeHost } from './place.ts';
import type { Place } from './place.ts';

/** How one end is seen by the other: at its own address, at its reflexive endpoint, or at one the other had to learn. */
export type CandidateType = 'local' | 'reflexive' | 'peerReflexive';

export type PunchOutcome = {
  /** Both ends heard an answer to a probe of theirs. */
  readonly isDirect: boolean;
  readonly types: readonly [CandidateType, CandidateType] | undefined;
};

const SECOND = 1_000_000;
const PORT = 4_000;
const SERVER_PORT = 3_478;
const ROUNDS = 4;

export type PunchOptions = {
  readonly seed?: number;
  /** How often each end probes. */
  readonly rounds?: number;
  /** How much later than the first end the second one probes, in every round; below zero it is earlier. */
  readonly skewMicros?: number;
  /** Shown the world once all hosts are in it, before anything happens. */
  readonly onWorld?: (world: World, internet: Internet) => void;
};

/** Tries it. */
export function punchUdp(a: Place, b: Place, options: PunchOptions = {}): PunchOutcome {
  const { seed = 7, rounds = ROUNDS, skewMicros = 0 } = options;
  const world = new World({ seed });
  const internet = new Internet(world);
  const server = internet.host('server');
  reflect(server);
  const ends = [new Puncher(placeHost(internet, 'a', a)), new Puncher(placeHost(internet, 'b', b))] as const;
  options.onWorld?.(world, internet);
  world.runUntil(1);
  const to = { address: server.platform().localAddresses()[0]!, port: SERVER_PORT };
  for (const end of ends) end.send('?', to);
  world.runUntil(SECOND);
  const [left, right] = ends;
  if (left.reflexive === undefined || right.reflexive === undefined) return { isDirect: false, types: undefined };
  left.candidates.add(right.reflexive);
  right.candidates.add(left.reflexive);
  const [early, late] = skewMicros < 0 ? [right, left] : [left, right];
  for (let round = 0; round < rounds; round += 1) {
    early.probe();
    world.runUntil(world.nowMicros + Math.abs(skewMicros));
    late.probe();
    world.runUntil(world.nowMicros + SECOND);
  }
  const isDirect = left.answeredBy !== undefined && right.answeredBy !== undefined;
  return { isDirect, types: isDirect ? [typeOf(left, right.answeredBy), typeOf(right, left.answeredBy)] : undefined };
}

function typeOf(end: Puncher, seenAt: string | undefined): CandidateType {
  if (seenAt === end.local) return 'local';
  return seenAt === end.reflexive ? 'reflexive' : 'peerReflexive';
}

/** Tells everybody where they come from. */
function reflect(server: Host): void {
  const socket: UdpSocket = server
    .platform()
    .bindUdp({ port: SERVER_PORT }, { onMessage: (_bytes, from) => socket.send(encode(show(from)), from) });
}

class Puncher {
  readonly local: string;
  readonly candidates = new Set<string>();
  reflexive: string | undefined = undefined;
  /** Where the first answer came from. */
  answeredBy: string | undefined = undefined;
  readonly #socket: UdpSocket;

  constructor(host: Host) {
    const platform = host.platform();
    this.local = show({ address: platform.localAddresses()[0]!, port: PORT });
    const onMessage = (bytes: Uint8Array, from: Endpoint): void => this.#take(String.fromCharCode(...bytes), from);
    this.#socket = platform.bindUdp({ port: PORT }, { onMessage });
  }

  send(text: string, to: Endpoint): void {
    this.#socket.send(encode(text), to);
  }

  probe(): void {
    for (const candidate of this.candidates) this.send('probe', parse(candidate));
  }

  #take(text: string, from: Endpoint): void {
    if (text === 'answer') this.answeredBy ??= show(from);
    else if (text !== 'probe') this.reflexive = text;
    if (text !== 'probe') return;
    this.candidates.add(show(from));
    this.send('answer', from);
  }
}

const show = ({ address, port }: Endpoint): string => `${address}:${port}`;

function encode(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function parse(text: string): Endpoint {
  const [address, port] = text.split(':');
  return { address: address!, port: Number(port) };
}
