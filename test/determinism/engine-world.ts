/**
 * Whole engines in one world, and its digest: two clients behind NATs on lossy links log on, open a channel and exchange
 * acknowledged information and a blob. It uses nothing of Node, so that any JavaScript engine can run it.
 */
import { rapidEngineFactory } from '../../impl/index.ts';
import { Internet, Lan, World, ratio } from '../../sim/index.ts';

type WorldOptions = ConstructorParameters<typeof World>[0];

const PORT = 4530;
const COUNT = 40;
const BLOB_BYTES = 200_000;

export type EngineRun = { readonly digest: string; readonly received: number };

/** Runs it. @param options - More of the world; a browser has to say how it takes a turn of its event loop. */
export async function runEngineWorld(seed: number, options: Partial<WorldOptions> = {}): Promise<EngineRun> {
  const world = new World({ ...options, seed });
  const internet = new Internet(world, {
    link: { delayMicros: 10_000, loss: ratio(1, 50) },
  });
  const home = (name: string, nat: 'portRestricted' | 'linux') => new Lan(internet, name, { nat }).host(`${name}-host`);
  const hosts = [home('left', 'portRestricted'), home('right', 'linux')] as const;
  const serverHost = internet.host('server');
  let received = 0;
  await world.run(async () => {
    const server = rapidEngineFactory.createServerEngine(serverHost.platform());
    await server.initialize(PORT, null);
    const address = serverHost.platform().localAddresses()[0]!;
    const handler = {
      handleInformation: (_source: string | null, _type: number, info: Uint8Array | null) => {
        received += info?.length ?? 0;
      },
      handleQuery: () => null,
    };
    const [left, right] = hosts.map((host) => rapidEngineFactory.createPassiveEngine(host.platform()));
    await right!.initialize('right', null, address, PORT, handler);
    await left!.initialize('left', null, address, PORT, handler);
    const opened = new Promise((resolve) => left!.p2pController!.p2pChannelOpened.add(resolve));
    left!.p2pController!.p2pConnectAsyn('right');
    await opened;
    for (let count = 1; count <= COUNT; count += 1) {
      await left!.customizeOutter.sendCertainly('right', 1, new Uint8Array(count));
    }
    await left!.customizeOutter.sendBlob('right', 2, new Uint8Array(BLOB_BYTES), 8_192);
    await world.sleep(5_000_000);
    for (const engine of [left!, right!, server]) engine.close();
  });
  return { digest: world.digest(), received };
}
