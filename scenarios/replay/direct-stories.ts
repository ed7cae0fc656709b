/**
 * The story behind `direct-udp.pcap`: two clients open a direct UDP channel through a server and talk over it.
 *
 * The ports of the clients are the system's choice, so the whole of UDP is captured; record it where nothing else talks:
 * `unshare -n sh -c 'ip link set lo up && npx tsx scenarios/replay/record.ts direct-udp.pcap'`.
 */
import { P2PChannelMode, rapidEngineFactory } from '../../impl/index.ts';
import type { CustomizeHandler, RapidPassiveEngine } from '../../impl/index.ts';
import { createNodePlatform } from '../../impl/platform/node.ts';

const handler: CustomizeHandler = {
  handleInformation: () => undefined,
  handleQuery: (_source, _type, info) => info,
};

async function clientOf(user: string, host: string, port: number): Promise<RapidPassiveEngine> {
  const engine = rapidEngineFactory.createPassiveEngine(createNodePlatform());
  await engine.initialize(user, null, host, port, handler);
  engine.p2pController!.p2pChannelMode = P2PChannelMode.Udp;
  return engine;
}

/** Plays it against a server of its own; ends with every connection closed. */
export async function directUdp(host: string, port: number): Promise<void> {
  const server = rapidEngineFactory.createServerEngine(createNodePlatform());
  server.ipAddressBinding = host;
  await server.initialize(port, handler, { verifyUser: () => ({ ok: true }) });
  const alice = await clientOf('alice', host, port);
  const bob = await clientOf('bob', host, port);
  const opened = [alice, bob].map(
    (engine) => new Promise<unknown>((resolve) => engine.p2pController!.p2pChannelOpened.add(resolve)),
  );
  alice.p2pController!.p2pConnectAsyn('bob');
  await Promise.all(opened);
  const hi = new TextEncoder().encode('hi');
  await alice.customizeOutter.query('bob', 1, hi);
  await bob.customizeOutter.sendCertainly('alice', 2, hi);
  await alice.customizeOutter.sendBlob('bob', 3, new Uint8Array(8_000).fill(0x62), 2_048);
  await bob.customizeOutter.query('alice', 4, hi);
  const ended = [alice, bob].map(
    (engine) => new Promise<unknown>((resolve) => engine.p2pController!.p2pChannelClosed.add(resolve)),
  );
  for (const engine of [alice, bob]) engine.close();
  await Promise.all(ended);
  while (server.connectionCount > 0) await new Promise((resolve) => setImmediate(resolve));
  server.close();
}
