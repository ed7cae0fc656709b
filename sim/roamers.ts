/**
 * Hosts that are away from home, as the faults `roam` and `comeHome` have it: any order of the two makes sense, also for a host
 * that is between two networks, whose interface is down, or that lost its power.
 *
 * A single move without a memory of where home is is `moveHost` of `roaming.ts`, which does the work here too.
 */
import { AWAY_NETWORKS } from './away-networks.ts';
import type { AwayNetwork } from './away-networks.ts';
import { usageError } from './errors.ts';
import type { Host } from './host.ts';
import { linkPreset } from './link/presets.ts';
import { registryOf } from './registry.ts';
import { startMove } from './roaming.ts';
import { Lan } from './topology.ts';
import type { Star } from './topology.ts';
import type { World } from './world.ts';

type Roamer = {
  readonly home: Star;
  /** Where it is, or will be after the gap. */
  at: Star;
  /** Does the rest of the last move. */
  finish: () => void;
};

type Gaps = { readonly gapMicros?: number; readonly overlapMicros?: number };

/** All hosts of one world that were ever away. */
export class Roamers {
  readonly #world: World;
  readonly #roamers = new Map<Host, Roamer>();
  /** By the name of their NAT. */
  readonly #networks = new Map<string, Lan>();

  constructor(world: World) {
    this.#world = world;
  }

  /**
   * Takes a host to another network, from home or from a third one.
   *
   * @throws SimError `usage` - the host was connected by hand, or has both a gap and an overlap.
   */
  roam(host: Host, { to, ...gaps }: Gaps & { readonly to: AwayNetwork }): void {
    const roamer = this.#roamerOf(host);
    this.#move(host, roamer, this.#network(roamer.home, to), gaps);
  }

  /** Takes a host back; one that is at home, or on its way there, arrives there at once. */
  comeHome(host: Host, gaps: Gaps): void {
    const roamer = this.#roamers.get(host);
    if (roamer !== undefined) this.#move(host, roamer, roamer.home, gaps);
  }

  #move(host: Host, roamer: Roamer, to: Star, { gapMicros = 0, overlapMicros = 0 }: Gaps): void {
    roamer.finish();
    if (roamer.at === to) return;
    const from = roamer.at;
    roamer.at = to;
    roamer.finish = startMove(host, from, to, { gapMicros, overlapMicros });
  }

  #roamerOf(host: Host): Roamer {
    const known = this.#roamers.get(host);
    if (known !== undefined) return known;
    const home = registryOf(this.#world).places.get(host.name)?.network;
    if (home === undefined) {
      throw usageError(`'${host.name}' was connected by hand; only a host of an Internet or a Lan can leave it`);
    }
    const roamer: Roamer = { home, at: home, finish: () => undefined };
    this.#roamers.set(host, roamer);
    return roamer;
  }

  /** Made with its first guest, on the internet that the home hangs on. */
  #network(home: Star, name: AwayNetwork): Lan {
    const { nat, link, prefix } = AWAY_NETWORKS[name];
    let internet = home;
    while (internet instanceof Lan) internet = internet.outside;
    const key = `${internet.router.name}-${name}`;
    let network = this.#networks.get(key);
    if (network === undefined) {
      network = new Lan(internet, key, { nat, prefix, link: linkPreset(link) });
      this.#networks.set(key, network);
    }
    return network;
  }
}
