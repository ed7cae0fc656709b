/** Messages between users of different servers: 23.5. */
import * as fc from 'fast-check';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { QUERY_RULES } from '../../attach/client-subject.ts';
import { boundOn, cluster, settled } from './clusters.ts';

export const scenarios: readonly AnyScenario[] = [
  scenario({
    id: 'CLU-X4GR',
    title: 'information, queries, ACKs, blobs, messages and pings reach a user of another server, unchanged',
    clauses: ['CLU-031', 'CLU-030'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const of = await cluster(stage, 2);
      const [one, two] = of.servers;
      const alice = await stage.loggedOn(one!, 'alice');
      const bob = await stage.loggedOn(two!, 'bob');
      await settled(stage, of, 'CLU-025');
      const info = stage.payload();
      await alice.send('bob', 10, info);
      await alice.send('bob', 10, null, { post: true });
      await bob.waitFor('information', { match: (event) => event.info === null, clause: 'CLU-031' });
      stage.equal(
        bob.events
          .filter((event) => event.kind === 'information')
          .map((event) => [event.source, event.informationType, event.info]),
        [
          ['alice', 10, info],
          ['alice', 10, null],
        ],
        'CLU-031',
        'information was changed',
      );
      await alice.sendCertainly('bob', 11, stage.payload());
      await bob.sendCertainly('alice', 11, stage.payload());
      const question = stage.payload(2000);
      stage.equal(await alice.query('bob', QUERY_RULES.echo, question), question, 'CLU-031', 'an answer was changed');
      await stage.rejects(
        bob.query('alice', QUERY_RULES.throws, null),
        'E_HANDLING',
        'CLU-031',
        'a handler that throws',
      );
      const blob = stage.payload(50_000);
      await alice.sendBlob('bob', 12, blob, 1000);
      await bob.waitFor('information', { match: (event) => event.informationType === 12, clause: 'CLU-031' });
      await bob.sendMessage('alice', 13, stage.payload(5000), 'a tag', 700);
      await alice.waitFor('messageReceived', { match: (event) => event.tag === 'a tag', clause: 'CLU-031' });
      stage.check(((await alice.basic({ verb: 'pingByServer', userID: 'bob' })) as number) >= 0, 'CLU-031', 'a ping');
      const { customizeController } = one!.engine;
      stage.equal(customizeController.send('bob', 14, stage.payload()), true, 'CLU-030', 'the server could not send');
      stage.equal(customizeController.send('nobody', 14, null), false, 'CLU-030', 'the server sent to nobody');
      // Both servers at once: to bob they have the same name.
      const big = [stage.payload(300_000), stage.payload(300_000)];
      await Promise.all([
        customizeController.sendBlob('bob', 15, big[0]!, 5000),
        two!.engine.customizeController.sendBlob('bob', 15, big[1]!, 5000),
        one!.engine.sendMessage('bob', 16, stage.payload(), 'of server 1'),
      ]);
      await bob.waitFor('messageReceived', { match: (event) => event.source === null, clause: 'CLU-031' });
      const blobs = (): number =>
        bob.events.filter((event) => event.kind === 'information' && event.informationType === 15).length;
      await stage.until(() => blobs() === 2, 10, 'the blobs of both servers arrive', 'CLU-031');
      stage.equal(
        one!.events.filter((event) => event.kind === 'transmitFailed'),
        [],
        'CLU-030',
        'failures were told',
      );
    },
  }),
  scenario({
    id: 'CLU-Q8SE',
    title: 'everything between users of several servers arrives once and in order, whatever moves between',
    clauses: ['CLU-031', 'CLU-030', 'CLU-023'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({
        places: fc.tuple(fc.nat({ max: 1 }), fc.nat({ max: 1 }), fc.nat({ max: 1 })),
        delayMillis: fc.constantFrom(1, 20, 150),
        lossPerMille: fc.constantFrom(0, 0, 30),
        steps: fc.array(
          fc.record({
            from: fc.nat({ max: 2 }),
            to: fc.nat({ max: 2 }),
            what: fc.constantFrom('send', 'send', 'ack', 'query', 'blob', 'message'),
            sizeBytes: fc.integer({ min: 4, max: 3000 }),
          }),
          { minLength: 3, maxLength: 15 },
        ),
      }),
    async run(stage, { places, delayMillis, lossPerMille, steps }) {
      const of = await cluster(stage, 2);
      const names = ['alice', 'bob', 'carol'];
      const clients = [];
      for (const [index, name] of names.entries())
        clients.push(await stage.loggedOn(of.servers[places[index]!]!, name));
      stage.net.conditions(of.acms.host, { delayMillis, lossPerMille });
      await settled(stage, of, 'CLU-025');
      const pending: Promise<unknown>[] = [];
      for (const { from, to, what, sizeBytes } of steps) {
        const target = names[to]!;
        const client = clients[from]!;
        const content = stage.payload(sizeBytes);
        if (what === 'send') pending.push(client.send(target, 20, content));
        else if (what === 'ack') pending.push(client.sendCertainly(target, 20, content));
        else if (what === 'blob') pending.push(client.sendBlob(target, 20, content, 500));
        else if (what === 'message') pending.push(client.sendMessage(target, 20, content, null));
        else {
          const check = (answer: unknown): void => stage.equal(answer, content, 'CLU-031', 'an answer was changed');
          pending.push(client.query(target, QUERY_RULES.echo, content).then(check));
        }
      }
      await Promise.all(pending);
      for (const [index, client] of clients.entries()) {
        for (const name of names) if (name !== names[index]) await client.sendCertainly(name, 21, stage.payload());
      }
    },
  }),
  scenario({
    id: 'CLU-M3WA',
    title: 'what cannot be delivered comes back to the server of its sender, also when the user has moved',
    clauses: ['CLU-032', 'CLU-023', 'CLU-026'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const of = await cluster(stage, 2);
      const [one, two] = of.servers;
      const alice = await stage.loggedOn(one!, 'alice');
      const bob = await stage.loggedOn(two!, 'bob', { autoReconnect: false });
      await settled(stage, of, 'CLU-025');
      await alice.send('nobody', 30, stage.payload());
      await one!.waitFor('transmitFailed', { match: (event) => event.destID === 'nobody', clause: 'CLU-032' });
      // Server 1 learns late that bob has gone: the message is on its way when the platform server knows better.
      stage.net.conditions(of.acms.host, { delayMillis: 1000 });
      await bob.close();
      await two!.waitFor('someOneDisconnected');
      const lost = stage.payload();
      await alice.send('bob', 31, lost);
      const told = await one!.waitFor('transmitFailed', {
        match: (event) => event.informationType === 31,
        clause: 'CLU-032',
      });
      stage.equal(
        [told.sourceID, told.destID, told.content],
        ['alice', 'bob', lost],
        'CLU-032',
        'what was told is wrong',
      );
      // Back on the same server, but another logon: what was meant for the old one is not for the new one.
      const again = await stage.loggedOn(two!, 'bob', { autoReconnect: false });
      await settled(stage, of, 'CLU-025');
      await again.close();
      const coming = stage.loggedOn(two!, 'bob');
      await stage.sleep(0.5);
      await alice.send('bob', 32, stage.payload());
      const third = await coming;
      await one!.waitFor('transmitFailed', { match: (event) => event.informationType === 32, clause: 'CLU-023' });
      stage.equal(
        third.events.filter((event) => event.kind === 'information'),
        [],
        'CLU-023',
        'an old message came',
      );
      stage.net.conditions(of.acms.host, { delayMillis: 1 });
      await settled(stage, of, 'CLU-025');
      await of.acms.close();
      await one!.waitFor('platformConnectionInterrupted', { clause: 'CLU-011' });
      await alice.send('bob', 33, stage.payload());
      await one!.waitFor('transmitFailed', { match: (event) => event.informationType === 33, clause: 'CLU-026' });
      stage.equal(boundOn(of.servers, 'bob'), [1], 'CLU-026', 'bob was lost with the platform server');
      stage.equal(
        two!.events.filter((event) => event.kind === 'transmitFailed'),
        [],
        'CLU-032',
        'the wrong server told',
      );
    },
  }),
  scenario({
    id: 'CLU-B7RT',
    title:
      'a broadcast reaches the members of its group on every server, and contacts hear of each other across servers',
    clauses: ['CLU-047', 'CLU-048', 'CLU-031'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const names = ['alice', 'bob', 'carol', 'dave'];
      const of = await cluster(stage, 3, {
        server: {
          beforeStart: (engine) => {
            engine.contactsManager = { getContacts: () => names, getGroupMemberList: () => names };
          },
        },
      });
      const alice = await stage.loggedOn(of.servers[0]!, 'alice');
      const bob = await stage.loggedOn(of.servers[1]!, 'bob');
      const carol = await stage.loggedOn(of.servers[0]!, 'carol');
      await settled(stage, of, 'CLU-025');
      const heard: string[] = [];
      for (const [who, client] of [
        ['alice', alice],
        ['bob', bob],
        ['carol', carol],
      ] as const) {
        client.engine!.contactsOutter.contactsConnected.add((userID) => {
          if (userID === 'dave') heard.push(`${who} +dave`);
        });
        client.engine!.contactsOutter.contactsOffline.add((userID) => heard.push(`${who} -${userID}`));
        client.engine!.contactsOutter.broadcastReceived.add((source, group, type) =>
          heard.push(`${who} ${source} ${group} ${type}`),
        );
      }
      const dave = await stage.loggedOn(of.servers[2]!, 'dave', { autoReconnect: false });
      const all = (what: (who: string) => string): boolean =>
        ['alice', 'bob', 'carol'].every((who) => heard.includes(what(who)));
      await stage.until(() => all((who) => `${who} +dave`), 5, 'all contacts hear that dave came', 'CLU-048');
      await stage.until(() => heard.length === 3, 5, 'each contact hears it once', 'CLU-048');
      heard.length = 0;
      dave.engine!.contactsOutter.broadcast('g', 80, stage.payload(), null, 0);
      await stage.until(() => all((who) => `${who} dave g 80`), 5, 'all members get the broadcast', 'CLU-047');
      heard.length = 0;
      // Its own server cannot tell of it any more; those of the contacts do.
      await stage.net.crash(of.servers[2]!.host);
      await stage.until(() => all((who) => `${who} -dave`), 20, 'all contacts hear that dave is gone', 'CLU-048');
      stage.equal(heard.length, 3, 'CLU-048', 'notices');
      stage.equal(
        await bob.engine!.contactsOutter.getAllOnlineContacts().then((list) => list.sort()),
        ['alice', 'bob', 'carol'],
        'CLU-048',
        'contacts online',
      );
    },
  }),
];
