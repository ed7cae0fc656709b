/** Who belongs to whom: the application's manager, and the three questions of a client. */
import * as fc from 'fast-check';
import { DefaultContactsManager } from '../../../impl/index.ts';
import type { ContactsManager } from '../../../impl/index.ts';
import { codecs } from '../../../impl/wire/index.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { contactsOf, serverWith } from './relations-of-a-run.ts';
import type { Tables } from './relations-of-a-run.ts';
import { aliceAtRawServer } from '../at-raw-server.ts';

const NAMES = ['alice', 'bob', 'carol', 'dave', 'nobody'] as const;
const someNames = fc.subarray([...NAMES]);

export const asking: readonly AnyScenario[] = [
  scenario({
    id: 'CON-3K8D',
    title:
      'contacts and groupmates are what the application says at the moment of the question, divided by who is online',
    clauses: ['CON-001', 'CON-006', 'CON-007', 'CON-008'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({
        online: fc.subarray(['bob', 'carol', 'dave']),
        rounds: fc.array(fc.record({ contacts: someNames, members: someNames }), { minLength: 1, maxLength: 3 }),
        twice: fc.boolean(),
      }),
    async run(stage, { online, rounds, twice }) {
      const tables: Tables = { contacts: {}, groups: {} };
      const server = await serverWith(stage, tables);
      const alice = contactsOf(await stage.loggedOn(server, 'alice'));
      for (const userID of online) await stage.loggedOn(server, userID);
      const isOnline = (userID: string): boolean => userID === 'alice' || online.includes(userID);
      for (const { contacts, members } of rounds) {
        tables.contacts = { alice: twice ? [...contacts, ...contacts] : contacts };
        tables.groups = { team: twice ? [...members, ...members] : members };
        stage.equal(await alice.getContacts(), contacts, 'CON-006', 'other contacts than the application named');
        const there = await alice.getAllOnlineContacts();
        stage.equal(there, contacts.filter(isOnline), 'CON-007', 'other online contacts');
        stage.equal(
          await alice.getGroupMembers('team'),
          {
            offlineGroupmates: members.filter((each) => !isOnline(each)),
            onlineGroupmates: members.filter(isOnline),
          },
          'CON-008',
          'the members of the group are not as the application named them',
        );
        const none = { offlineGroupmates: [], onlineGroupmates: [] };
        stage.equal(await alice.getGroupMembers('other'), none, 'CON-001', 'an unknown group has members');
      }
    },
  }),
  scenario({
    id: 'CON-7R2W',
    title: 'without a manager everything is empty, and nothing else is different',
    clauses: ['CON-002'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server();
      const alice = await stage.loggedOn(server, 'alice');
      const bob = await stage.loggedOn(server, 'bob');
      const outter = contactsOf(alice);
      stage.equal(await outter.getContacts(), [], 'CON-002', 'alice has contacts that nobody named');
      stage.equal(await outter.getAllOnlineContacts(), [], 'CON-002', 'alice has online contacts that nobody named');
      const none = { offlineGroupmates: [], onlineGroupmates: [] };
      stage.equal(await outter.getGroupMembers('team'), none, 'CON-002', 'a group has members that nobody named');
      outter.broadcast('team', 1, stage.payload(), null, 0);
      await outter.broadcastBlob('team', 1, stage.payload(50), null, 20);
      server.engine.contactsController.broadcast('team', 1, stage.payload(), null, 0);
      await alice.sendCertainly('bob', 3, stage.payload());
      stage.equal(
        [...alice.events, ...bob.events].map((event) => event.kind),
        ['information'],
        'CON-002',
        'somebody was told or sent something',
      );
    },
  }),
  scenario({
    id: 'CON-5M1B',
    title: 'a manager that cannot be one, or comes too late, is refused',
    clauses: ['CON-003'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server();
      const half = { getContacts: () => [] } as unknown as ContactsManager;
      const setting = (manager: ContactsManager | null): Promise<void> =>
        new Promise((resolve) => {
          server.engine.contactsManager = manager;
          resolve();
        });
      await stage.rejects(setting(null), 'E_SETTING_LATE', 'CON-003', 'a manager was taken while the server runs');
      await stage.server({
        beforeStart: (engine) => {
          let code = 'none';
          try {
            engine.contactsManager = half;
          } catch (error) {
            code = (error as { code: string }).code;
          }
          stage.equal(code, 'E_ARGUMENT', 'CON-003', 'a manager without getGroupMemberList was taken');
          stage.equal(engine.contactsManager, null, 'CON-003', 'the default is not null');
        },
      });
    },
  }),
  scenario({
    id: 'CON-9T4H',
    title: 'a manager that fails counts as one that knows nobody, and disturbs nothing',
    clauses: ['CON-004'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.constantFrom('throws', 'null', 'undefined', 'promise', 'numbers', 'text'),
    async run(stage, how) {
      const give = (): string[] => {
        if (how === 'throws') throw new Error('the database is gone');
        const results: Record<string, unknown> = {
          null: null,
          promise: Promise.resolve(['bob']),
          numbers: ['bob', 7],
          text: 'bob',
        };
        return results[how] as string[];
      };
      const manager = { getContacts: give, getGroupMemberList: give };
      const server = await stage.server({ beforeStart: (engine) => (engine.contactsManager = manager) });
      const bob = await stage.loggedOn(server, 'bob');
      const alice = await stage.loggedOn(server, 'alice');
      const outter = contactsOf(alice);
      stage.equal(await outter.getContacts(), [], 'CON-004', 'a failing manager gave contacts');
      const mates = await outter.getGroupMembers('team');
      stage.equal(mates.onlineGroupmates, [], 'CON-004', 'a failing manager gave members');
      outter.broadcast('team', 2, stage.payload(), 'tag', 0);
      await alice.sendCertainly('bob', 3, stage.payload());
      await stage.until(() => bob.events.length > 0, 10, 'the sentinel did not come', 'CON-004');
      stage.equal(
        bob.events.map((event) => event.kind),
        ['information'],
        'CON-004',
        'bob was told something',
      );
    },
  }),
  scenario({
    id: 'CON-2F6L',
    title: 'with the default manager everybody online is everybody’s contact and in every group',
    clauses: ['CON-005'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server({
        beforeStart: (engine) => (engine.contactsManager = new DefaultContactsManager(engine.userManager)),
      });
      const alice = await stage.loggedOn(server, 'alice');
      const bob = await stage.loggedOn(server, 'bob');
      await alice.waitFor('contactsConnected', { match: ({ userID }) => userID === 'bob', clause: 'CON-005' });
      const all = ['alice', 'bob'];
      stage.equal(await contactsOf(bob).getContacts(), all, 'CON-005', 'not everybody is a contact');
      const mates = await contactsOf(bob).getGroupMembers('any');
      stage.equal(mates, { offlineGroupmates: [], onlineGroupmates: all }, 'CON-005', 'not everybody is a member');
      contactsOf(bob).broadcast('any', 4, stage.payload(), null, 0);
      await alice.waitFor('broadcastReceived', { clause: 'CON-005' });
    },
  }),
  scenario({
    id: 'CON-6P3Z',
    title:
      'the questions and broadcasts of a client are the messages of the grammar, and bad GroupIDs are not sent at all',
    clauses: ['CON-006', 'CON-007', 'CON-008', 'CON-013', 'CON-020'],
    kind: 'wire',
    clients: 'reference',
    async run(stage) {
      const { alice, connection } = await aliceAtRawServer(stage, { heartBeatSpanInSecs: 0 });
      const outter = contactsOf(alice);
      for (const groupID of ['', '_team', 'x'.repeat(12), '\u{d800}']) {
        const what = `the GroupID ${JSON.stringify(groupID)} was taken`;
        await stage.rejects(outter.getGroupMembers(groupID), 'E_ARGUMENT', 'CON-013', what);
        await stage.rejects(outter.broadcastBlob(groupID, 1, null, null, 8), 'E_ARGUMENT', 'CON-013', what);
        const broadcast = new Promise<void>((resolve) => {
          outter.broadcast(groupID, 1, null, null, 0);
          resolve();
        });
        await stage.rejects(broadcast, 'E_ARGUMENT', 'CON-013', what);
      }
      const answers = [outter.getContacts(), outter.getAllOnlineContacts(), outter.getGroupMembers('x'.repeat(11))];
      const content = stage.payload();
      outter.broadcast('team', -7, content, 'a tag', 1);
      const broadcast = await connection.expect(MessageType.BroadcastByServer, { clause: 'CON-020' });
      stage.equal([broadcast.sourceId, broadcast.destId], ['alice', ''], 'CON-020', 'not from alice to the server');
      stage.equal(
        codecs.BroadcastContract.decode(broadcast.body),
        {
          ok: true,
          value: {
            ActionTypeOnChannelIsBusy: 1,
            Content: content,
            GroupID: 'team',
            InformationType: -7,
            Tag: 'a tag',
          },
        },
        'CON-020',
        'the body of the broadcast is not as told',
      );
      const [first, second, third, ...rest] = connection.received.slice(1);
      stage.equal(
        [first, second, third].map((each) => each?.messageType),
        [MessageType.GetContracts, MessageType.GetContracts, MessageType.GetGroupMembers],
        'CON-006',
        'other questions than asked',
      );
      stage.equal(rest.length, 1, 'CON-013', 'a refused call sent something');
      const justOnline = [first!, second!].map((each) => {
        const body = codecs.ReqContactsContract.decode(each.body);
        return body.ok && body.value.JustOnline;
      });
      stage.equal(justOnline, [false, true], 'CON-007', 'JustOnline is wrong');
      const UserList = ['bob', null, 'carol'];
      for (const { messageId, messageType } of [first!, second!]) {
        connection.send({
          messageType,
          messageId,
          destId: 'alice',
          body: codecs.ResContactsContract.encode({ UserList }),
        });
      }
      const groupmates = { OfflineGroupmates: null, OnlineGroupmates: UserList };
      const body = codecs.GroupmatesContract.encode(groupmates);
      connection.send({ messageType: third!.messageType, messageId: third!.messageId, destId: 'alice', body });
      const names = ['bob', 'carol'];
      const expected = [names, names, { offlineGroupmates: [], onlineGroupmates: names }];
      stage.equal(await Promise.all<unknown>(answers), expected, 'CON-008', 'the answers are not what the server said');
    },
  }),
];
