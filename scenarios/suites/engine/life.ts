/** From the making of an engine to its end: settings, parts, port, close. */
import * as fc from 'fast-check';
import { rapidEngineFactory } from '../../../impl/index.ts';
import type { CustomizeHandler, RapidPassiveEngine } from '../../../impl/index.ts';
import { codecs } from '../../../impl/wire/index.ts';
import { AUTHORIZED_USER_DEFAULT, VERSION_DEFAULT } from '../../../spec/limits.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { QUERY_RULES } from '../../attach/client-subject.ts';
import type { ClientSubject } from '../../attach/client-subject.ts';
import { clientSettings, clientUses, serverSettings, serverUses } from './parts.ts';

type EngineSubject = ClientSubject & { readonly engine: RapidPassiveEngine };

/** A call that may throw, as a promise that rejects. */
const call = (what: () => unknown): Promise<unknown> => Promise.resolve().then(what);

const settingUp: readonly AnyScenario[] = [
  scenario({
    id: 'ENG-1A7K',
    title: 'settings can be changed before initialize, and none of them while the engine runs',
    clauses: ['ENG-003'],
    kind: 'matrix',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server({
        beforeStart: (engine) => {
          // Both ways: what is set to a new value keeps it, and the defaults are good for a logon again.
          engine.heartbeatTimeoutInSecs = 44;
          engine.advanced.blobBytesMax = 4444;
        },
      });
      const { engine } = server;
      stage.equal([engine.heartbeatTimeoutInSecs, engine.advanced.blobBytesMax], [44, 4444], 'ENG-003', 'was not set');
      for (const [index, set] of serverSettings().entries()) {
        const late = call(() => set(engine));
        await stage.rejects(late, 'E_SETTING_LATE', 'ENG-003', `server setting ${index} could be changed late`);
      }
      const alice = (await stage.client('alice')) as EngineSubject;
      alice.engine.heartBeatSpanInSecs = 44;
      await alice.logon(server);
      stage.equal(alice.engine.heartBeatSpanInSecs, 44, 'ENG-003', 'the span was not set');
      for (const [index, set] of clientSettings().entries()) {
        const late = call(() => set(alice.engine));
        await stage.rejects(late, 'E_SETTING_LATE', 'ENG-003', `client setting ${index} could be changed late`);
      }
      stage.equal(alice.engine.heartBeatSpanInSecs, 44, 'ENG-003', 'a refused setting was changed');
    },
  }),
  scenario({
    id: 'ENG-2B8M',
    title: 'no part of an engine can be used before initialize has succeeded, and all of them afterwards',
    clauses: ['ENG-004', 'ENG-010', 'ENG-011'],
    kind: 'matrix',
    clients: 'reference',
    invariants: false,
    async run(stage) {
      const early: Promise<unknown>[] = [];
      const server = await stage.server({
        beforeStart: (engine) => {
          for (const [index, use] of serverUses().entries()) {
            const what = `part ${index} of a server could be used early`;
            early.push(
              stage.rejects(
                call(() => use(engine)),
                'E_NOT_INITIALIZED',
                'ENG-004',
                what,
              ),
            );
          }
        },
      });
      await Promise.all(early);
      const alice = (await stage.client('alice', { waitResponseTimeoutInSecs: 2 })) as EngineSubject;
      for (const [index, use] of clientUses().entries()) {
        const what = `part ${index} of a client could be used early`;
        await stage.rejects(
          call(() => use(alice.engine)),
          'E_NOT_INITIALIZED',
          'ENG-004',
          what,
        );
      }
      await stage.loggedOn(server, 'bob');
      await alice.logon(server);
      // Kicking bob out comes late in both lists; what is asked of nobody times out, and that is no refusal.
      const outcomes: string[] = [];
      const note = (error: unknown): number => outcomes.push((error as { code?: string }).code ?? String(error));
      for (const use of clientUses()) await call(() => use(alice.engine)).catch(note);
      await alice.waitFor('relogonCompleted');
      stage.check(
        !outcomes.includes('E_NOT_INITIALIZED'),
        'ENG-010',
        `parts of a client are missing: ${outcomes.join()}`,
      );
      outcomes.length = 0;
      const pending = serverUses().map((use) => call(() => use(server.engine)).catch(note));
      await Promise.all(pending.filter((_, index) => index !== 1 && index !== 2));
      stage.equal(outcomes, [], 'ENG-011', 'parts of a server are missing');
    },
  }),
  scenario({
    id: 'ENG-3C9N',
    title: 'a client calls the handler it was initialized with, and lives without one',
    clauses: ['ENG-010', 'ENG-008'],
    kind: 'matrix',
    clients: 'reference',
    async run(stage) {
      for (const hasHandler of [true, false]) {
        const raw = await stage.rawServer();
        const alice = (await stage.client('alice')) as EngineSubject;
        const calls: unknown[] = [];
        const handler: CustomizeHandler = {
          handleInformation: (source, informationType, info) => void calls.push([source, informationType, info]),
          handleQuery: (source, informationType, info) => {
            calls.push([source, informationType, info]);
            return Uint8Array.of(9);
          },
        };
        const initialized = alice.engine.initialize(
          'alice',
          'secret',
          raw.address,
          raw.port,
          hasHandler ? handler : null,
        );
        const [{ connection }] = await Promise.all([raw.acceptLogon(), initialized]);
        const content = stage.payload();
        const body = codecs.BinaryInformationContract.encode({ Content: content, InformationType: 3 });
        for (const messageType of [MessageType.InformationBySend, MessageType.Request]) {
          connection.send({ messageType, sourceId: 'bob', destId: 'alice', body });
        }
        const response = await connection.expect(MessageType.Response, { clause: 'ENG-010' });
        const expected = hasHandler
          ? [
              ['bob', 3, content],
              ['bob', 3, content],
            ]
          : [];
        stage.equal(calls, expected, 'ENG-010', 'the handler got something else');
        stage.equal(response.body.length > 0, hasHandler, 'ENG-010', "the answer is not the handler's");
      }
    },
  }),
  scenario({
    id: 'ENG-4D1P',
    title: 'a server calls the handlers it was initialized with, and lives without them',
    clauses: ['ENG-011'],
    kind: 'matrix',
    clients: 'reference',
    async run(stage) {
      for (const given of ['recorded', 'none'] as const) {
        const server = await stage.server({
          basicHandler: given,
          ...(given === 'none' ? { customizeHandler: given } : {}),
        });
        const alice = await stage.loggedOn(server, 'alice', { password: 'secret', systemToken: 'token' });
        await alice.send(null, 3, stage.payload());
        await alice.query(null, QUERY_RULES.echo, null).catch(() => undefined);
        const calls = server.events
          .map(({ kind }) => kind)
          .filter((kind) => ['verifyUser', 'information', 'query'].includes(kind));
        const expected = given === 'none' ? [] : ['verifyUser', 'information', 'query'];
        stage.equal(calls, expected, 'ENG-011', 'other handlers were called');
        const { userManager, basicController } = server.engine;
        stage.equal(userManager.getOnlineUserList(), ['alice'], 'ENG-011', 'the users online');
        basicController.kickOut('alice');
        await alice.waitFor('beingKickedOut', { clause: 'ENG-011' });
        stage.equal(userManager.userCount, 0, 'ENG-011', 'the users online after a kick');
      }
    },
  }),
  scenario({
    id: 'ENG-5E2R',
    title: 'each engine the factory makes is one of its own, on the platform it was given',
    clauses: ['ENG-008'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const made = Object.keys(rapidEngineFactory).sort();
      stage.equal(
        made,
        ['createP2PServer', 'createPassiveEngine', 'createServerEngine'],
        'ENG-008',
        'the factory makes other engines',
      );
      const servers = [await stage.server(), await stage.server()];
      const alices = [await stage.client('alice'), await stage.client('alice')];
      for (const [index, alice] of alices.entries()) await alice.logon(servers[index]!);
      for (const [index, alice] of alices.entries()) {
        await alice.send(null, index, stage.payload());
        const got = await servers[index]!.waitFor('information', { clause: 'ENG-008' });
        stage.equal(got.informationType, index, 'ENG-008', 'information went to another engine');
        stage.equal(servers[index]!.engine.userManager.userCount, 1, 'ENG-008', 'engines share their users');
      }
    },
  }),
];

const listening: readonly AnyScenario[] = [
  scenario({
    id: 'ENG-6F3T',
    title: 'a server listens on its port and address, tells the port, and gives it back at the first close',
    clauses: ['ENG-012', 'ENG-007', 'ENG-005'],
    kind: 'matrix',
    clients: 'reference',
    async run(stage) {
      const first = await stage.server();
      stage.check(first.port > 0, 'ENG-007', 'a server on any port does not tell which');
      await stage.loggedOn(first, 'alice');
      for (const ipAddressBinding of [null, first.address]) {
        await first.close();
        const options = { host: first.host, port: first.port };
        const next = await stage.server({
          ...options,
          beforeStart: (engine) => (engine.ipAddressBinding = ipAddressBinding),
        });
        stage.equal(next.engine.port, first.port, 'ENG-012', 'another port than was given');
        await stage.loggedOn(next, 'bob');
        await next.close();
      }
    },
  }),
  scenario({
    id: 'ENG-7G4V',
    title: 'a server cannot listen on an address that is not its own',
    clauses: ['ENG-012'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const elsewhere = stage.server({ beforeStart: (engine) => (engine.ipAddressBinding = '203.0.113.77') });
      await stage.rejects(elsewhere, 'E_CONNECT', 'ENG-012', 'ipAddressBinding has no effect');
    },
  }),
  scenario({
    id: 'ENG-8H5W',
    title: 'a port in use is refused with its number, and the server that has it goes on',
    clauses: ['ENG-006'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const first = await stage.server();
      const second = stage.server({ host: first.host, port: first.port });
      const error = await stage.rejects(second, 'E_ADDRINUSE', 'ENG-006', 'a port in use was taken');
      stage.check(error.message.includes(String(first.port)), 'ENG-006', `the port is not named: ${error.message}`);
      await stage.loggedOn(first, 'alice');
    },
  }),
  scenario({
    id: 'ENG-9J6X',
    title: 'connectionCount is the number of open connections, with a user or without',
    clauses: ['ENG-007', 'ENG-014'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.array(
        fc.record({
          isBound: fc.boolean(),
          end: fc.constantFrom('stays', 'ends', 'aborts', 'kicked', 'invalid'),
        }),
        { minLength: 1, maxLength: 5 },
      ),
    async run(stage, plan) {
      const server = await stage.server();
      const { engine } = server;
      stage.equal(engine.connectionCount, 0, 'ENG-007', 'connections before the first');
      const peers = await Promise.all(plan.map((_, index) => stage.rawClient(server, { userID: `user${index}` })));
      await stage.until(() => engine.connectionCount === plan.length, 10, 'not every connection counts', 'ENG-007');
      for (const [index, { isBound }] of plan.entries()) if (isBound) await peers[index]!.logon(`user${index}`);
      stage.equal(engine.connectionCount, plan.length, 'ENG-007', 'a logon changed the number of connections');
      let left = plan.length;
      for (const [index, { end, isBound }] of plan.entries()) {
        const peer = peers[index]!;
        if (end === 'stays' || (end === 'kicked' && !isBound)) continue;
        if (end === 'ends') peer.end();
        else if (end === 'aborts') peer.abort();
        else if (end === 'kicked') engine.basicController.kickOut(`user${index}`);
        else peer.sendBytes(new Uint8Array(40));
        left--;
        await stage.until(() => engine.connectionCount === left, 10, `${end} does not count`, 'ENG-007');
      }
      engine.close();
      for (const peer of peers) if (!peer.isClosed()) await peer.expectClosed({ clause: 'ENG-014' });
      stage.equal(engine.connectionCount, 0, 'ENG-007', 'connections of a closed server');
    },
  }),
];

const closing: readonly AnyScenario[] = [
  scenario({
    id: 'ENG-AK7Y',
    title: 'a client can be closed at any time and twice, and nothing of it is left',
    clauses: ['ENG-005'],
    kind: 'matrix',
    noParity: 'the engines are closed amid everything, so what still reaches whom is a race',
    needs: ['logon', 'send', 'query'],
    // What is left over is the business of the invariants that every run ends with.
    async run(stage) {
      const raw = await stage.rawServer();
      const fresh = await stage.client('fresh');
      const waiting = await stage.client('waiting');
      const logon = waiting.logon(raw).catch(() => undefined);
      await (await raw.accept()).expect(MessageType.Logon);
      const asking = await stage.client('asking');
      const [{ connection }] = await Promise.all([raw.acceptLogon(), asking.logon(raw)]);
      const answer = asking.query(null, 9, null).catch(() => undefined);
      await connection.expect(MessageType.Request);
      const lost = await stage.client('lost');
      const [{ connection: broken }] = await Promise.all([raw.acceptLogon(), lost.logon(raw)]);
      raw.stopListening();
      broken.abort();
      await lost.waitFor('connectionRebuildStart');
      for (const client of [fresh, waiting, asking, lost]) {
        await client.close();
        await client.close();
      }
      await Promise.all([logon, answer]);
      await connection.expectClosed({ clause: 'ENG-005' });
      stage.equal(await asking.connected(), false, 'ENG-005', 'a closed client is connected');
    },
  }),
  scenario({
    id: 'ENG-PZ1B',
    title: 'a client that is closed while it waits for its next attempt keeps no timer and never comes back',
    clauses: ['ENG-005'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const raw = await stage.rawServer();
      const alice = (await stage.client('alice')) as EngineSubject;
      // Longer than the invariants wait for timers to be given back.
      alice.engine.advanced.reconnectDelaySecs = [300];
      const [{ connection }] = await Promise.all([raw.acceptLogon(), alice.logon(raw)]);
      connection.abort();
      await alice.waitFor('connectionRebuildStart', { clause: 'ENG-005' });
      await alice.close();
      stage.equal(await alice.connected(), false, 'ENG-005', 'a closed client is connected');
    },
  }),
  scenario({
    id: 'ENG-BM8Z',
    title: 'a server closes every connection when it is closed, whatever state it is in, and can be closed twice',
    clauses: ['ENG-014', 'ENG-005'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.array(fc.constantFrom('unbound', 'half', 'deciding', 'bound', 'paused'), { minLength: 1, maxLength: 5 }),
    async run(stage, states) {
      const server = await stage.server({
        verifyUser: (_token, userID) => (userID.startsWith('slow') ? new Promise(() => undefined) : { ok: true }),
      });
      const peers = [];
      for (const [index, state] of states.entries()) {
        const userID = `${state === 'deciding' ? 'slow' : 'user'}${index}`;
        const peer = await stage.rawClient(server, { userID });
        peers.push(peer);
        if (state === 'half') peer.sendBytes(Uint8Array.of(0xe5, 0, 101));
        if (state === 'bound' || state === 'paused') await peer.logon(userID);
        if (state === 'paused') peer.pause();
        if (state !== 'deciding') continue;
        const request = {
          AuthorizedUser: AUTHORIZED_USER_DEFAULT,
          Password: null,
          SystemToken: null,
          Version: VERSION_DEFAULT,
        };
        peer.send({ messageType: MessageType.Logon, body: codecs.ReqLogonContract.encode(request) });
        await server.waitFor('verifyUser', { match: (event) => event.userID === userID });
      }
      const count = (): number => server.engine.connectionCount;
      await stage.until(() => count() === states.length, 10, 'not every connection counts', 'ENG-007');
      server.engine.close();
      server.engine.close();
      stage.equal(count(), 0, 'ENG-014', 'connections of a closed server');
      for (const peer of peers) {
        peer.resume();
        await peer.expectClosed({ clause: 'ENG-014' });
      }
      const next = await stage.server({ host: server.host, port: server.port });
      await stage.loggedOn(next, 'alice');
    },
  }),
];

export const life: readonly AnyScenario[] = [...settingUp, ...listening, ...closing];
