/**
 * A real client for the lab: logs on, opens a direct channel to its peer, sends it a file or receives one, and says what
 * happened as one JSON line an event. It ends by itself, or after a minute.
 *
 * `client.ts <server> <port> <userID> send <peer> <file>` or `client.ts <server> <port> <userID> receive <folder>`
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  FileTransDisrupttedType,
  LogonResult,
  P2PChannelMode,
  ProtocolType,
  rapidEngineFactory,
} from '../../impl/index.ts';
import { createNodePlatform } from '../../impl/platform/node.ts';

const PATIENCE_MILLIS = 60_000;
const [server = '', port = '', userID = '', task = '', first = '', second = ''] = process.argv.slice(2);

const say = (event: Record<string, unknown>): void => void process.stdout.write(`${JSON.stringify(event)}\n`);
const hashOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

const engine = rapidEngineFactory.createPassiveEngine(createNodePlatform());
function end(code: number): void {
  engine.close();
  clearTimeout(patience);
  process.exitCode = code;
}

const patience = setTimeout(() => {
  say({ event: 'gave up' });
  end(1);
}, PATIENCE_MILLIS);

for (const [role, events] of [
  ['sent', engine.fileOutter.fileSendingEvents],
  ['received', engine.fileOutter.fileReceivingEvents],
] as const) {
  events.fileTransCompleted.add((project) => {
    const path = role === 'sent' ? project.originPath : project.localSavePath!;
    say({ event: role, bytes: project.totalSize, sha256: hashOf(path) });
    if (role === 'sent') end(0);
  });
  events.fileTransDisruptted.add((project, type) => {
    const kind = Object.entries(FileTransDisrupttedType).find(([, value]) => value === type)?.[0];
    say({ event: 'disrupted', kind, cause: project.fileTransDisrupttedCause });
    end(1);
  });
}
engine.fileOutter.fileRequestReceived.add((projectID, _sender, fileName) => {
  engine.fileOutter.beginReceiveFile(projectID, join(first, fileName));
});
process.on('SIGTERM', () => end(0));

const { logonResult } = await engine.initialize(userID, null, server, Number(port), null);
const controller = engine.p2pController;
if (logonResult !== LogonResult.Succeed || controller === null) {
  say({ event: 'no logon', logonResult });
  end(1);
} else {
  controller.p2pChannelMode = P2PChannelMode.Udp;
  controller.p2pChannelOpened.add((channel) => {
    say({
      event: 'channel',
      user: channel.destUserID,
      protocol: channel.protocolType === ProtocolType.Udp ? 'udp' : 'tcp',
    });
    if (task !== 'send') return;
    const paras = { sendingSpanInMSecs: 0, filePackageSize: 65_536 };
    engine.fileOutter.beginSendFile(first, second, null, paras);
  });
  controller.p2pConnectFailed.add((user) => {
    say({ event: 'no channel', user });
    end(1);
  });
  say({ event: 'logon' });
  if (task === 'send') controller.p2pConnectAsyn(first);
}
