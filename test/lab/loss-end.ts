/** One end of the losses: `loss-end.ts receive <port>`, or `loss-end.ts send <server> <port>`; JSON lines. */
import { createNodePlatform } from '../../impl/platform/node.ts';
import { receiveSegments, sendSegments } from './losses.ts';

const [task = '', ...rest] = process.argv.slice(2);
const say = (line: Record<string, unknown>): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const platform = createNodePlatform();
if (task === 'receive') receiveSegments(platform, Number(rest[0]), () => say({ event: 'listening' }));
else {
  const [address = '', port = ''] = rest;
  say({ event: 'mended', tookMicros: await sendSegments(platform, { address, port: Number(port) }) });
}
