/** The scenes of the demo: which hosts there are, how they are linked, and what runs on them. */
import { createAcms } from '../../impl/index.ts';
import { linkPreset } from '../../sim/index.ts';
import type { Host } from '../../sim/index.ts';
import type { DemoPlan, SceneName } from './plan.ts';
import { ACMS_PORTS, PORT, SECRET, runClient, runMember, runServer } from './programs.ts';
import type { DemoStage } from './stage.ts';

/** Builds hosts and starts their programs. */
export const SCENE_BUILDERS: Readonly<Record<Exclude<SceneName, 'punch'>, (stage: DemoStage, plan: DemoPlan) => void>> =
  {
    pair: buildPair,
    star: buildStar,
    cluster: buildCluster,
  };

/** Servers stand where links are good. */
const SERVER_LINK = { delayMicros: 2_000 };
const SERVERS = 3;
/** Between the starts of clients. */
const STAGGER_MICROS = 150_000;

function addressOf(host: Host): string {
  return host.platform().localAddresses()[0]!;
}

function buildPair(stage: DemoStage, plan: DemoPlan): void {
  const { internet } = stage;
  const server = internet.host('server', { link: SERVER_LINK });
  stage.program(server, (platform) => runServer(stage, platform, 'server'));
  const uplink = linkPreset(plan.link);
  const at = { address: addressOf(server), port: PORT };
  const sides = [
    { host: 'ann', partner: 'ben', router: plan.left },
    { host: 'ben', partner: 'ann', router: plan.right },
  ];
  for (const { host: name, partner, router } of sides) {
    const network = stage.network(`${name}-router`, router, uplink);
    const host = network.host(name, network === internet ? { link: uplink } : {});
    const role = {
      host: name,
      startMicros: 0,
      server: at,
      partner,
      invites: name === 'ann',
      transport: plan.transport,
      rate: plan.rate,
    };
    stage.program(host, (platform) => runClient(stage, platform, role));
  }
}

function buildStar(stage: DemoStage, plan: DemoPlan): void {
  const server = stage.internet.host('server', { link: SERVER_LINK });
  stage.program(server, (platform) => runServer(stage, platform, 'server'));
  addClients(stage, plan, { address: addressOf(server), port: PORT });
}

function buildCluster(stage: DemoStage, plan: DemoPlan): void {
  const acms = stage.internet.host('platform', { link: SERVER_LINK });
  stage.program(acms, async (platform) => {
    const engine = createAcms(platform);
    engine.secret = SECRET;
    engine.servicePort = ACMS_PORTS.service;
    engine.transferPort = ACMS_PORTS.transfer;
    engine.clusterControlService.serverRegistered.add(({ serverID }) =>
      stage.tell('platform', `server ${serverID} has joined`),
    );
    engine.clusterControlService.serverUnregistered.add((serverID) =>
      stage.tell('platform', `server ${serverID} has left`),
    );
    await engine.initialize();
    stage.tell('platform', 'keeps the list of servers', 'platform server');
  });
  const address = addressOf(acms);
  for (let id = 1; id <= SERVERS; id += 1) {
    const name = `server-${id}`;
    const host = stage.internet.host(name, { link: SERVER_LINK });
    stage.program(host, (platform) => runMember(stage, platform, name, { address, id: String(id) }));
  }
  addClients(stage, plan, { acms: address });
}

/** Each sends to the next one, the last to the first. */
function addClients(stage: DemoStage, plan: DemoPlan, server: Parameters<typeof runClient>[2]['server']): void {
  const link = linkPreset(plan.link);
  for (let index = 1; index <= plan.clients; index += 1) {
    const name = `client-${index}`;
    const partner = `client-${(index % plan.clients) + 1}`;
    const host = stage.internet.host(name, { link });
    const startMicros = index * STAGGER_MICROS;
    const role = {
      host: name,
      startMicros,
      server,
      partner,
      invites: false,
      transport: plan.transport,
      rate: plan.rate,
    };
    stage.program(host, (platform) => runClient(stage, platform, role));
  }
}
