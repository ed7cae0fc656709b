/** Clusters for scenarios, and what must be true of every cluster that has come to rest. */
import type { Stage } from '../../api.ts';
import type { AcmsOptions, AcmsSubject } from '../../attach/cluster-subjects.ts';
import type { ServerOptions, ServerSubject } from '../../attach/server-subject.ts';

export type Cluster = { readonly acms: AcmsSubject; readonly servers: ServerSubject[] };

/** A platform server and servers 1 to `count` that have joined it. */
export async function cluster(
  stage: Stage,
  count = 2,
  options: { readonly acms?: AcmsOptions; readonly server?: ServerOptions } = {},
): Promise<Cluster> {
  const acms = await stage.acms(options.acms);
  const servers: ServerSubject[] = [];
  for (let serverID = 1; serverID <= count; serverID++) {
    servers.push(await stage.server({ ...options.server, acms, serverID }));
  }
  return { acms, servers };
}

/** Where a user is bound, by index of the server. */
export function boundOn(servers: readonly ServerSubject[], userID: string): number[] {
  return servers.flatMap((server, index) => (server.engine.userManager.isUserOnLine(userID) ? [index] : []));
}

/** Whether the platform server and every server say the same about who is online, and each user is bound once. */
function agrees({ acms, servers }: Cluster): boolean {
  const bound = servers.flatMap((server) => server.engine.userManager.getOnlineUserList());
  if (new Set(bound).size !== bound.length) return false;
  const wanted = bound.sort().join();
  const seen = [acms.engine.platformUserManager, ...servers.map((server) => server.engine.platformUserManager)];
  return seen.every((users) => users.getOnlineUserList().sort().join() === wanted && users.userCount === bound.length);
}

/** Waits until the cluster agrees; fails the case when it does not. */
export async function settled(stage: Stage, of: Cluster, clause: string, withinSecs = 30): Promise<void> {
  await stage.until(() => agrees(of), withinSecs, `the tables did not come to agree: ${describe(of)}`, clause);
}

function describe({ acms, servers }: Cluster): string {
  const list = (users: { getOnlineUserList(): string[] }): string => users.getOnlineUserList().sort().join('+');
  const own = servers.map((server) => `${list(server.engine.userManager)}/${list(server.engine.platformUserManager)}`);
  return `platform server ${list(acms.engine.platformUserManager)}, servers ${own.join(', ')}`;
}
