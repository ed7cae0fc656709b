/**
 * The platform server and systems outside a cluster as scenarios see them: the engines themselves, on hosts of their own.
 *
 * They add no behaviour; `routeToCluster` makes the ways that real sockets need before an engine may use them.
 */
import { createAcms, createClusterControlClient, createServerLookup } from '../../impl/index.ts';
import type { Acms, ClusterControlClient, ServerAssignedPolicy, ServerLookup } from '../../impl/index.ts';
import type { SubjectContext } from './client-recorder.ts';

export type AcmsOptions = {
  readonly policy?: ServerAssignedPolicy;
  readonly secret?: string;
  readonly waitResponseTimeoutInSecs?: number;
  readonly openLookup?: boolean;
  /** Takes the place of one that was closed or crashed: same host, same ports. */
  readonly after?: AcmsSubject;
};

export type AcmsSubject = {
  readonly host: string;
  readonly address: string;
  readonly ports: { readonly service: number; readonly transfer: number };
  /** What the engine would have taken by itself. */
  readonly portsByDefault: { readonly service: number; readonly transfer: number };
  readonly secret: string;
  readonly engine: Acms;
  close(): Promise<void>;
};

export type ControlSubject = {
  readonly host: string;
  readonly client: ClusterControlClient;
  /** What the client was told of servers, in order: `+1`, `-1`. */
  readonly notices: readonly string[];
  close(): Promise<void>;
};

const SECRET = 'a secret of this cluster';

/** Starts a platform server on its host; resolves when it listens. */
export async function startAcms(context: SubjectContext, options: AcmsOptions = {}): Promise<AcmsSubject> {
  const { host, journal } = context;
  const subject = journal.addSubject('acms', 'server', host.name);
  const engine = createAcms(host.platform);
  const secret = options.secret ?? options.after?.secret ?? SECRET;
  engine.secret = secret;
  const portsByDefault = { service: engine.servicePort, transfer: engine.transferPort };
  engine.servicePort = options.after?.ports.service ?? 0;
  engine.transferPort = options.after?.ports.transfer ?? 0;
  engine.openLookup = options.openLookup ?? true;
  if (options.policy !== undefined) engine.serverAssignedPolicy = options.policy;
  engine.waitResponseTimeoutInSecs = options.waitResponseTimeoutInSecs ?? engine.waitResponseTimeoutInSecs;
  await engine.initialize();
  return {
    host: host.name,
    address: host.address,
    ports: engine.ports,
    portsByDefault,
    secret,
    engine,
    close: () => {
      if (!subject.gone) engine.close();
      return Promise.resolve();
    },
  };
}

/** A system outside the cluster, not yet connected. */
export async function createControl(
  context: SubjectContext,
  acms: AcmsSubject,
  options: { readonly secret?: string; readonly waitResponseTimeoutInSecs?: number } = {},
): Promise<ControlSubject> {
  const { host, journal, world } = context;
  const subject = journal.addSubject('outside', 'client', host.name);
  const at = { address: acms.address, port: acms.ports.service };
  await world.route(host.name, at);
  const { secret = acms.secret, ...rest } = options;
  const client = createClusterControlClient(host.platform, { acms: at, secret, ...rest });
  const notices: string[] = [];
  const note = (text: string): void => {
    notices.push(text);
    journal.changed();
  };
  client.clusterControlService.serverRegistered.add((server) => note(`+${server.serverID}`));
  client.clusterControlService.serverUnregistered.add((serverID) => note(`-${serverID}`));
  return {
    host: host.name,
    client,
    notices,
    close: () => {
      if (!subject.gone) client.close();
      return Promise.resolve();
    },
  };
}

/** The lookup of a client on this host; the way to the server it finds is made as well. */
export async function lookupAt(context: SubjectContext, acms: AcmsSubject): Promise<ServerLookup> {
  const { host, world } = context;
  const at = { address: acms.address, port: acms.ports.service };
  await world.route(host.name, at);
  const lookup = createServerLookup(host.platform, at);
  return async () => {
    const found = await lookup();
    if (found !== null) await world.route(host.name, found);
    world.noteAsyncEdge();
    return found;
  };
}
