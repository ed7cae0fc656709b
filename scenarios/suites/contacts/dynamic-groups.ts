/** Dynamic groups: any story against the model, and what strangers, forgers and hoarders cannot do. */
import * as fc from 'fast-check';
import { codecs } from '../../../impl/wire/index.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario, Stage } from '../../api.ts';
import type { ClientSubject } from '../../attach/client-subject.ts';
import type { ServerSubject } from '../../attach/server-subject.ts';
import { GroupModel } from './group-model.ts';
import type { Step } from './group-model.ts';

const USERS = ['alice', 'bob', 'carol', 'dave'] as const;
const GROUPS = ['red', 'blue'] as const;

type Outter = NonNullable<ClientSubject['engine']>['dynamicGroupOutter'];

function groupsOf(client: ClientSubject): Outter {
  if (client.engine === null) throw new Error('this case needs the reference engine as its client');
  return client.engine.dynamicGroupOutter;
}

/** Writes every event of a client down, in the words of the model. */
function listen(client: ClientSubject, told: string[]): void {
  const outter = groupsOf(client);
  const write = (text: string): void => void told.push(text);
  outter.someoneJoinGroup.add((group, user) => write(`join ${group} ${user}`));
  outter.someoneQuitGroup.add((group, user) => write(`quit ${group} ${user}`));
  outter.pulledIntoGroup.add((group, users, by) => write(`pulled ${group} ${users.join()} ${by}`));
  outter.removedFromGroup.add((group, users, by) => write(`removed ${group} ${users.join()} ${by}`));
  outter.someonePullIntoGroup.add((group, users, by) => write(`someone pulled ${group} ${users.join()} ${by}`));
  outter.someoneRemoveFromGroup.add((group, users, by) => write(`someone removed ${group} ${users.join()} ${by}`));
  outter.groupmateOffline.add((user, quits) => write(`offline ${user} ${quits}`));
  outter.groupmateOnline.add((user) => write(`online ${user}`));
  outter.invitedJoinGroup.add((group, by) => write(`invited ${group} ${by}`));
  outter.groupTagChanged.add((group, tag, by) => write(`tag ${group} ${tag} ${by}`));
  outter.broadcastReceived.add((source, group) => write(`broadcast ${group} ${source}`));
}

const user = fc.constantFrom(...USERS);
const group = fc.constantFrom(...GROUPS);
const named = fc.subarray([...USERS], { minLength: 1 });

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('join' as const, 'quit' as const), user, group }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom('pull' as const, 'remove' as const, 'invite' as const),
      user,
      group,
      named,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('infomation' as const), user, group }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('tag' as const), user, group, tag: fc.constantFrom('x', 'y', null) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('broadcast' as const), user, group }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('groups' as const, 'mates' as const), user }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('leave' as const, 'come' as const), user }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('again' as const), user }) },
);

class Story {
  readonly told = new Map<string, string[]>();
  readonly #clients = new Map<string, ClientSubject>();
  readonly #stage: Stage;
  readonly #server: ServerSubject;
  readonly #model: GroupModel;

  constructor(stage: Stage, server: ServerSubject, model: GroupModel) {
    this.#stage = stage;
    this.#server = server;
    this.#model = model;
  }

  async come(userID: string): Promise<void> {
    const client = await this.#stage.loggedOn(this.#server, userID);
    const told = this.told.get(userID) ?? [];
    this.told.set(userID, told);
    listen(client, told);
    this.#clients.set(userID, client);
  }

  /** Plays one step, if it is possible, and compares what is answered. */
  async play(each: Step): Promise<void> {
    const client = this.#clients.get(each.user);
    if ((each.kind === 'come') === (client !== undefined)) return;
    // What is on the way to an instance that goes would be lost with it.
    if (each.kind === 'leave' || each.kind === 'again') await client!.basic({ verb: 'ping' });
    const expected = this.#model.take(each);
    if (each.kind === 'come' || each.kind === 'again') await this.come(each.user);
    else if (each.kind === 'leave') {
      const seen = this.#server.events.length;
      this.#clients.delete(each.user);
      await client!.close();
      await this.#server.waitFor('someOneDisconnected', {
        from: seen,
        match: (event) => event.userID === each.user && event.disconnectedType !== 'BeingPushedOut',
      });
    } else {
      const answer = await this.#call(groupsOf(client!), each);
      const clause = each.kind === 'join' ? 'CON-041' : each.kind === 'infomation' ? 'CON-049' : 'CON-050';
      this.#stage.equal(sorted(answer), sorted(expected), clause, `another answer to ${each.kind}`);
      await client!.basic({ verb: 'ping' });
    }
  }

  /** Everybody has got what was on the way. */
  async settle(): Promise<void> {
    for (const client of this.#clients.values()) await client.basic({ verb: 'ping' });
  }

  async #call(outter: Outter, each: Step): Promise<unknown> {
    switch (each.kind) {
      case 'join':
        return outter.joinGroup(each.group);
      case 'infomation':
        return outter.getGroupInfomation(each.group);
      case 'groups':
        return outter.getMyGroups();
      case 'mates':
        return outter.getOnlineGroupmates();
      case 'quit':
        outter.quitGroup(each.group);
        return undefined;
      case 'pull':
        outter.pullIntoGroup(each.group, each.named);
        return undefined;
      case 'remove':
        outter.removeFromGroup(each.group, each.named);
        return undefined;
      case 'invite':
        outter.inviteJoinGroup(each.group, each.named);
        return undefined;
      case 'tag':
        outter.setGroupTag(each.group, each.tag);
        return undefined;
      case 'broadcast':
        outter.broadcast(each.group, 1, this.#stage.payload(), null, 0);
        return undefined;
      case 'come':
      case 'again':
      case 'leave':
        return undefined;
    }
  }
}

/** Lists of names have no order that matters. */
function sorted(answer: unknown): unknown {
  return Array.isArray(answer) ? [...(answer as string[])].sort() : answer;
}

export const dynamicGroups: readonly AnyScenario[] = [
  scenario({
    id: 'CON-3G7X',
    title:
      'whatever users do with dynamic groups, everybody concerned is told once and nobody else, and answers are true',
    clauses: [
      'CON-040',
      'CON-041',
      'CON-042',
      'CON-043',
      'CON-044',
      'CON-045',
      'CON-046',
      'CON-047',
      'CON-048',
      'CON-049',
      'CON-050',
      'CON-051',
      'CON-052',
      'CON-053',
      'CON-054',
    ],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.record({ quits: fc.boolean(), steps: fc.array(step, { minLength: 18, maxLength: 36 }) }),
    async run(stage, { quits, steps }) {
      const server = await stage.server();
      const controller = server.engine.dynamicGroupController;
      stage.equal(controller.quitGroupWhenOffline, true, 'CON-051', 'another default');
      controller.quitGroupWhenOffline = quits;
      const model = new GroupModel(quits);
      const story = new Story(stage, server, model);
      for (const userID of USERS) {
        model.take({ kind: 'come', user: userID });
        await story.come(userID);
      }
      // A group to begin with, so that there is something to tell.
      for (const userID of USERS.slice(0, 3)) await story.play({ kind: 'join', user: userID, group: 'red' });
      for (const each of steps) await story.play(each);
      await story.settle();
      for (const userID of USERS) {
        const expected = model.told.get(userID) ?? [];
        stage.equal(story.told.get(userID), expected, 'CON-042', `${userID} was told something else`);
      }
      stage.equal(controller.getGroupIDs().sort(), model.groupIds.sort(), 'CON-040', 'other groups exist');
      for (const groupID of GROUPS) {
        stage.equal(controller.getGroupInfomation(groupID), model.infomation(groupID), 'CON-040', 'a group is another');
      }
    },
  }),
  scenario({
    id: 'CON-8U2E',
    title: 'a user cannot make the server remember more than its share of groups, nor a tag of any length',
    clauses: ['CON-055'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server();
      const alice = groupsOf(await stage.loggedOn(server, 'alice'));
      const bob = groupsOf(await stage.loggedOn(server, 'bob'));
      let tooLong = 'none';
      try {
        alice.setGroupTag('g0', 'é'.repeat(2049));
      } catch (error) {
        tooLong = (error as { code: string }).code;
      }
      stage.equal(tooLong, 'E_ARGUMENT', 'CON-055', 'a tag of 4,098 bytes was sent');
      const joined = await Promise.all(Array.from({ length: 1000 }, (_, index) => alice.joinGroup(`g${index}`)));
      stage.check(
        joined.every((each) => each !== null),
        'CON-055',
        'one of the first 1,000 groups was refused',
      );
      stage.equal(await alice.joinGroup('one-more'), null, 'CON-055', 'the group after the last was joined');
      stage.equal((await alice.joinGroup('g7'))?.members, ['alice'], 'CON-041', 'an old group was refused');
      await bob.joinGroup('bobs');
      bob.pullIntoGroup('bobs', ['alice']);
      stage.equal(
        (await bob.getGroupInfomation('bobs'))?.members,
        ['bob'],
        'CON-055',
        'alice was pulled into one more',
      );
      alice.setGroupTag('g0', 'é'.repeat(2048));
      stage.equal((await alice.getGroupInfomation('g0'))?.tag?.length, 2048, 'CON-047', 'the longest tag was not set');
      const raw = await stage.rawClient(server, { userID: 'raw' });
      await raw.logon('raw');
      const ask = { messageType: MessageType.JoinGroup, body: codecs.GroupContract.encode({ GroupID: 'g0' }) };
      raw.send(ask);
      await raw.expect(MessageType.JoinGroup);
      const tag = codecs.SetGroupTagContract.encode({ GroupID: 'g0', Tag: 'x'.repeat(4097) });
      raw.send({ messageType: MessageType.SetGroupTag, body: tag });
      raw.send(ask);
      await raw.expect(MessageType.JoinGroup);
      stage.equal((await alice.getGroupInfomation('g0'))?.tag?.length, 2048, 'CON-055', 'a longer tag was set');
    },
  }),
  scenario({
    id: 'CON-1K6B',
    title: 'a notice about dynamic groups counts only from the server',
    clauses: ['CON-054'],
    kind: 'wire',
    clients: 'reference',
    async run(stage) {
      const raw = await stage.rawServer();
      const alice = await stage.client('alice');
      const told: string[] = [];
      listen(alice, told);
      const [{ connection }] = await Promise.all([raw.acceptLogon(), alice.logon(raw)]);
      const users = codecs.RecruitOrFireContract.encode({ GroupID: 'red', Members: ['bob'], OperatorID: 'carol' });
      const one = codecs.GroupNotifyContract.encode({ GroupID: 'red', UserID: 'bob' });
      const notices: readonly (readonly [number, Uint8Array])[] = [
        [MessageType.SomeoneJoinGroupNotify, one],
        [MessageType.SomeoneQuitGroupNotify, one],
        [MessageType.InvitedJoinGroupNotify, one],
        [MessageType.PullIntoGroupNotify, users],
        [MessageType.RemoveFromGroupNotify, users],
        [MessageType.SomeonePullIntoGroupNotify, users],
        [MessageType.SomeoneRemoveFromGroupNotify, users],
        [MessageType.GroupmateOnlineNotify, codecs.UserContract.encode({ UserID: 'bob' })],
        [
          MessageType.GroupmateOfflineNotify,
          codecs.GroupmateOfflineContract.encode({ QuitGroupWhenOffline: false, UserID: 'bob' }),
        ],
        [
          MessageType.GroupTagChangedNotify,
          codecs.GroupTagChangedNotifyContract.encode({ GroupID: 'red', OperatorID: 'bob', Tag: 'x' }),
        ],
      ];
      for (const sourceId of ['bob', '_0']) {
        for (const [messageType, body] of notices) connection.send({ messageType, sourceId, destId: 'alice', body });
      }
      connection.send({
        messageType: MessageType.PingByServer,
        destId: 'alice',
        body: codecs.PingContract.encode({ SendTicks: 1 }),
      });
      await connection.expect(MessageType.PingAck);
      const expected = [
        'join red bob',
        'quit red bob',
        'invited red bob',
        'pulled red bob carol',
        'removed red bob carol',
        'someone pulled red bob carol',
        'someone removed red bob carol',
        'online bob',
        'offline bob false',
        'tag red x bob',
      ];
      stage.equal(told, expected, 'CON-054', 'not one event for each notice of the server');
    },
  }),
];
