/**
 * Attackers on the network: off the path, where they guess; on the path, where they see and repeat; and what is left to others when
 * one connection is spoilt by somebody who knows its numbers. The protocol encrypts nothing (D-246): more is not promised.
 */
import * as fc from 'fast-check';
import { scenario } from '../../api.ts';
import type { AnyScenario, Stage } from '../../api.ts';
import { applyAttacks, attackClassesOf, attackPlans } from '../../attach/attack-plan.ts';
import type { ClientSubject } from '../../attach/client-subject.ts';
import type { ServerSubject } from '../../attach/server-subject.ts';
import { ascii, i32, informationBody, message, obj, str, unhex } from '../framing/bytes.ts';
import { discoverRequest } from '../p2p/datagrams.ts';

const USERS = ['alice', 'bob', 'carol'];
const PASSWORD = 'secret';
const WITHIN_MILLIS = 10_000;
const EMPTY_SECS = 4;
/** Nothing but attackers is in the way of a call: a few round trips of 4 ms, and what a flood adds. */
const CALL_SECS = 0.5;

/** What somebody says who knows the protocol, and no password. */
const PHRASES: readonly Uint8Array[] = [
  unhex(message({ type: 9, source: ascii('alice') }, obj(str('FreeUser'), i32(-1), i32(-1), i32(6)))),
  unhex(message({ type: 101, source: ascii('alice') }, informationBody(Uint8Array.of(1), 66))),
  unhex(message({ type: 101, source: ascii('alice'), dest: ascii('bob') }, informationBody(Uint8Array.of(2), 66))),
  unhex(message({ type: 3, source: ascii('bob') }, '')),
  unhex(message({ type: 6, source: ascii('_0'), dest: ascii('carol') }, '')),
  discoverRequest('alice', 1),
];

const talk = fc.array(
  fc.record({ from: fc.nat({ max: 2 }), to: fc.nat({ max: 2 }), pauseMillis: fc.nat({ max: 1_500 }) }),
  { minLength: 4, maxLength: 12 },
);
type Talk = readonly { readonly from: number; readonly to: number; readonly pauseMillis: number }[];

async function fairServer(stage: Stage): Promise<{ server: ServerSubject; clients: readonly ClientSubject[] }> {
  const server = await stage.server({
    emptyConnectionTimeoutInSecs: EMPTY_SECS,
    heartbeatTimeoutInSecs: 6,
    verifyUser: (_token, _userID, password) => ({ ok: password === PASSWORD }),
  });
  const clients: ClientSubject[] = [];
  for (const name of USERS) {
    clients.push(await stage.loggedOn(server, name, { password: PASSWORD, heartBeatSpanInSecs: 2 }));
  }
  return { server, clients };
}

/** Every call is answered in time, whatever attackers do meanwhile. */
async function fairTalk(stage: Stage, clients: readonly ClientSubject[], words: Talk): Promise<void> {
  for (const { from, to, pauseMillis } of words) {
    const [client, target] = [clients[from % clients.length]!, clients[to % clients.length]!];
    const begin = stage.nowSecs();
    await client.sendCertainly(client === target ? null : target.userID, 7, stage.payload());
    stage.took(stage.nowSecs() - begin, { atMost: CALL_SECS }, 'SEC-012', 'a call beside the attack');
    await stage.sleep(pauseMillis / 1000);
  }
}

/** The clients were never disturbed, and nobody heard anything that no client said. */
function undisturbed(stage: Stage, server: ServerSubject, clients: readonly ClientSubject[]): void {
  for (const client of clients) {
    const bad = client.events.filter(({ kind }) => kind !== 'information');
    stage.equal(bad, [], 'SEC-012', `what ${client.userID} saw of the attack`);
    const forged = client.events.filter((event) => event.kind === 'information' && event.informationType !== 7);
    stage.equal(forged, [], 'SEC-004', `what ${client.userID} got of strangers`);
  }
  const ended = server.events.flatMap((event) => (event.kind === 'someOneDisconnected' ? [event.userID] : []));
  const fair = ended.filter((userID) => clients.some((client) => client.userID === userID));
  stage.equal(fair, [], 'SEC-012', 'connections that ended without a fault of theirs');
  const heard = server.events.filter((event) => event.kind === 'information' && event.informationType !== 7);
  stage.equal(heard, [], 'SEC-004', 'what the server got of strangers');
}

export const attackers: readonly AnyScenario[] = [
  scenario({
    id: 'SEC-7F2A',
    title:
      'attackers off the path, who forge, flood and intrude, neither stop nor disturb fair clients, and are got rid of',
    clauses: ['SEC-012', 'SEC-004', 'SEC-001', 'SEC-006', 'SEC-007', 'SEC-019'],
    kind: 'property',
    clients: 'reference',
    targets: ['sim'],
    runs: 24,
    plan: () => fc.record({ attacks: attackPlans({ classes: OFF_PATH, withinMillis: WITHIN_MILLIS }), talk }),
    async run(stage, { attacks, talk: words }) {
      const { server, clients } = await fairServer(stage);
      const mallory = stage.adversary();
      const tap = mallory.tap(server.host);
      // Off the path he knows who talks to whom, which takes some talking.
      await fairTalk(
        stage,
        clients,
        [0, 1, 2].map((from) => ({ from, to: (from + 1) % 3, pauseMillis: 0 })),
      );
      const targets = {
        adversary: mallory.adversary,
        tap,
        tcpServer: server,
        udpServer: { address: server.address, port: server.port + 1 },
        phrases: PHRASES,
      };
      await Promise.all([applyAttacks(stage, attacks, targets), fairTalk(stage, clients, words)]);
      const newcomer = await stage.loggedOn(server, 'newcomer', { password: PASSWORD });
      await fairTalk(stage, [...clients, newcomer], [{ from: 3, to: 0, pauseMillis: 0 }]);
      const isClean = (): boolean => server.engine.connectionCount === clients.length + 1;
      // The last strike may have been to connect one a millisecond.
      await stage.until(isClean, EMPTY_SECS * 1.1 + 1.5, 'connections of strangers are still open', 'SEC-006');
      undisturbed(stage, server, clients);
    },
  }),
  scenario({
    id: 'SEC-9D4T',
    title:
      'who spoils the stream of one client, resets it or repeats it, spoils nobody else, and the client comes back',
    clauses: ['SEC-012', 'SEC-001', 'RCN-001'],
    kind: 'property',
    clients: 'reference',
    targets: ['sim'],
    runs: 16,
    plan: () =>
      fc.record({
        attacks: attackPlans({ classes: SPOILING, withinMillis: WITHIN_MILLIS }),
        talk,
      }),
    async run(stage, { attacks, talk: words }) {
      const { server, clients } = await fairServer(stage);
      const [alice, ...others] = clients;
      const mallory = stage.adversary();
      // Without phrases his bytes are random: with right ones he would be believed.
      const targets = { adversary: mallory.adversary, tap: mallory.tap(alice!.host), phrases: [] };
      await alice!.sendCertainly(null, 7, stage.payload());
      await Promise.all([applyAttacks(stage, attacks, targets), fairTalk(stage, others, words)]);
      stage.sometimes(
        'SEC-9D4T: alice was thrown out',
        server.events.some((event) => event.kind === 'someOneDisconnected'),
      );
      await stage.until(() => alice!.engine?.connected === true, 60, 'alice did not come back', 'RCN-001');
      await callsAgain(stage, alice!);
      undisturbed(stage, server, others);
    },
  }),
  scenario({
    id: 'SEC-5W8M',
    title: 'forged SYNs take no place of those that maxConnectionCount allows, and silent connections give theirs back',
    clauses: ['SEC-014', 'SEC-006'],
    kind: 'property',
    clients: 'reference',
    targets: ['sim'],
    runs: 8,
    plan: () => fc.record({ strength: fc.integer({ min: 10, max: 100 }) }),
    async run(stage, { strength }) {
      const server = await stage.server({ maxConnectionCount: 8, emptyConnectionTimeoutInSecs: EMPTY_SECS });
      const mallory = stage.adversary();
      const targets = { adversary: mallory.adversary, tap: mallory.tap(server.host), tcpServer: server, phrases: [] };
      const strike = { atMillis: 0, strength, choice: 0 };
      await applyAttacks(stage, { synFlood: [strike] }, targets);
      await stage.loggedOn(server, 'alice');
      await applyAttacks(stage, { silentConnections: [strike] }, targets);
      const isFull = (): boolean => server.engine.connectionCount === 8;
      await stage.until(isFull, 1, 'there are not as many connections as are allowed', 'SEC-014');
      const isEmpty = (): boolean => server.engine.connectionCount === 1;
      await stage.until(isEmpty, EMPTY_SECS * 1.1 + 1.5, 'silent connections keep their places', 'SEC-006');
      await stage.loggedOn(server, 'bob');
    },
  }),
];

const OFF_PATH = attackClassesOf('offPath');
/** A stranger who sees the stream of one client. */
const SPOILING = ['inSequenceReset', 'inSequenceData', 'replayNow', 'replayLate'] as const;

/** The connection may yet break once when it was desynchronized: what is asked is that a call gets through. */
async function callsAgain(stage: Stage, client: ClientSubject): Promise<void> {
  const until = stage.nowSecs() + 60;
  while (stage.nowSecs() < until) {
    const isDone = await client.sendCertainly(null, 7, stage.payload()).then(
      () => true,
      () => false,
    );
    if (isDone) return;
    await stage.sleep(0.5);
  }
  stage.check(false, 'RCN-001', 'the client cannot talk again although the attack is over');
}
