/** Which server a new client is sent to: the three built-in policies as one pure function (CLU-013 to CLU-017). */
import { ServerAssignedPolicy } from '../../../spec/errors.ts';

type Policy = (typeof ServerAssignedPolicy)[keyof typeof ServerAssignedPolicy];

/** What a choice looks at. */
export type AssignableServer = {
  readonly serverID: number;
  /** Users online there. */
  readonly userCount: number;
  /** Percent. */
  readonly cpuUsage: number;
  /** Frozen, or its port cannot be reached: never chosen (CLU-016, CLU-017). */
  readonly closed: boolean;
};

/**
 * The server for the next client; undefined when none takes any.
 *
 * @param lastServerID - The one chosen before, for Poll; the order is that of the ServerIDs.
 */
export function assignServer<Server extends AssignableServer>(
  policy: Policy,
  servers: Iterable<Server>,
  lastServerID: number,
): Server | undefined {
  const open = [...servers].filter((server) => !server.closed).sort((a, b) => a.serverID - b.serverID);
  switch (policy) {
    case ServerAssignedPolicy.Poll:
      return open.find((server) => server.serverID > lastServerID) ?? open[0];
    case ServerAssignedPolicy.MinUserCount:
      return least(open, (server) => server.userCount);
    case ServerAssignedPolicy.MinCpuUsage:
      return least(open, (server) => server.cpuUsage);
  }
}

/** The first with the smallest figure; servers that are equal keep their order. */
function least<Server>(servers: readonly Server[], figureOf: (server: Server) => number): Server | undefined {
  let best: Server | undefined;
  for (const server of servers) if (best === undefined || figureOf(server) < figureOf(best)) best = server;
  return best;
}
