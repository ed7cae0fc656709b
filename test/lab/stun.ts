/** The STUN server of the lab: `stun.ts <address> <other address> <port> <other port>`; says one line when it listens. */
import { createNodePlatform } from '../../impl/platform/node.ts';
import { serveStun } from '../../scenarios/nat/stun-server.ts';

const [address = '', other = '', port = '', otherPort = ''] = process.argv.slice(2);
const platform = createNodePlatform();
const at = (own: string) => ({ platform, address: own });
serveStun([at(address), at(other)], [Number(port), Number(otherPort)]);
platform.setTimer(200_000, () => process.stdout.write(`${JSON.stringify({ event: 'listening' })}\n`));
