/** The platform server's table of users: who may be bound, who has to go, and one entry a user whatever the order. */
import * as fc from 'fast-check';
import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { assignServer } from '../../impl/core/cluster/assign-policy.ts';
import { hmacSha256, sha256 } from '../../impl/core/cluster/sha256.ts';
import { UserDirectory } from '../../impl/core/cluster/user-directory.ts';
import type { DirectoryOutput } from '../../impl/core/cluster/user-directory.ts';
import { RelogonMode, ServerAssignedPolicy } from '../../spec/errors.ts';

type Output = DirectoryOutput<null>;

function drain(directory: UserDirectory<null>): Output[] {
  const outputs: Output[] = [];
  for (let output = directory.poll(); output !== undefined; output = directory.poll()) outputs.push(output);
  return outputs;
}

const ask = (serverID: number, requestID: number, mode: number = RelogonMode.ReplaceOld) => ({
  serverID,
  requestID,
  userID: 'alice',
  mode,
  data: null,
});

test('a logon elsewhere waits until the old connection has gone', () => {
  const directory = new UserDirectory<null>();
  directory.handleLogon(0, ask(1, 10));
  expect(drain(directory).map((output) => output.kind)).toEqual(['came', 'answer']);
  directory.handleLogon(5, ask(2, 20));
  expect(drain(directory)).toEqual([{ kind: 'pushOut', serverID: 1, userID: 'alice', session: 1, newServerID: 2 }]);
  directory.handleOffline(6, { serverID: 1, userID: 'alice', session: 1 });
  expect(drain(directory).map((output) => output.kind)).toEqual(['went', 'came', 'answer']);
  expect(directory.get('alice')?.serverID).toBe(2);
});

test('in mode IgnoreNew a logon elsewhere is refused, and a stale end changes nothing', () => {
  const directory = new UserDirectory<null>();
  directory.handleLogon(0, ask(1, 10, RelogonMode.IgnoreNew));
  directory.handleLogon(1, ask(2, 20, RelogonMode.IgnoreNew));
  expect(drain(directory).at(-1)).toEqual({ kind: 'answer', serverID: 2, requestID: 20, session: 0 });
  directory.handleOffline(2, { serverID: 1, userID: 'alice', session: 99 });
  expect(directory.size).toBe(1);
});

test('of two connections that servers report the younger one stays', () => {
  const directory = new UserDirectory<null>();
  directory.handleReported(100, 1, [{ userID: 'alice', ageMicros: 10, data: null }]);
  directory.handleReported(200, 2, [{ userID: 'alice', ageMicros: 150, data: null }]);
  expect(directory.get('alice')?.serverID).toBe(1);
  expect(drain(directory).filter((output) => output.kind === 'pushOut')).toMatchObject([{ serverID: 2, session: 2 }]);
  directory.handleReported(300, 3, [{ userID: 'alice', ageMicros: 1, data: null }]);
  expect(directory.get('alice')?.serverID).toBe(3);
});

test('a server that is gone takes its users and its questions along', () => {
  const directory = new UserDirectory<null>();
  directory.handleLogon(0, ask(1, 10));
  directory.handleLogon(1, ask(2, 20));
  directory.handleLogon(2, ask(3, 30));
  directory.handleServerGone(3, 2);
  drain(directory);
  directory.handleServerGone(4, 1);
  expect(drain(directory).map((output) => output.kind)).toEqual(['went', 'came', 'answer']);
  expect(directory.get('alice')?.serverID).toBe(3);
  expect([directory.countOn(1), directory.countOn(2), directory.countOn(3)]).toEqual([0, 0, 1]);
});

/** Servers that do as they are told; what they hold must be what the table says, at every quiet moment. */
test('any story ends with one connection a user and counts that agree', () => {
  const step = fc.record({
    what: fc.constantFrom('logon', 'logon', 'leave', 'gone', 'obey', 'report'),
    server: fc.integer({ min: 1, max: 3 }),
    user: fc.constantFrom('alice', 'bob'),
    ignoreNew: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const directory = new UserDirectory<null>();
      const held = new Map<string, { serverID: number; userID: string; session: number }>();
      const orders: Output[] = [];
      const asked = new Map<number, { serverID: number; userID: string }>();
      let now = 0;
      const obey = (output: Output): void => {
        if (output.kind === 'answer') {
          const question = asked.get(output.requestID)!;
          if (output.session > 0)
            held.set(`${question.serverID} ${question.userID}`, { ...question, session: output.session });
        } else if (output.kind === 'pushOut') {
          const key = `${output.serverID} ${output.userID}`;
          if (held.get(key)?.session === output.session) held.delete(key);
          directory.handleOffline(now, output);
        }
      };
      const settle = (): void => {
        for (let order = orders.shift(); order !== undefined; order = orders.shift()) {
          obey(order);
          orders.push(...drain(directory));
        }
      };
      for (const { what, server, user, ignoreNew } of steps) {
        now += 1;
        const key = `${server} ${user}`;
        if (what === 'logon') {
          asked.set(now, { serverID: server, userID: user });
          const mode = ignoreNew ? RelogonMode.IgnoreNew : RelogonMode.ReplaceOld;
          directory.handleLogon(now, { serverID: server, requestID: now, userID: user, mode, data: null });
        } else if (what === 'leave' && held.has(key)) {
          directory.handleOffline(now, held.get(key)!);
          held.delete(key);
        } else if (what === 'gone') {
          directory.handleServerGone(now, server);
          for (const [each, at] of held) if (at.serverID === server) held.delete(each);
          for (let index = orders.length - 1; index >= 0; index--) {
            const order = orders[index]!;
            if ((order.kind === 'answer' || order.kind === 'pushOut') && order.serverID === server)
              orders.splice(index, 1);
          }
        } else if (what === 'obey') settle();
        orders.push(...drain(directory));
      }
      settle();
      for (const user of ['alice', 'bob']) {
        const connections = [...held.values()].filter((each) => each.userID === user);
        const entry = directory.get(user);
        expect(connections.map((each) => each.serverID)).toEqual(entry === undefined ? [] : [entry.serverID]);
      }
      const counted = [1, 2, 3].map((server) => directory.countOn(server)).reduce((a, b) => a + b);
      expect(counted).toBe(directory.size);
    }),
    { numRuns: 500, seed: 7 },
  );
});

test('the three policies choose as they are called, and never a closed server', () => {
  const servers = [
    { serverID: 1, userCount: 5, cpuUsage: 10, closed: false },
    { serverID: 2, userCount: 3, cpuUsage: 50, closed: false },
    { serverID: 3, userCount: 0, cpuUsage: 0, closed: true },
  ];
  const choose = (policy: 0 | 1 | 2, last = -1) => assignServer(policy, servers, last)?.serverID;
  expect([choose(ServerAssignedPolicy.Poll), choose(ServerAssignedPolicy.Poll, 1), choose(0, 2)]).toEqual([1, 2, 1]);
  expect(choose(ServerAssignedPolicy.MinUserCount)).toBe(2);
  expect(choose(ServerAssignedPolicy.MinCpuUsage)).toBe(1);
  expect(assignServer(ServerAssignedPolicy.Poll, [servers[2]!], -1)).toBeUndefined();
});

test('SHA-256 and HMAC agree with the vectors of the standard and with another implementation', () => {
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  expect(hex(sha256(new TextEncoder().encode('abc')))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 300 }), (key, message) => {
      expect(hex(hmacSha256(key, message))).toBe(createHmac('sha256', key).update(message).digest('hex'));
    }),
    { numRuns: 200, seed: 1 },
  );
});
