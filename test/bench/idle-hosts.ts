/** A process of its own that holds so many idle hosts and writes its resident memory in bytes: `idle-hosts.ts COUNT`. */
import { buildIdleWorld } from '../../sim/index.ts';

const world = buildIdleWorld(Number(process.argv[2]));
const { rss } = process.memoryUsage();
process.stdout.write(`${rss} ${world.eventCount}\n`);
