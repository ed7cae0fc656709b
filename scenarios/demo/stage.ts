/**
 * Where a scene of the demo plays: the world, the networks by name, and what its programs tell about themselves.
 *
 * What is told changes nothing in the run and is in no digest: it is for those who watch.
 */
import { Faults, Internet, Lan, natBehaviour, registryOf } from '../../sim/index.ts';
import type { Host, LinkPairOptions, NatBehaviour, NatDeviceName, World } from '../../sim/index.ts';
import type { Platform } from '../../spec/platform.ts';
import { NINE } from '../nat/nine.ts';
import type { Reading } from '../nat/nine.ts';
import type { RouterName } from './plan.ts';
import type { ScriptLine } from './script.ts';

/** A line a program told, with the state it is in from then on where that changes. */
export type Tale = {
  readonly timeMicros: number;
  readonly host: string;
  /** In a few words; null where it stays as it is. */
  readonly state: string | null;
  readonly text: string;
};

/** One message of an application. Times are -1 until it is so. */
export type Letter = {
  readonly from: string;
  readonly to: string;
  readonly number: number;
  readonly way: 'direct' | 'by server';
  readonly sentMicros: number;
  arrivedMicros: number;
  /** When the sender heard that it arrived, or gave up. */
  endMicros: number;
  isAcknowledged: boolean;
};

/** Letters and lines kept; more are not told. */
const TALES_MAX = 20_000;
const LETTERS_MAX = 60_000;

/** One run's world and networks, and what was told of it. */
export class DemoStage {
  readonly world: World;
  readonly internet: Internet;
  readonly tales: Tale[] = [];
  readonly letters: Letter[] = [];
  readonly #faults: Faults;
  /** Behaviours that `natChange` changes. */
  readonly #behaviours = new Map<string, NatBehaviour>();
  readonly #reading: Reading;

  constructor(world: World, reading: Reading, internet: Internet = new Internet(world)) {
    this.world = world;
    this.internet = internet;
    this.#faults = new Faults(world);
    this.#reading = reading;
  }

  /** A network behind a router of that class, or the internet itself. */
  network(name: string, router: RouterName, uplink: LinkPairOptions): Internet | Lan {
    if (router === 'none') return this.internet;
    // A copy of its own, so that another class can take its place.
    const behaviour = { ...routerBehaviour(router, this.#reading) };
    const lan = new Lan(this.internet, name, { nat: behaviour, uplink });
    this.#behaviours.set(name, behaviour);
    return lan;
  }

  /** A router that stands already, and the object that says how it behaves. */
  adopt(name: string, behaviour: NatBehaviour): void {
    this.#behaviours.set(name, behaviour);
  }

  /** Starts a host's program, and again after each restart. */
  program(host: Host, program: (platform: Platform) => Promise<void>): void {
    host.runProgram((platform) => {
      program(platform).catch((error: unknown) => this.tell(host.name, `stopped: ${messageOf(error)}`, 'stopped'));
    });
  }

  tell(host: string, text: string, state: string | null = null): void {
    if (this.tales.length < TALES_MAX) this.tales.push({ timeMicros: this.world.nowMicros, host, state, text });
  }

  /** Undefined when there are too many to keep. */
  letter(from: string, to: string, number: number, way: Letter['way']): Letter | undefined {
    if (this.letters.length >= LETTERS_MAX) return undefined;
    const sentMicros = this.world.nowMicros;
    const letter: Letter = {
      from,
      to,
      number,
      way,
      sentMicros,
      arrivedMicros: -1,
      endMicros: -1,
      isAcknowledged: false,
    };
    this.letters.push(letter);
    return letter;
  }

  /** Plans the faults of a script; a fault that cannot be done is told and changes nothing. */
  plan(lines: readonly ScriptLine[]): void {
    for (const { atMicros, fault } of lines) {
      this.world.at(atMicros, () => {
        try {
          this.#apply(fault);
        } catch (error) {
          this.tell('', `${fault.fault} was not done: ${messageOf(error)}`);
        }
      });
    }
  }

  #apply(fault: ScriptLine['fault']): void {
    if (fault.fault === 'natChange') this.#changeNat(fault.nat, fault.class);
    else this.#faults.apply(fault);
  }

  /** Another router on the same wires and with the same address: its table is empty. */
  #changeNat(name: string, router: string): void {
    const behaviour = this.#behaviours.get(name);
    const nat = registryOf(this.world).nats.get(name);
    if (behaviour === undefined || nat === undefined) throw new Error(`there is no router '${name}'`);
    if (router === 'none') throw new Error('a router cannot be changed into none');
    Object.assign(behaviour, routerBehaviour(router, this.#reading));
    nat.reboot('reset');
  }
}

/** @throws Error - there is no such router. */
export function routerBehaviour(router: string, reading: Reading): NatBehaviour {
  const nine = NINE.find(({ name }) => name === router);
  if (nine === undefined) return natBehaviour(router as 'udpBlocked' | NatDeviceName);
  const { mapping, filtering } = nine;
  return natBehaviour('fullCone', { mapping, filtering, inboundSession: reading === 'session' });
}

/** The words of an error, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
