/** One connection a user in the whole cluster, and who is online where: 23.4. */
import * as fc from 'fast-check';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import type { ClientSubject } from '../../attach/client-subject.ts';
import { QUERY_RULES } from '../../attach/client-subject.ts';
import { boundOn, cluster, settled } from './clusters.ts';

export const scenarios: readonly AnyScenario[] = [
  scenario({
    id: 'CLU-1N5X',
    title: 'a logon at another server pushes the user out of the first one, and only then is answered',
    clauses: ['CLU-021', 'CLU-020', 'CLU-028', 'CLU-024'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const of = await cluster(stage, 2, { server: { eventHandlerMillis: 500 } });
      const [one, two] = of.servers;
      const first = await stage.loggedOn(one!, 'alice');
      stage.equal(boundOn(of.servers, 'alice'), [0], 'CLU-020', 'alice is not bound where she logged on');
      const began = stage.nowSecs();
      const second = await stage.loggedOn(two!, 'alice');
      stage.took(stage.nowSecs() - began, { atLeast: 0.5 }, 'CLU-021', 'the logon did not wait for the handlers');
      await first.waitFor('beingPushedOut', { clause: 'CLU-021' });
      stage.equal(boundOn(of.servers, 'alice'), [1], 'CLU-028', 'alice is not bound exactly where she came last');
      const kinds = one!.events.map((event) => event.kind);
      stage.check(
        kinds.indexOf('someOneBeingPushedOut.done') < kinds.indexOf('someOneDisconnected'),
        'CLU-021',
        'the old connection was ended before its handlers had finished',
      );
      const ended = await one!.waitFor('someOneDisconnected', { clause: 'CLU-021' });
      stage.equal(ended.disconnectedType, 'BeingPushedOut', 'CLU-021', 'the reason is wrong');
      await second.query(null, QUERY_RULES.echo, stage.payload());
      await settled(stage, of, 'CLU-028');
      await second.close();
      await stage.until(() => of.acms.engine.platformUserManager.userCount === 0, 5, 'alice is gone', 'CLU-024');
      await settled(stage, of, 'CLU-024');
    },
  }),
  scenario({
    id: 'CLU-0K3Y',
    title: 'in mode IgnoreNew a user who is online anywhere is refused everywhere, and let in once gone',
    clauses: ['CLU-022', 'CLU-024'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const of = await cluster(stage, 2, { server: { relogonMode: 'IgnoreNew', eventHandlerMillis: 100 } });
      const [one, two] = of.servers;
      const first = await stage.loggedOn(one!, 'alice');
      const second = await stage.client('alice');
      const refused = await second.logon(two!);
      stage.equal(refused.logonResult, 'HadLoggedOn', 'CLU-022', 'a second logon elsewhere was not refused');
      await two!.waitFor('newConnectionIgnored.done', { clause: 'CLU-022' });
      stage.equal(await first.connected(), true, 'CLU-022', 'the first connection was disturbed');
      await first.query(null, QUERY_RULES.echo, stage.payload());
      await first.close();
      await stage.until(() => of.acms.engine.platformUserManager.userCount === 0, 5, 'alice is gone', 'CLU-024');
      const third = await stage.client('alice');
      stage.equal((await third.logon(two!)).logonResult, 'Succeed', 'CLU-022', 'a user who had left was refused');
      await settled(stage, of, 'CLU-022');
    },
  }),
  scenario({
    id: 'CLU-5PND',
    title: 'a logon that is granted and still waits to be bound is pushed out as well when the user comes elsewhere',
    clauses: ['CLU-028', 'CLU-021'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const of = await cluster(stage, 2, { server: { eventHandlerMillis: 500 } });
      const [one, two] = of.servers;
      await stage.loggedOn(one!, 'alice');
      const [second, third] = [await stage.client('alice'), await stage.client('alice')];
      // It waits for the handlers that see the first one off.
      const waiting = second.logon(one!);
      await stage.sleep(0.1);
      stage.equal((await third.logon(two!)).logonResult, 'Succeed', 'CLU-021', 'the last logon was refused');
      await waiting.catch(() => undefined);
      await settled(stage, of, 'CLU-028');
      stage.equal(boundOn(of.servers, 'alice'), [1], 'CLU-028', 'alice is not bound exactly where she came last');
    },
  }),
  scenario({
    id: 'CLU-Z6QC',
    title: 'however logons of one user meet on several servers, one connection remains and the tables agree',
    clauses: ['CLU-028', 'CLU-023', 'CLU-021', 'CLU-022'],
    kind: 'property',
    noParity: 'the plan is a race of logons, which real time decides otherwise',
    clients: 'reference',
    plan: () =>
      fc.record({
        ignoreNew: fc.boolean(),
        handlerMillis: fc.constantFrom(0, 0, 5, 300),
        verifyMillis: fc.constantFrom(0, 0, 10),
        comers: fc.array(
          fc.record({
            user: fc.constantFrom('alice', 'alice', 'bob'),
            server: fc.nat({ max: 2 }),
            // Most at nearly the same time: a link is crossed in 1 ms.
            millis: fc.oneof(fc.nat({ max: 8 }), fc.nat({ max: 1500 })),
            leavesAfterMillis: fc.option(fc.nat({ max: 1200 }), { nil: null }),
          }),
          { minLength: 2, maxLength: 7 },
        ),
      }),
    async run(stage, { ignoreNew, handlerMillis, verifyMillis, comers }) {
      const of = await cluster(stage, 3, {
        server: {
          relogonMode: ignoreNew ? 'IgnoreNew' : 'ReplaceOld',
          eventHandlerMillis: handlerMillis,
          ...(verifyMillis === 0
            ? {}
            : { verifyUser: () => stage.sleep(verifyMillis / 1000).then(() => ({ ok: true })) }),
        },
      });
      const left = new Set<ClientSubject>();
      const stories = comers.map(async ({ user, server, millis, leavesAfterMillis }) => {
        const client = await stage.client(user, { autoReconnect: false });
        await stage.sleep(millis / 1000);
        const logon = client.logon(of.servers[server]!).catch(() => undefined);
        if (leavesAfterMillis !== null) {
          await stage.sleep(leavesAfterMillis / 1000);
          left.add(client);
          await client.close();
        }
        const outcome = await logon;
        return { client, user, isIn: outcome?.logonResult === 'Succeed' };
      });
      const ends = await Promise.all(stories);
      await settled(stage, of, 'CLU-028');
      for (const user of ['alice', 'bob']) {
        // Who logged on is in unless pushed out or gone by choice; of several one has to be left.
        const alive = ends.filter((end) => end.user === user && end.isIn && end.client.engine?.connected === true);
        await stage.until(
          () => boundOn(of.servers, user).length === alive.filter(({ client }) => client.engine?.connected).length,
          20,
          `${user} is bound as often as ${user} is connected`,
          'CLU-028',
        );
        const bound = boundOn(of.servers, user).length;
        const stayed = ends.some((end) => end.user === user && end.isIn && !left.has(end.client));
        stage.check(bound <= 1, 'CLU-028', `${user} is bound ${bound} times`);
        if (!ignoreNew && left.size === 0 && stayed) stage.equal(bound, 1, 'CLU-028', `connections of ${user}`);
        for (const { client } of alive.filter((end) => end.client.engine?.connected)) {
          await client.query(null, QUERY_RULES.echo, stage.payload());
        }
      }
      await settled(stage, of, 'CLU-023');
    },
  }),
  scenario({
    id: 'CLU-T2VB',
    title: 'every server knows all users of the cluster with their data, and answers clients for all of them',
    clauses: ['CLU-025', 'CLU-046', 'CLU-041', 'CLU-029'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.array(fc.record({ user: fc.nat({ max: 3 }), server: fc.nat({ max: 1 }), comes: fc.boolean() }), {
        maxLength: 8,
      }),
    async run(stage, moves) {
      const of = await cluster(stage, 2);
      const outside = await stage.control(of.acms);
      await outside.client.connect();
      const { platformCustomizeService } = outside.client;
      const watcher = await stage.loggedOn(of.servers[0]!, 'watcher');
      const names = ['alice', 'bob', 'carol', 'Alice'];
      const online = new Map<string, { client: ClientSubject; server: number }>([
        ['watcher', { client: watcher, server: 0 }],
      ]);
      for (const { user, server, comes } of moves) {
        const name = names[user]!;
        const known = online.get(name);
        if (comes && known?.server !== server) {
          online.set(name, {
            client: await stage.loggedOn(of.servers[server]!, name, { autoReconnect: false }),
            server,
          });
        } else if (!comes && known !== undefined) {
          await known.client.close();
          online.delete(name);
        } else continue;
        const wanted = [...online.keys()].sort();
        await stage.until(
          () =>
            of.servers.every(
              (each) => each.engine.platformUserManager.getOnlineUserList().sort().join() === wanted.join(),
            ),
          5,
          `every server knows ${wanted.join()}`,
          'CLU-025',
        );
      }
      const tag = stage.payload();
      for (const [name, { server }] of online) {
        of.servers[server]!.engine.userManager.setTag(name, tag);
        const own = of.servers[server]!.engine.userManager.getUserData(name);
        await stage.until(
          () =>
            of.servers.every((each) => each.engine.platformUserManager.getUserData(name)?.tag instanceof Uint8Array),
          5,
          `the tag of ${name} arrives`,
          'CLU-029',
        );
        const facts = [own?.appServerID, own?.address, own?.clientType, [...tag]];
        for (const each of [
          of.servers[1 - server]!.engine.platformUserManager.getUserData(name),
          await platformCustomizeService.getUserData(name),
        ]) {
          const seen = [each?.appServerID, each?.address, each?.clientType, [...((each?.tag ?? []) as Uint8Array)]];
          stage.equal(seen, facts, 'CLU-041', `what is known of ${name} elsewhere is wrong`);
        }
        stage.equal(
          await watcher.basic({ verb: 'getUserIPE', userID: name }),
          own?.address,
          'CLU-046',
          `the endpoint of ${name}`,
        );
      }
      const all = await watcher.basic({ verb: 'getAllOnlineUsers' });
      stage.equal([...(all as string[])].sort(), [...online.keys()].sort(), 'CLU-046', 'a client sees other users');
      const asked = (await watcher.basic({ verb: 'areUsersOnline', userIDs: names })) as Map<string, boolean>;
      for (const name of names) {
        stage.equal(asked.get(name), online.has(name), 'CLU-046', `whether ${name} is online`);
        stage.equal(
          await watcher.basic({ verb: 'isUserOnline', userID: name }),
          online.has(name),
          'CLU-046',
          `whether ${name} is online`,
        );
        stage.equal(
          await platformCustomizeService.isUserOnLine(name),
          online.has(name),
          'CLU-041',
          `whether ${name} is online`,
        );
      }
      stage.equal(await platformCustomizeService.getOnlineUserCount(), online.size, 'CLU-041', 'the count');
      stage.equal(await platformCustomizeService.getUserData('nobody'), null, 'CLU-041', 'the data of nobody');
      const single = await stage.server();
      await stage.loggedOn(single, 'zoe');
      const { platformUserManager } = single.engine;
      stage.equal(platformUserManager.getOnlineUserList(), ['zoe'], 'CLU-025', 'the users of a single server');
      stage.equal(platformUserManager.selectOnlineUserFrom(['zoe', 'bob', 'zoe']), ['zoe'], 'CLU-025', 'the selection');
    },
  }),
];
