/** The controller: modes, tries, events, states. */
import * as fc from 'fast-check';
import { P2PChannelMode, ProtocolType } from '../../../impl/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { controllerOf, link, linkedTwo, two, watchController } from './pairs.ts';

const { TcpAndUdp, Tcp, Udp, None } = P2PChannelMode;

export const channelController: readonly AnyScenario[] = [
  scenario({
    id: 'P2P-7P5D',
    title: 'a try makes the channels its mode allows, told on both sides, or fails and is told once',
    clauses: ['P2P-070', 'P2P-073', 'P2P-075'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.constantFrom(undefined, TcpAndUdp, Tcp, Udp, None),
    runs: 10,
    async run(stage, mode) {
      const { alice, bob, board } = await two(stage);
      board.protocols = ['tcp', 'udp'];
      const [atAlice, atBob] = [watchController(alice), watchController(bob)];
      const controller = controllerOf(alice);
      stage.equal(controller.p2pChannelMode, TcpAndUdp, 'P2P-070', 'the default mode');
      if (mode !== undefined) controller.p2pChannelMode = mode;
      controller.p2pConnectAsyn('bob');
      const wanted = WANTED.get(mode ?? TcpAndUdp)!;
      const told = (of: string): string[] => wanted.map((protocol) => `opened ${of} ${protocol}`);
      if (wanted.length > 0) {
        const isTold = (): boolean => atAlice.length === wanted.length && atBob.length === wanted.length;
        await stage.until(isTold, 30, 'the channels were not told', 'P2P-073');
        stage.equal(atAlice.toSorted(), told('bob'), 'P2P-073', 'what alice was told');
        stage.equal(atBob.toSorted(), told('alice'), 'P2P-073', 'what bob was told');
      } else {
        await stage.until(() => atAlice.length > 0, 30, 'the failure was not told', 'P2P-075');
        await bob.sendCertainly('alice', 1, stage.payload());
        stage.equal([atAlice, atBob], [['failed bob'], []], 'P2P-075', 'what was told');
      }
    },
  }),
  scenario({
    id: 'P2P-2B9T',
    title: 'a second try does nothing while a channel exists or the first one runs',
    clauses: ['P2P-071', 'P2P-073'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const { alice, bob, board } = await two(stage);
      const atAlice = watchController(alice);
      const controller = controllerOf(alice);
      for (let n = 0; n < 3; n++) controller.p2pConnectAsyn('bob');
      await link(stage, alice, bob);
      for (let n = 0; n < 3; n++) controller.p2pConnectAsyn('bob');
      await alice.sendCertainly('bob', 1, stage.payload());
      stage.equal(board.linksOf('alice', 'bob').length, 2, 'P2P-071', 'sides of links between the two');
      stage.equal(atAlice, [`opened bob ${ProtocolType.Tcp}`], 'P2P-071', 'what was told');
      const self = Promise.resolve().then(() => controller.p2pConnectAsyn('alice'));
      await stage.rejects(self, 'E_ARGUMENT', 'P2P-071', 'a try to reach oneself');
    },
  }),
  scenario({
    id: 'P2P-9L0H',
    title: 'a failed try is told again for the next one, and a later success as well',
    clauses: ['P2P-075'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.integer({ min: 1, max: 3 }),
    runs: 6,
    async run(stage, failures) {
      const { alice, board } = await two(stage);
      const atAlice = watchController(alice);
      board.protocols = [];
      for (let n = 1; n <= failures; n++) {
        controllerOf(alice).p2pConnectAsyn('bob');
        await stage.until(() => atAlice.length === n, 30, 'a failure was not told', 'P2P-075');
      }
      board.protocols = ['tcp'];
      controllerOf(alice).p2pConnectAsyn('bob');
      await stage.until(() => atAlice.length > failures, 30, 'the success was not told', 'P2P-073');
      stage.equal(atAlice.at(-1), `opened bob ${ProtocolType.Tcp}`, 'P2P-073', 'what was told last');
    },
  }),
  scenario({
    id: 'P2P-4W1R',
    title: 'the state of a channel says whom it leads to, by what, since when, and what went over it',
    clauses: ['P2P-076', 'P2P-077'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.integer({ min: 0, max: 10 }),
    async run(stage, sent) {
      const { alice, bob, board } = await two(stage);
      const controller = controllerOf(alice);
      stage.equal(controller.getP2PChannelState('bob'), null, 'P2P-077', 'the state without a channel');
      stage.equal(controller.isP2PChannelExist('bob'), false, 'P2P-077', 'exists without a channel');
      stage.equal(controller.p2pChannelIsBusy('bob'), null, 'P2P-077', 'busy without a channel');
      stage.equal(controller.getP2PChannelState().size, 0, 'P2P-077', 'states without a channel');
      await link(stage, alice, bob);
      const first = controller.getP2PChannelState('bob')!;
      for (let n = 0; n < sent; n++) await alice.send('bob', 1, stage.payload());
      const state = controller.getP2PChannelState('bob')!;
      stage.equal(state.messageSentCount - first.messageSentCount, sent, 'P2P-076', 'messageSentCount');
      const { destUserID, protocolType, reliable, enabled, destIPE } = state;
      const told = { destUserID, protocolType, reliable, enabled };
      const wanted = { destUserID: 'bob', protocolType: ProtocolType.Tcp, reliable: true, enabled: true };
      stage.equal(told, wanted, 'P2P-076', 'the state');
      const peer = board.linksOf('alice', 'bob').find(({ owner }) => owner === 'bob')!;
      stage.equal(destIPE.port, peer.local.port, 'P2P-076', 'the port of the other side');
      stage.check((state.lastMessageSentTime ?? 0) >= state.openTime, 'P2P-076', 'the times are in the wrong order');
      stage.equal([...controller.getP2PChannelState().keys()], ['bob'], 'P2P-077', 'the users with a channel');
      stage.equal(controller.isP2PChannelExist('bob'), true, 'P2P-077', 'exists');
      await stage.until(() => controller.p2pChannelIsBusy('bob') === false, 30, 'busy for ever', 'P2P-077');
    },
  }),
  scenario({
    id: 'P2P-6F3Q',
    title: 'an end is told with a state that is not enabled, and that all are closed only after the last',
    clauses: ['P2P-074', 'P2P-076'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const { alice, board, server } = await linkedTwo(stage);
      const carol = await stage.loggedOn(server, 'carol', { direct: board });
      await link(stage, alice, carol);
      await alice.sendCertainly('bob', 1, stage.payload());
      const atAlice = watchController(alice);
      board.kill('alice', 'bob');
      await stage.until(() => atAlice.length > 0, 30, 'the end was not told', 'P2P-074');
      await alice.sendCertainly('carol', 1, stage.payload());
      stage.equal(atAlice, [`closed bob ${ProtocolType.Tcp}`], 'P2P-074', 'what was told of the first end');
      await alice.sendCertainly('bob', 2, stage.payload());
      board.kill('alice', 'carol');
      await stage.until(() => atAlice.length > 2, 30, 'the last end was not told', 'P2P-074');
      stage.equal(atAlice.slice(1), [`closed carol ${ProtocolType.Tcp}`, 'all closed'], 'P2P-074', 'the last end');
    },
  }),
];

/** The protocols of the channels that a mode makes, as words of the events, sorted. */
const WANTED = new Map<number, readonly number[]>([
  [TcpAndUdp, [ProtocolType.Udp, ProtocolType.Tcp]],
  [Tcp, [ProtocolType.Tcp]],
  [Udp, [ProtocolType.Udp]],
  [None, []],
]);
