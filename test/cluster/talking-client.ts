/**
 * A client process for `processes.test.ts`: finds a server through the platform server, then sends numbers to its partner,
 * each until it is acknowledged, and notes what it gets.
 *
 * Arguments: service port, own UserID, partner. It tells its parent of its life by IPC; `stop` ends it with its counts.
 */
import { createServerLookup, rapidEngineFactory } from '../../impl/index.ts';
import { createNodePlatform } from '../../impl/platform/node.ts';

const [port, userID = '', partner = ''] = process.argv.slice(2);
const platform = createNodePlatform();
const lookup = createServerLookup(platform, { address: '127.0.0.1', port: Number(port) });
const engine = rapidEngineFactory.createPassiveEngine(platform);
engine.waitResponseTimeoutInSecs = 1;
engine.advanced.reconnectDelaySecs = [0.1, 0.2];
engine.advanced.serverLookup = lookup;

const acknowledged: number[] = [];
const received: number[] = [];
let relogons = 0;
const life = { running: true };
const isRunning = (): boolean => life.running;
engine.relogonCompleted.add(({ logonResult }) => {
  relogons += 1;
  process.send?.({ kind: 'relogon', logonResult, port: engine.serverAddress.port });
});

const server = await lookup();
if (server === null) throw new Error('the cluster has no server');
const handler = {
  handleInformation: (_source: string | null, _type: number, info: Uint8Array | null): void => {
    if (info !== null) received.push(new DataView(info.buffer, info.byteOffset).getUint32(0));
  },
  handleQuery: (): null => null,
};
const logon = await engine.initialize(userID, null, server.address, server.port, handler);
process.send?.({ kind: 'online', logonResult: logon.logonResult, port: server.port });

const pause = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis));
process.on('message', () => (life.running = false));
for (let number = 1; isRunning(); number++) {
  const info = new Uint8Array(4);
  new DataView(info.buffer).setUint32(0, number);
  for (;;) {
    try {
      await engine.customizeOutter.sendCertainly(partner, 1, info);
      acknowledged.push(number);
      break;
    } catch {
      // Not acknowledged: it may or may not have arrived. Again, until it is.
      if (!isRunning()) break;
      await pause(20);
    }
  }
  await pause(5);
}
// What the partner still has under way gets its acknowledgement.
await pause(300);
process.send?.({ kind: 'counts', acknowledged, received, relogons });
engine.close();
process.disconnect();
