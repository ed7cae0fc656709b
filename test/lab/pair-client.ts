/**
 * A pair's end as a process: `pair-client.ts <server> <port> <userID> [peers to call, with commas]`. Without peers it answers
 * until it is told to end. It says `logon`, and a caller then `outcomes`, one JSON line each.
 */
import { createNodePlatform } from '../../impl/platform/node.ts';
import { PairEnd } from './pair-end.ts';

const [address = '', port = '', userID = '', peers = ''] = process.argv.slice(2);
const say = (line: Record<string, unknown>): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

const end = new PairEnd(createNodePlatform());
process.on('SIGTERM', () => end.close());
await end.logon(userID, { address, port: Number(port) });
say({ event: 'logon' });
if (peers !== '') say({ event: 'outcomes', outcomes: await end.call(peers.split(',')) });
