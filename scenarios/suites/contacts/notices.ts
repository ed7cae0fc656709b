/** Who is told that a user came or went, how often, and when not. */
import * as fc from 'fast-check';
import { codecs } from '../../../impl/wire/index.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import type { ClientSubject } from '../../attach/client-subject.ts';
import { noticesOf, serverWith } from './relations-of-a-run.ts';
import { aliceAtRawServer } from '../at-raw-server.ts';

/** What a user may do, by name: come, leave in three ways, log on elsewhere. */
const MOVES = ['come', 'close', 'kick', 'reset', 'again'] as const;

export const notices: readonly AnyScenario[] = [
  scenario({
    id: 'CON-4W7C',
    title: 'each coming and going is told once to every contact online, and a logon elsewhere to nobody',
    clauses: ['CON-009', 'CON-010', 'CON-011', 'CON-017', 'CON-016'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({
        thread: fc.boolean(),
        named: fc.subarray(['watcher', 'other', 'subject', 'absent']),
        moves: fc.array(fc.constantFrom(...MOVES), { minLength: 1, maxLength: 8 }),
      }),
    async run(stage, { moves, named, thread }) {
      const server = await serverWith(stage, { contacts: { subject: [...named, ...named] } });
      server.engine.contactsController.useContactsNotifyThread = thread;
      const watcher = await stage.loggedOn(server, 'watcher');
      const other = await stage.loggedOn(server, 'other');
      const expected: string[] = [];
      let current: ClientSubject | undefined;
      for (const move of ['come', ...moves] as const) {
        const seen = server.events.length;
        const isComing = move === 'come' || move === 'again';
        if (isComing) {
          if (current === undefined) expected.push('+subject');
          current = await stage.loggedOn(server, 'subject', { autoReconnect: false });
        } else if (current !== undefined) {
          expected.push('-subject');
          if (move === 'close') await current.close();
          else if (move === 'kick') server.engine.basicController.kickOut('subject');
          else stage.net.resetConnections(current.host);
          current = undefined;
          const isTheirs = (event: { userID: string }): boolean => event.userID === 'subject';
          await server.waitFor('someOneDisconnected', { from: seen, match: isTheirs, clause: 'CON-010' });
        }
      }
      for (const client of [watcher, other]) {
        // Whatever was to be told is on the connection before the answer.
        await client.basic({ verb: 'ping' });
        const told = named.includes(client.userID) ? expected : [];
        stage.equal(noticesOf(client), told, 'CON-009', `${client.userID} was told something else`);
      }
      if (current !== undefined) stage.equal(noticesOf(current), [], 'CON-009', 'a user was told about itself');
    },
  }),
  scenario({
    id: 'CON-8Y5N',
    title: 'a client that asks once and then applies the notices knows at the end who is online',
    clauses: ['CON-012', 'CON-009', 'CON-010'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({
        thread: fc.boolean(),
        before: fc.nat({ max: 3 }),
        delayMillis: fc.constantFrom(0, 30, 200),
        moves: fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 10 }),
      }),
    async run(stage, { before, delayMillis, moves, thread }) {
      const names = ['u0', 'u1', 'u2', 'u3'];
      const watched = Object.fromEntries(names.map((name) => [name, ['watcher']]));
      const server = await serverWith(stage, { contacts: { ...watched, watcher: names } });
      server.engine.contactsController.useContactsNotifyThread = thread;
      const online = new Map<string, ClientSubject>();
      const move = async (name: string): Promise<void> => {
        const client = online.get(name);
        if (client === undefined) online.set(name, await stage.loggedOn(server, name));
        else {
          online.delete(name);
          await client.close();
        }
      };
      for (const index of moves.slice(0, before)) await move(names[index]!);
      // Order is seen on the wire: an engine's answer is a promise, which its caller learns of after all that came with it.
      const watcher = await stage.rawClient(server, { userID: 'watcher' });
      await watcher.logon('watcher');
      stage.net.conditions('watcher', { delayMillis });
      const ask = { JustOnline: true, Tag: null };
      const question = { messageType: MessageType.GetContracts, body: codecs.ReqContactsContract.encode(ask) };
      watcher.send(question);
      for (const index of moves.slice(before)) await move(names[index]!);
      const answer = await watcher.expect(MessageType.GetContracts, { clause: 'CON-006' });
      await stage.until(() => server.engine.userManager.userCount === online.size + 1, 30, 'not everybody left');
      watcher.send(question);
      const last = await watcher.expect(MessageType.GetContracts, { clause: 'CON-006' });
      const told = codecs.ResContactsContract.decode(answer.body);
      stage.check(told.ok, 'CON-006', 'the answer cannot be read');
      const known = new Set(told.ok ? told.value.UserList : []);
      const { received } = watcher;
      for (const { messageType, body } of received.slice(received.indexOf(answer) + 1, received.indexOf(last))) {
        const isComing = messageType === MessageType.ContactsConnectedNotify;
        if (!isComing && messageType !== MessageType.ContactsOfflineNotify) continue;
        const about = codecs.UserContract.decode(body);
        stage.check(about.ok, 'CON-009', 'a notice cannot be read');
        const userID = about.ok ? about.value.UserID : '';
        const isNews = known.has(userID) !== isComing;
        const notice = `${isComing ? '+' : '-'}${userID}`;
        stage.check(isNews, 'CON-012', `the notice ${notice} says what the answer and earlier notices have said`);
        if (isComing) known.add(userID);
        else known.delete(userID);
      }
      stage.equal([...known].sort(), [...online.keys()].sort(), 'CON-012', 'the client believes others to be online');
    },
  }),
  scenario({
    id: 'CON-1Q9V',
    title: 'the two switches stop the notices they are named for, at once and only those',
    clauses: ['CON-014', 'CON-015'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.array(fc.record({ connected: fc.boolean(), offline: fc.boolean() }), { minLength: 1, maxLength: 4 }),
    async run(stage, rounds) {
      const server = await serverWith(stage, { contacts: { subject: ['watcher'] } });
      const controller = server.engine.contactsController;
      stage.equal(
        [controller.contactsConnectedNotifyEnabled, controller.contactsDisconnectedNotifyEnabled],
        [true, true],
        'CON-014',
        'notices are not on by default',
      );
      const watcher = await stage.loggedOn(server, 'watcher');
      const expected: string[] = [];
      for (const { connected, offline } of [{ connected: true, offline: true }, ...rounds]) {
        controller.contactsConnectedNotifyEnabled = connected;
        controller.contactsDisconnectedNotifyEnabled = offline;
        const seen = server.events.length;
        const subject = await stage.loggedOn(server, 'subject');
        await subject.close();
        await server.waitFor('someOneDisconnected', { from: seen });
        if (connected) expected.push('+subject');
        if (offline) expected.push('-subject');
      }
      await watcher.basic({ verb: 'ping' });
      stage.equal(noticesOf(watcher), expected, 'CON-015', 'other notices than the switches allow');
    },
  }),
  scenario({
    id: 'CON-0H3X',
    title:
      'with the notice thread a departure is told in a later step, without it in its own, and the order is the same',
    clauses: ['CON-016', 'CON-012'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.record({ thread: fc.boolean(), count: fc.integer({ min: 2, max: 5 }) }),
    async run(stage, { count, thread }) {
      const asked: string[] = [];
      const manager = {
        getContacts: (userID: string) => {
          asked.push(userID);
          return ['watcher'];
        },
        getGroupMemberList: () => [],
      };
      const server = await stage.server({ beforeStart: (engine) => (engine.contactsManager = manager) });
      const { basicController, contactsController } = server.engine;
      stage.equal(contactsController.useContactsNotifyThread, false, 'CON-016', 'the notice thread is on by default');
      contactsController.useContactsNotifyThread = thread;
      const watcher = await stage.loggedOn(server, 'watcher');
      const names = Array.from({ length: count }, (_, index) => `u${index}`);
      for (const name of names) await stage.loggedOn(server, name);
      await watcher.waitFor('contactsConnected', { match: ({ userID }) => userID === names.at(-1) });
      asked.length = 0;
      const early = names.slice(0, -1);
      for (const name of early) basicController.kickOut(name);
      stage.equal(asked, thread ? [] : early, 'CON-016', 'the contacts were asked for at the wrong time');
      // What waits goes first, also when the thread is not used any more.
      contactsController.useContactsNotifyThread = false;
      basicController.kickOut(names.at(-1)!);
      await watcher.waitFor('contactsOffline', { match: ({ userID }) => userID === names.at(-1), clause: 'CON-016' });
      stage.equal(asked, names, 'CON-016', 'the users were not told of one after the other');
      const gone = noticesOf(watcher).filter((notice) => notice.startsWith('-'));
      stage.equal(
        gone,
        names.map((name) => `-${name}`),
        'CON-012',
        'the notices came in another order',
      );
    },
  }),
  scenario({
    id: 'CON-5D0J',
    title: 'nobody but the server can say that a contact came or went',
    clauses: ['CON-019'],
    kind: 'wire',
    clients: 'reference',
    async run(stage) {
      const { alice, connection } = await aliceAtRawServer(stage);
      const body = codecs.UserContract.encode({ UserID: 'carol' });
      for (const messageType of [MessageType.ContactsConnectedNotify, MessageType.ContactsOfflineNotify]) {
        connection.send({ messageType, sourceId: 'bob', destId: 'alice', body });
        connection.send({ messageType, sourceId: '_0', destId: 'alice', body });
      }
      await alice.waitFor('contactsOffline', { clause: 'CON-017' });
      stage.equal(noticesOf(alice), ['+carol', '-carol'], 'CON-019', 'a notice of bob was believed');
    },
  }),
];
