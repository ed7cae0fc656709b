/** Measures lives of the NAT in front of it: `lives.ts <server> <second server> <port> <longest in s>`; one JSON line. */
import { createNodePlatform } from '../../impl/platform/node.ts';
import { livesOf } from '../../scenarios/nat/lives.ts';

const [address = '', second = '', port = '', secsMax = ''] = process.argv.slice(2);
const at = (one: string) => ({ address: one, port: Number(port) });
const seen = await livesOf(createNodePlatform(), { server: at(address), second: at(second) }, Number(secsMax));
process.stdout.write(`${JSON.stringify({ event: 'measured', ...seen })}\n`);
