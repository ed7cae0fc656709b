/** Classifies the NAT in front of it: `classify.ts <server> <port>`; one JSON line. */
import { createNodePlatform } from '../../impl/platform/node.ts';
import { classify } from '../../scenarios/nat/classify.ts';

const [address = '', port = ''] = process.argv.slice(2);
const seen = await classify(createNodePlatform(), { address, port: Number(port) });
process.stdout.write(`${JSON.stringify({ event: 'classified', ...seen })}\n`);
