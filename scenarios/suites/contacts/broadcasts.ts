/** Broadcasts: who gets a copy, what it looks like, what the server tells its application, busy channels. */
import * as fc from 'fast-check';
import { codecs } from '../../../impl/wire/index.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import type { RawClient, SeenMessage } from '../../attach/raw-peer.ts';
import { broadcastsOf, contactsOf, fillChannel, serverWith } from './relations-of-a-run.ts';
import { aliceAtRawServer } from '../at-raw-server.ts';

const NAMES = ['alice', 'bob', 'carol', 'dave'] as const;

const isBroadcast = ({ messageType }: SeenMessage): boolean => messageType === MessageType.BroadcastByServer;

export const broadcasts: readonly AnyScenario[] = [
  scenario({
    id: 'CON-8B2S',
    title:
      'every online member but the broadcaster gets each broadcast once, and the server hears of all and of who was missing',
    clauses: ['CON-021', 'CON-022', 'CON-023', 'CON-027', 'CON-028'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({
        online: fc.subarray(['bob', 'carol', 'dave']),
        members: fc.subarray([...NAMES]),
        twice: fc.boolean(),
        broadcasts: fc.array(
          fc.record({
            from: fc.constantFrom('alice', 'server'),
            content: fc.option(fc.uint8Array({ maxLength: 20 })),
            type: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
            tag: fc.option(fc.string({ maxLength: 8 })),
          }),
          { minLength: 1, maxLength: 5 },
        ),
      }),
    async run(stage, { broadcasts: plan, members, online, twice }) {
      const server = await serverWith(stage, { groups: { team: twice ? [...members, ...members] : members } });
      const clients = new Map([['alice', await stage.loggedOn(server, 'alice')]]);
      for (const userID of online) clients.set(userID, await stage.loggedOn(server, userID));
      const alice = clients.get('alice')!;
      const seen = server.events.length;
      for (const { from, type, content, tag } of plan) {
        const broadcasting = from === 'alice' ? contactsOf(alice) : server.engine.contactsController;
        broadcasting.broadcast('team', type, content, tag, 0);
        // Two senders have no order between them; one after the other they have.
        await alice.basic({ verb: 'ping' });
      }
      for (const [userID, client] of clients) {
        await client.basic({ verb: 'ping' });
        const told = broadcastsOf(client).map(({ source, groupID, broadcastType, info, tag }) => {
          return { source, groupID, broadcastType, info, tag };
        });
        const expected = plan
          .filter(({ from }) => (members as readonly string[]).includes(userID) && from !== userID)
          .map(({ from, type, content, tag }) => {
            const source = from === 'server' ? null : from;
            return { source, groupID: 'team', broadcastType: type, info: content, tag };
          });
        stage.equal(told, expected, 'CON-021', `${userID} got other broadcasts`);
      }
      const told = server.events.slice(seen);
      const received = told.flatMap((event) =>
        event.kind === 'broadcastReceived'
          ? [[event.source, event.groupID, event.broadcastType, event.info, event.tag]]
          : [],
      );
      stage.equal(
        received,
        plan
          .filter(({ from }) => from === 'alice')
          .map(({ type, content, tag }) => ['alice', 'team', type, content, tag]),
        'CON-028',
        'broadcastReceived of the server was not raised once for each broadcast of a client',
      );
      const failed = told.flatMap((event) =>
        event.kind === 'broadcastFailed' ? [[event.userID, event.information]] : [],
      );
      const missing = members.filter((userID) => !clients.has(userID));
      stage.equal(
        failed,
        plan.flatMap(({ from, type, content, tag }) =>
          missing.map((userID) => [
            userID,
            {
              sourceID: from === 'server' ? null : from,
              groupID: 'team',
              broadcastType: type,
              content,
              tag,
            },
          ]),
        ),
        'CON-027',
        'broadcastFailed was not raised once for each member who was missing',
      );
    },
  }),
  scenario({
    id: 'CON-2N6F',
    title:
      'a broadcast reaches members as it was sent, but for the destination; that of the server has the server as source',
    clauses: ['CON-021', 'CON-024', 'CON-028'],
    kind: 'wire',
    clients: 'reference',
    async run(stage) {
      const server = await serverWith(stage, { groups: { team: ['alice', 'bob', 'carol'] } });
      const peers: RawClient[] = [];
      for (const userID of ['alice', 'bob', 'carol']) {
        const peer = await stage.rawClient(server, { userID });
        await peer.logon(userID);
        peers.push(peer);
      }
      const [alice, ...others] = peers;
      const value = {
        ActionTypeOnChannelIsBusy: 7,
        Content: stage.payload(),
        GroupID: 'team',
        InformationType: 5,
        Tag: null,
      };
      const body = codecs.BroadcastContract.encode(value);
      // A destination has no meaning here, not even that of a user.
      alice!.send({ messageType: MessageType.BroadcastByServer, messageId: 77, clientType: 5, destId: 'bob', body });
      for (const peer of others) {
        const seen = await peer.expect(MessageType.BroadcastByServer, { clause: 'CON-021' });
        const { clientType, messageId, sourceId } = seen;
        stage.equal(
          { clientType, messageId, sourceId },
          { clientType: 5, messageId: 77, sourceId: 'alice' },
          'CON-021',
          'the header was changed',
        );
        stage.equal(seen.body, body, 'CON-021', 'the body was changed');
      }
      server.engine.contactsController.broadcast('team', 6, null, 'tag', 1);
      const ids = ['alice', 'bob', 'carol'];
      for (const [index, peer] of peers.entries()) {
        const seen = await peer.expect(MessageType.BroadcastByServer, { clause: 'CON-024' });
        stage.equal([seen.sourceId, seen.destId], ['_0', ids[index]], 'CON-024', 'not from the server to the member');
        const expected = { ...value, ActionTypeOnChannelIsBusy: 1, Content: null, InformationType: 6, Tag: 'tag' };
        stage.equal(
          codecs.BroadcastContract.decode(seen.body),
          { ok: true, value: expected },
          'CON-024',
          'the body is not what was to be broadcast',
        );
      }
      stage.equal(alice!.received.filter(isBroadcast).length, 1, 'CON-021', 'alice got her own broadcast');
      const kinds = server.events.filter((event) => event.kind === 'broadcastReceived');
      stage.equal(kinds.length, 1, 'CON-028', 'the broadcast of the server was told as one of a client');
    },
  }),
  scenario({
    id: 'CON-9C7T',
    title: 'the application hears of a broadcast before any member can, and one it kicks for it reaches nobody',
    clauses: ['CON-028'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const server = await serverWith(stage, { groups: { team: ['bob'] } });
      const bob = await stage.loggedOn(server, 'bob');
      const alice = await stage.loggedOn(server, 'alice');
      const { basicController, contactsController } = server.engine;
      contactsController.broadcastReceived.add((source) => {
        if (source !== null) basicController.kickOut(source);
      });
      contactsOf(alice).broadcast('team', 1, stage.payload(), null, 0);
      await alice.waitFor('beingKickedOut', { clause: 'CON-028' });
      await bob.basic({ verb: 'ping' });
      stage.equal(broadcastsOf(bob), [], 'CON-028', 'the broadcast was handed on before the application heard of it');
    },
  }),
  scenario({
    id: 'CON-4H8R',
    title:
      'a member with a busy channel is left out with Discard and served with Continue, and the others are served anyway',
    clauses: ['CON-025'],
    kind: 'property',
    clients: 'reference',
    runs: 5,
    plan: () =>
      fc.array(fc.record({ action: fc.constantFrom(0 as const, 1 as const), byServer: fc.boolean() }), {
        minLength: 1,
        maxLength: 5,
      }),
    async run(stage, plan) {
      const server = await serverWith(
        stage,
        { groups: { team: ['slow', 'bob'] } },
        { beforeStart: (engine) => (engine.writeTimeoutInSecs = 0) },
      );
      const slow = await stage.rawClient(server, { userID: 'slow' });
      await slow.logon('slow');
      const bob = await stage.loggedOn(server, 'bob');
      const alice = await stage.loggedOn(server, 'alice');
      await fillChannel(stage, server, slow);
      for (const [type, { action, byServer }] of plan.entries()) {
        if (byServer) server.engine.contactsController.broadcast('team', type, stage.payload(), null, action);
        else contactsOf(alice).broadcast('team', type, stage.payload(), null, action);
        await alice.basic({ verb: 'ping' });
      }
      await stage.until(() => broadcastsOf(bob).length === plan.length, 30, 'bob did not get everything', 'CON-025');
      slow.resume();
      slow.send({ messageType: MessageType.PingByServer, body: codecs.PingContract.encode({ SendTicks: 1 }) });
      await slow.expect(MessageType.PingAck, { clause: 'CON-025' });
      const types = slow.received.filter(isBroadcast).map((seen) => {
        const body = codecs.BroadcastContract.decode(seen.body);
        return body.ok ? body.value.InformationType : undefined;
      });
      const expected = [...plan.entries()].filter(([, { action }]) => action === 0).map(([type]) => type);
      stage.equal(types, expected, 'CON-025', 'the busy member got other broadcasts than those with Continue');
      const failures = server.events.filter((event) => event.kind === 'broadcastFailed');
      stage.equal(failures, [], 'CON-027', 'a member who was online was reported as missing');
    },
  }),
  scenario({
    id: 'CON-6X1G',
    title: 'a client whose own channel is busy sends nothing with Discard',
    clauses: ['CON-026'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const { alice, connection } = await aliceAtRawServer(stage, { heartBeatSpanInSecs: 0 });
      const outter = contactsOf(alice);
      outter.broadcast('team', 0, stage.payload(), null, 1);
      await connection.expect(MessageType.BroadcastByServer, { clause: 'CON-026' });
      connection.pause();
      const isBusy = (): boolean => alice.engine?.channelIsBusy === true;
      for (let count = 0; count < 60 && !isBusy(); count++) {
        await alice.send(null, 3, stage.payload(200_000));
        await stage.sleep(0.01);
      }
      stage.check(isBusy(), 'CON-026', 'a channel that nobody reads never gets busy');
      outter.broadcast('team', 1, stage.payload(), null, 1);
      outter.broadcast('team', 2, stage.payload(), null, 0);
      connection.resume();
      await connection.expect(MessageType.BroadcastByServer, { clause: 'CON-026' });
      const types = connection.received.filter(isBroadcast).map((seen) => {
        const body = codecs.BroadcastContract.decode(seen.body);
        return body.ok ? body.value.InformationType : undefined;
      });
      stage.equal(types, [0, 2], 'CON-026', 'Discard sent on a busy channel, or Continue did not');
    },
  }),
];
