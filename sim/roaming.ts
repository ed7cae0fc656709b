/**
 * A host that changes networks: `moveHost` takes it out of one `Internet` or `Lan` and into another, as a phone that leaves
 * the Wi-Fi for LTE, with a gap in between or with a time in which it has both.
 *
 * The old interface goes down and loses its address, so nothing from it leaves any more and what arrives there is lost;
 * NATs and peers are told nothing. Back in a network it was in before, the host gets its old link, and its old address as
 * from a lease that still holds, unless another one is asked for. For a new address in the same network see `renumber` of
 * the network; for the interfaces themselves `host.network`.
 */
import { checkInteger, usageError } from './errors.ts';
import type { Host } from './host.ts';
import type { LinkPairOptions } from './link.ts';
import type { NetworkInterface } from './node.ts';
import { registryOf } from './registry.ts';
import type { Internet, Lan, Star } from './topology.ts';

export type MoveOptions = {
  /** Time without any network. Default 0. */
  readonly gapMicros?: number;
  /** Time in both networks, the new one preferred; not together with a gap. Default 0. */
  readonly overlapMicros?: number;
  /** In the new network. Default: the one it had there, or the next free one. */
  readonly address?: string;
  /** Changes to the new network's link options, the first time the host is there. `forward` is away from the host. */
  readonly link?: LinkPairOptions;
};

/** Days are long enough for a gap, and short enough to be exact. */
const SPAN_MICROS_MAX = 1e15;

/**
 * Moves a host from one network to another, beginning now.
 *
 * @throws SimError `usage` - the host is not in the old network, or the options contradict each other.
 */
export function moveHost(host: Host, from: Internet | Lan, to: Internet | Lan, options: MoveOptions = {}): void {
  if (from.interfaceOf(host)?.isUsable !== true) {
    throw usageError(`host '${host.name}' is not in network '${from.router.name}' now`);
  }
  startMove(host, from, to, options);
}

/**
 * The same for a host whose interface in the old network may be down. Gives what does the rest of the move, the end of the
 * gap or of the overlap, at once if it has not happened yet.
 */
export function startMove(host: Host, from: Star, to: Star, options: MoveOptions): () => void {
  const { gapMicros = 0, overlapMicros = 0 } = options;
  checkInteger('gapMicros', gapMicros, 0, SPAN_MICROS_MAX);
  checkInteger('overlapMicros', overlapMicros, 0, SPAN_MICROS_MAX);
  if (gapMicros > 0 && overlapMicros > 0) {
    throw usageError(
      `gapMicros is ${gapMicros} and overlapMicros is ${overlapMicros}; a host has no network for a while, or both`,
    );
  }
  const old = from.interfaceOf(host);
  if (old === undefined) throw usageError(`host '${host.name}' was never in network '${from.router.name}'`);
  if (from === to) throw usageError(`host '${host.name}' would move to where it is; use renumber() for a new address`);
  const { world } = host;
  const leave = (): void => leaveBy(host, old);
  const enter = (): void => enterNetwork(host, to, options);
  const [first, second] = overlapMicros > 0 ? [enter, leave] : [leave, enter];
  first();
  const restMicros = overlapMicros + gapMicros;
  let isOver = false;
  const finish = (): void => {
    if (isOver) return;
    isOver = true;
    rest?.cancel();
    second();
  };
  const rest = restMicros > 0 ? world.at(world.nowMicros + restMicros, finish) : undefined;
  if (restMicros === 0) finish();
  return finish;
}

function leaveBy(host: Host, old: NetworkInterface): void {
  host.network.setInterface(old, 'down');
  host.network.setAddress(old, 'gone');
}

/** The newest network is the preferred one. */
function enterNetwork(host: Host, network: Star, { address, link }: MoveOptions): void {
  const known = network.interfaceOf(host);
  if (known !== undefined) {
    if (address !== undefined) network.renumber(host, address);
    host.network.setAddress(known, 'held');
    host.network.setInterface(known, 'up');
  }
  const at = known ?? network.join(host, { ...(address && { address }), ...(link && { link }) }).left;
  registryOf(host.world).places.set(host.name, { node: host, network });
  let metric = 1;
  for (const each of host.interfaces) {
    host.network.setMetric(each, each === at ? 0 : metric);
    metric += 1;
  }
}
