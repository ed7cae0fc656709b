/** Small worlds for the tests of `sim/node`. */
import { Internet, World, captureNode, captureWorld } from '../../sim/index.ts';
import type { Host, LinkPairOptions, PacketNode } from '../../sim/index.ts';
import { startNode } from '../../sim/node/index.ts';
import type { NodeProcess } from '../../sim/node/index.ts';

export type TwoProcesses = {
  readonly world: World;
  readonly hosts: { readonly alice: Host; readonly bob: Host };
  readonly alice: NodeProcess;
  readonly bob: NodeProcess;
};

/** A process on each of two hosts, 10 ms apart unless the link says otherwise; of both families with a prefix of IPv6. */
export function twoProcesses(
  seed = 1,
  link: LinkPairOptions = { delayMicros: 10_000 },
  prefix6?: string,
): TwoProcesses {
  const world = new World({ seed });
  const internet = new Internet(world, { link, ...(prefix6 === undefined ? {} : { prefix6 }) });
  const hosts = { alice: internet.host('alice'), bob: internet.host('bob') };
  const from = import.meta.url;
  return { world, hosts, alice: startNode(hosts.alice, { from }), bob: startNode(hosts.bob, { from }) };
}

/** What passed in a story, as files: `pcap` at one node, `pcapng` at every interface of the world. */
export type StoryFiles = { pcap(): Uint8Array; pcapng(): Uint8Array };

/** Begins to capture; ask for the files when the story is over. */
export function captureStory(at: PacketNode): StoryFiles {
  const atNode = captureNode(at);
  const everywhere = captureWorld(at.world);
  return { pcap: () => atNode.toPcap(), pcapng: () => everywhere.toPcapng() };
}
