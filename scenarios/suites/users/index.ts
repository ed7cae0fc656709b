/** What a server knows and tells of its users: chapter 14. */
import * as fc from 'fast-check';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { QUERY_RULES } from '../../attach/client-subject.ts';

const NAMES = ['alice', 'bob', 'carol', 'Alice'];

export const scenarios: readonly AnyScenario[] = [
  scenario({
    id: 'USR-1A4M',
    title: 'every list, count and question of the user manager agrees with who has come and gone',
    clauses: ['USR-001', 'USR-005', 'USR-006', 'USR-008', 'LOG-020'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.array(fc.record({ user: fc.nat({ max: NAMES.length - 1 }), comes: fc.boolean() }), { maxLength: 8 }),
    async run(stage, moves) {
      const server = await stage.server();
      const users = server.engine.userManager;
      const online = new Map<string, { close(): Promise<void> }>();
      for (const { user, comes } of moves) {
        const userID = NAMES[user]!;
        const client = online.get(userID);
        const seen = server.events.length;
        if (comes && client === undefined) online.set(userID, await stage.loggedOn(server, userID));
        else if (!comes && client !== undefined) {
          await client.close();
          online.delete(userID);
          await server.waitFor('someOneDisconnected', { from: seen, match: (event) => event.userID === userID });
        } else continue;
        const expected = [...online.keys()].sort();
        stage.equal(users.getOnlineUserList().sort(), expected, 'USR-005', 'getOnlineUserList is wrong');
        stage.equal(
          users.selectOnlineUserFrom([...NAMES, 'nobody']).sort(),
          expected,
          'USR-006',
          'the selection is wrong',
        );
        const data = users.getAllUserData().map((each) => each.userID);
        stage.equal(data.sort(), expected, 'USR-008', 'getAllUserData is wrong');
        stage.equal(users.userCount, expected.length, 'LOG-020', 'userCount is wrong');
        for (const name of NAMES) {
          stage.equal(users.isUserOnLine(name), online.has(name), 'USR-001', `isUserOnLine is wrong about ${name}`);
        }
      }
    },
  }),
  scenario({
    id: 'USR-2B5N',
    title: 'user data say who, from where, since when and with what client, and null for nobody',
    clauses: ['USR-007', 'USR-009'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.record({ clientType: fc.integer({ min: 0, max: 8 }), secs: fc.integer({ min: 0, max: 5 }) }),
    async run(stage, { clientType, secs }) {
      const server = await stage.server();
      await stage.sleep(secs);
      const before = stage.nowSecs();
      const alice = await stage.loggedOn(server, 'alice', { clientType });
      const data = server.engine.userManager.getUserData('alice');
      const seen = await alice.basic({ verb: 'getMyIPE' });
      stage.equal(
        [data?.userID, data?.clientType, data?.address],
        ['alice', clientType, seen],
        'USR-007',
        'the data are wrong',
      );
      stage.equal(server.engine.userManager.getUserAddress('alice'), seen, 'USR-009', 'the address is wrong');
      const fresh = await stage.loggedOn(server, 'bob');
      const later = server.engine.userManager.getUserData('bob');
      const millis = (later?.timeLogon ?? 0) - (data?.timeLogon ?? 0);
      stage.took(
        millis / 1000,
        { atLeast: 0, atMost: stage.nowSecs() - before + 0.01 },
        'USR-007',
        'between the logons',
      );
      await fresh.close();
      await server.waitFor('someOneDisconnected');
      stage.equal(
        server.engine.userManager.getUserData('bob'),
        null,
        'USR-007',
        'there are data of a user who has left',
      );
      stage.equal(
        server.engine.userManager.getUserAddress('bob'),
        null,
        'USR-009',
        'there is an address of one who has left',
      );
    },
  }),
  scenario({
    id: 'USR-3C6P',
    title: 'the end of a connection is told once, with the reason, and the user is already gone from every list',
    clauses: ['USR-002', 'USR-010', 'USR-011'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.record({ how: fc.constantFrom('close', 'reset') }),
    async run(stage, { how }) {
      const server = await stage.server();
      const users = server.engine.userManager;
      const told: unknown[] = [];
      users.someOneDisconnected.add((user, type) => {
        told.push([
          user.userID,
          type,
          users.isUserOnLine('alice'),
          users.userCount,
          users.getOnlineUserList(),
          users.getUserData('alice'),
        ]);
      });
      const alice = await stage.loggedOn(server, 'alice', { autoReconnect: false });
      if (how === 'close') await alice.close();
      else stage.net.resetConnections(alice.host);
      const gone = await server.waitFor('someOneDisconnected', { clause: 'USR-002' });
      stage.equal([gone.userID, gone.disconnectedType], ['alice', 'NetworkInterrupted'], 'USR-010', 'another reason');
      const bob = await stage.loggedOn(server, 'bob');
      await bob.query(null, QUERY_RULES.echo, null);
      stage.equal(
        told,
        [['alice', 0, false, 0, [], null]],
        'USR-011',
        'the user was still online when the end was told',
      );
    },
  }),
  scenario({
    id: 'USR-4D7Q',
    title: 'a tag can be set on online users only, and its change is told',
    clauses: ['USR-003'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server();
      const users = server.engine.userManager;
      const told: unknown[] = [];
      users.userTagChanged.add((userID, tag) => void told.push([userID, tag]));
      await stage.loggedOn(server, 'alice');
      stage.equal(users.setTag('alice', { room: 3 }), true, 'USR-003', 'setting a tag was refused');
      stage.equal(users.setTag('nobody', 1), false, 'USR-003', 'a tag was set on nobody');
      stage.equal(users.getUserData('alice')?.tag, { room: 3 }, 'USR-003', 'the tag is not in the data');
      stage.equal(told, [['alice', { room: 3 }]], 'USR-003', 'userTagChanged told something else');
    },
  }),
  scenario({
    id: 'USR-5E8R',
    title: 'a handler that throws disturbs neither the other handlers nor the engine',
    clauses: ['USR-004'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.record({ before: fc.nat({ max: 2 }), after: fc.nat({ max: 2 }), rejects: fc.boolean() }),
    async run(stage, { before, after, rejects }) {
      const server = await stage.server();
      const { someOneConnected } = server.engine.userManager;
      let calls = 0;
      const count = (): void => {
        calls += 1;
      };
      for (let index = 0; index < before; index++) someOneConnected.add(count);
      someOneConnected.add(() => {
        if (rejects) return Promise.reject(new Error('rejected on purpose')) as never;
        throw new Error('thrown on purpose');
      });
      for (let index = 0; index < after; index++) someOneConnected.add(count);
      const alice = await stage.loggedOn(server, 'alice');
      const sent = stage.payload();
      stage.equal(await alice.query(null, QUERY_RULES.echo, sent), sent, 'USR-004', 'the engine does not go on');
      stage.equal(calls, before + after, 'USR-004', 'not all other handlers were called');
    },
  }),
];
