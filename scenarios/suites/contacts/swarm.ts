/** Users who come, go, are cut off and broadcast all the while; the laws hold, and at the end everybody knows the truth. */
import * as fc from 'fast-check';
import { scenario } from '../../api.ts';
import type { AnyScenario, Stage } from '../../api.ts';
import type { ClientSubject } from '../../attach/client-subject.ts';
import type { ServerSubject } from '../../attach/server-subject.ts';
import { broadcastsOf, contactsOf, noticesOf, serverWith } from './relations-of-a-run.ts';

const USERS = ['u0', 'u1', 'u2', 'u3', 'u4'] as const;
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  all: [...USERS, 'watcher'],
  odd: ['u1', 'u3'],
  ghosts: ['u4', 'nobody'],
};

const action = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('broadcast' as const),
      user: fc.nat({ max: 4 }),
      group: fc.constantFrom(...Object.keys(GROUPS)),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('blob' as const),
      user: fc.nat({ max: 4 }),
      group: fc.constantFrom(...Object.keys(GROUPS)),
      bytes: fc.integer({ min: 4, max: 20_000 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('come', 'leave', 'again'), user: fc.nat({ max: 4 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('reset', 'partition', 'heal'), user: fc.nat({ max: 4 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('wait', 'serverBroadcast'), user: fc.nat({ max: 4 }) }) },
);

type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

type Room = {
  readonly stage: Stage;
  readonly server: ServerSubject;
  readonly users: Map<string, ClientSubject>;
  readonly open: Promise<unknown>[];
};

async function act({ open, server, stage, users }: Room, step: Action): Promise<void> {
  const name = USERS[step.user]!;
  const client = users.get(name);
  const isIn = client?.engine?.connected === true;
  switch (step.kind) {
    case 'broadcast':
      if (isIn) contactsOf(client).broadcast(step.group, 1, stage.payload(), 'tag', 0);
      return;
    case 'blob': {
      if (!isIn) return;
      const blob = contactsOf(client).broadcastBlob(step.group, 2, stage.payload(step.bytes), null, 3000);
      // It fails when its connection is cut; that is no business of this case.
      open.push(blob.catch(() => undefined));
      return;
    }
    case 'come':
      if (client === undefined) users.set(name, await stage.loggedOn(server, name));
      return;
    case 'again':
      if (isIn) users.set(name, await stage.loggedOn(server, name));
      return;
    case 'leave':
      if (client !== undefined) await client.close();
      users.delete(name);
      return;
    case 'reset':
      if (client !== undefined) stage.net.resetConnections(client.host);
      return;
    case 'partition':
      if (client !== undefined) stage.net.partition(client.host);
      return;
    case 'heal':
      if (client !== undefined) stage.net.heal(client.host);
      return;
    case 'serverBroadcast':
      server.engine.contactsController.broadcast('all', 3, stage.payload(), null, 0);
      return;
    case 'wait':
      await stage.sleep(12);
  }
}

/** Everybody who is still there is connected again, and the server knows nobody else. */
async function untilCalm({ server, stage, users }: Room): Promise<void> {
  for (const client of users.values()) stage.net.heal(client.host);
  const online = (): string[] => server.engine.userManager.getOnlineUserList().sort();
  const wanted = [...users.keys(), 'watcher'].sort();
  const isCalm = (): boolean =>
    [...users.values()].every((client) => client.engine?.connected === true) &&
    JSON.stringify(online()) === JSON.stringify(wanted);
  await stage.until(isCalm, 120, 'not everybody is back, or somebody is still thought to be there', 'CON-010');
}

export const swarm: readonly AnyScenario[] = [
  scenario({
    id: 'CON-5S8U',
    title:
      'through coming, going, faults and broadcasts every copy is right, and at the end everybody knows who is there',
    clauses: ['CON-021', 'CON-029', 'CON-033', 'CON-009', 'CON-010', 'CON-012'],
    kind: 'property',
    clients: 'reference',
    timeLimitSecs: 1200,
    plan: () =>
      fc.record({
        thread: fc.boolean(),
        delayMillis: fc.constantFrom(0, 20, 150),
        lossPerMille: fc.constantFrom(0, 0, 20),
        steps: fc.array(action, { minLength: 4, maxLength: 24 }),
      }),
    async run(stage, { delayMillis, lossPerMille, steps, thread }) {
      const contacts = Object.fromEntries(USERS.map((name) => [name, [...USERS, 'watcher']]));
      const server = await serverWith(stage, { contacts, groups: GROUPS });
      server.engine.contactsController.useContactsNotifyThread = thread;
      stage.net.conditions(server.host, { delayMillis, lossPerMille });
      const watcher = await stage.loggedOn(server, 'watcher');
      const room: Room = { stage, server, users: new Map(), open: [] };
      for (const name of USERS.slice(0, 3)) room.users.set(name, await stage.loggedOn(server, name));
      for (const step of steps) await act(room, step);
      await untilCalm(room);
      await Promise.all(room.open);
      await watcher.basic({ verb: 'ping' });
      const known = new Set<string>();
      for (const notice of noticesOf(watcher)) {
        if (notice.startsWith('+')) known.add(notice.slice(1));
        else known.delete(notice.slice(1));
      }
      stage.equal(
        [...known].sort(),
        [...room.users.keys()].sort(),
        'CON-012',
        'the watcher believes others to be there',
      );
      const last = stage.payload();
      server.engine.contactsController.broadcast('all', 9, last, null, 0);
      for (const client of [watcher, ...room.users.values()]) {
        const isLast = (): boolean => broadcastsOf(client).some((each) => each.broadcastType === 9);
        await stage.until(isLast, 60, `the last broadcast did not reach ${client.userID}`, 'CON-021');
      }
    },
  }),
];
