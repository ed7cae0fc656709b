/** Small worlds for the tests of `sim/node`. */
import { Internet, World } from '../../sim/index.ts';
import type { Host, LinkPairOptions } from '../../sim/index.ts';
import { startNode } from '../../sim/node/index.ts';
import type { NodeProcess } from '../../sim/node/index.ts';

export type TwoProcesses = {
  readonly world: World;
  readonly hosts: { readonly alice: Host; readonly bob: Host };
  readonly alice: NodeProcess;
  readonly bob: NodeProcess;
};

/** A process on each of two hosts, 10 ms apart unless the link says otherwise. */
export function twoProcesses(seed = 1, link: LinkPairOptions = { delayMicros: 10_000 }): TwoProcesses {
  const world = new World({ seed });
  const internet = new Internet(world, { link });
  const hosts = { alice: internet.host('alice'), bob: internet.host('bob') };
  const from = import.meta.url;
  return { world, hosts, alice: startNode(hosts.alice, { from }), bob: startNode(hosts.bob, { from }) };
}
