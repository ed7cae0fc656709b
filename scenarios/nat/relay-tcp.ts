/** A relay on port 443 and two ends that dial it: whether bytes of each reach the other through it. */
import { Internet, World } from '../../sim/index.ts';
import type { TcpConnection } from '../../spec/platform.ts';
import { placeHost } from './place.ts';
import type { Place } from './place.ts';

const SECOND = 1_000_000;
const PORT = 443;

/** True when bytes passed both ways. */
export function relayTcp(a: Place, b: Place, seed = 7): boolean {
  const world = new World({ seed });
  const internet = new Internet(world);
  const server = internet.host('server');
  const callers: TcpConnection[] = [];
  server.platform().listenTcp(
    { port: PORT },
    {
      onConnection: (caller) => {
        callers.push(caller);
        const passOn = (bytes: Uint8Array): void => callers.find((other) => other !== caller)?.write(bytes);
        return { onData: passOn, onClosed: () => undefined };
      },
      onError: (code, detail) => {
        throw new Error(`${code}: ${detail}`);
      },
    },
  );
  const remote = { address: server.platform().localAddresses()[0]!, port: PORT };
  let heard = 0;
  const connections = [a, b].map((place, index) => {
    const handlers = { onData: () => (heard |= 1 << index), onClosed: () => undefined };
    return placeHost(internet, 'ab'[index]!, place).platform().connectTcp({ remote }, handlers);
  });
  world.runUntil(SECOND);
  for (const connection of connections) connection.write(new Uint8Array(1));
  world.runUntil(2 * SECOND);
  return heard === 3;
}
