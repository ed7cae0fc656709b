/** Which way a call takes: with and without a channel, by mode, by action, TCP before UDP. */
import * as fc from 'fast-check';
import { ActionTypeOnNoP2PChannel, ChannelMode, ProtocolType } from '../../../impl/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { QUERY_RULES } from '../../attach/client-subject.ts';
import { byServer, controllerOf, engineOf, got, linkedTwo, two } from './pairs.ts';

const { P2PChannelFirst, TransferByServer, ByP2PChannel } = ChannelMode;

export const channelChoice: readonly AnyScenario[] = [
  scenario({
    id: 'P2P-1K8S',
    title: 'with a channel the server carries nothing, whatever the call; without one it carries all',
    clauses: ['P2P-060'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.record({ linked: fc.boolean(), fragmentSize: fc.integer({ min: 1000, max: 5000 }) }),
    runs: 8,
    async run(stage, { linked, fragmentSize }) {
      const { alice, bob, server } = linked ? await linkedTwo(stage) : await two(stage);
      const before = byServer(server).length;
      const sentBefore = controllerOf(alice).getP2PChannelState('bob')?.messageSentCount ?? 0;
      await alice.send('bob', 11, stage.payload());
      await alice.sendCertainly('bob', 12, stage.payload());
      const info = stage.payload();
      stage.equal(await alice.query('bob', QUERY_RULES.echo, info), info, 'P2P-060', 'the answer');
      const blob = stage.payload(9000);
      await alice.sendBlob('bob', 13, blob, fragmentSize);
      await alice.sendMessage('bob', 14, stage.payload(), 'tag');
      await bob.waitFor('messageReceived', { clause: 'P2P-060' });
      await bob.waitFor('information', { match: ({ informationType }) => informationType === 13, clause: 'P2P-060' });
      const carried = byServer(server).length - before;
      stage.equal(carried, linked ? 0 : 3, 'P2P-060', 'information and queries that the server carried');
      const direct = (controllerOf(alice).getP2PChannelState('bob')?.messageSentCount ?? 0) - sentBefore;
      const fragments = Math.ceil(9000 / fragmentSize);
      stage.equal(direct, linked ? 4 + fragments : 0, 'P2P-060', 'messages that went over the channel');
      // The answers of bob: the ACK and the answer to the query went the same way.
      const back = controllerOf(bob).getP2PChannelState('alice')?.messageSentCount ?? 0;
      stage.check(linked ? back >= 3 : back === 0, 'P2P-060', `${back} messages of bob went over the channel`);
    },
  }),
  scenario({
    id: 'P2P-6Q2U',
    title: 'a call goes the way its mode asks for, or not at all',
    clauses: ['P2P-061', 'P2P-062', 'P2P-064'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({ linked: fc.boolean(), mode: fc.constantFrom(P2PChannelFirst, TransferByServer, ByP2PChannel) }),
    runs: 12,
    async run(stage, { linked, mode }) {
      const { alice, bob, server } = linked ? await linkedTwo(stage) : await two(stage);
      const before = byServer(server).length;
      const isSent = linked || mode !== ByP2PChannel;
      const byChannel = linked && mode !== TransferByServer;
      stage.equal(await alice.send('bob', 21, stage.payload(), { mode }), isSent, 'P2P-062', 'what send returned');
      const blob = alice.sendBlob('bob', 22, stage.payload(3000), 1000, mode);
      if (isSent) await blob;
      else await stage.rejects(blob, 'E_NO_CHANNEL', 'P2P-062', 'sendBlob without a channel');
      // To the server itself the mode says nothing.
      stage.equal(
        await alice.send(null, 23, stage.payload(), { mode }),
        true,
        'P2P-061',
        'what send to the server returned',
      );
      await server.waitFor('information', {
        match: ({ informationType }) => informationType === 23,
        clause: 'P2P-061',
      });
      await alice.sendCertainly('bob', 24, stage.payload());
      if (isSent) {
        await bob.waitFor('information', { match: ({ informationType }) => informationType === 22, clause: 'P2P-061' });
      }
      const carried = byServer(server).slice(before).includes(21);
      stage.equal(carried, isSent && !byChannel, 'P2P-061', 'whether the server carried it');
      stage.equal(got(bob).includes(21), isSent, 'P2P-061', 'whether it came');
    },
  }),
  scenario({
    id: 'P2P-3Z6L',
    title: 'sendByP2PChannel takes the channel, or does without one what it was told',
    clauses: ['P2P-063'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.record({ linked: fc.boolean(), discard: fc.boolean() }),
    runs: 8,
    async run(stage, { linked, discard }) {
      const { alice, bob, server } = linked ? await linkedTwo(stage) : await two(stage);
      const before = byServer(server).length;
      const onNoChannel = discard ? ActionTypeOnNoP2PChannel.Discard : ActionTypeOnNoP2PChannel.TransferByServer;
      const isSent = linked || !discard;
      stage.equal(await alice.send('bob', 31, stage.payload(), { onNoChannel }), isSent, 'P2P-063', 'what it returned');
      await alice.sendCertainly('bob', 32, stage.payload());
      stage.equal(got(bob), isSent ? [31, 32] : [32], 'P2P-063', 'what came');
      stage.equal(byServer(server).slice(before).includes(31), isSent && !linked, 'P2P-063', 'what the server carried');
    },
  }),
  scenario({
    id: 'P2P-8N4G',
    title: 'transferByServer and pingByServer go through the server although there is a channel',
    clauses: ['P2P-064', 'P2P-066'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const { alice, bob, server } = await linkedTwo(stage);
      const before = byServer(server).length;
      const state = () => controllerOf(alice).getP2PChannelState('bob')!.messageSentCount;
      const sentBefore = state();
      await alice.send('bob', 41, stage.payload(), { byServer: true });
      await engineOf(alice).basicOutter.pingByServer('bob');
      await bob.waitFor('information', { match: ({ informationType }) => informationType === 41, clause: 'P2P-064' });
      stage.equal(byServer(server).slice(before), [41], 'P2P-064', 'what the server carried');
      stage.equal(state(), sentBefore, 'P2P-064', 'messages over the channel');
      const bobBefore = controllerOf(bob).getP2PChannelState('alice')!.messageSentCount;
      await engineOf(alice).basicOutter.pingByP2PChannel('bob');
      stage.equal(state(), sentBefore + 1, 'P2P-066', 'messages over the channel after pingByP2PChannel');
      const bobAfter = controllerOf(bob).getP2PChannelState('alice')!.messageSentCount;
      stage.equal(bobAfter, bobBefore, 'P2P-064', 'messages of the answering side over the channel');
    },
  }),
  scenario({
    id: 'P2P-0E7Y',
    title: 'a ping over a channel that does not exist fails at once',
    clauses: ['P2P-062'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const { alice } = await two(stage);
      const ping = engineOf(alice).basicOutter.pingByP2PChannel('bob');
      await stage.rejects(ping, 'E_NO_CHANNEL', 'P2P-062', 'pingByP2PChannel without a channel');
    },
  }),
  scenario({
    id: 'P2P-5C3J',
    title: 'of two channels messages take the one over TCP, and the other when it dies',
    clauses: ['P2P-060', 'P2P-073', 'P2P-078'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.record({ udpFirst: fc.boolean(), sent: fc.integer({ min: 1, max: 20 }) }),
    async run(stage, { udpFirst, sent }) {
      const { alice, bob, board } = await two(stage);
      board.protocols = udpFirst ? ['udp', 'tcp'] : ['tcp', 'udp'];
      const controller = controllerOf(alice);
      controller.p2pConnectAsyn('bob');
      const viewer = controller.getUdpSessionStateViewer();
      await stage.until(
        () => viewer.getOutUdpSessionStates().length === 1 && board.linksOf('alice', 'bob').length === 4,
        30,
        'the two channels did not open',
        'P2P-078',
      );
      await stage.until(
        () => controller.getP2PChannelState('bob')?.protocolType === ProtocolType.Tcp,
        30,
        'TCP is not preferred',
        'P2P-060',
      );
      for (let n = 1; n <= sent; n++) await alice.send('bob', n, stage.payload());
      await alice.sendCertainly('bob', 100, stage.payload());
      const tcpCount = controller.getP2PChannelState('bob')!.messageSentCount;
      stage.check(tcpCount > 0, 'P2P-060', 'nothing went over TCP');
      board.kill('alice', 'bob', 'tcp');
      await stage.until(
        () => controller.getP2PChannelState('bob')?.protocolType === ProtocolType.Udp,
        30,
        'the channel over UDP did not take over',
        'P2P-060',
      );
      for (let n = 1; n <= sent; n++) await alice.send('bob', 200 + n, stage.payload());
      await alice.sendCertainly('bob', 300, stage.payload());
      const [out] = viewer.getOutUdpSessionStates();
      stage.equal(out?.destUserID, 'bob', 'P2P-078', 'the channel over UDP');
      stage.check((out?.messageSentCount ?? 0) > sent, 'P2P-060', 'messages did not go over UDP');
      stage.equal(viewer.getOutUdpSessionState(out!.destIPE)?.destUserID, 'bob', 'P2P-078', 'the same by its endpoint');
      stage.equal(viewer.getInUdpSessionStates().length, 1, 'P2P-078', 'the receiving direction');
      const wanted = [...Array(sent).keys()].flatMap((n) => [n + 1]);
      stage.equal(got(bob), [...wanted, 100, ...wanted.map((n) => n + 200), 300], 'P2P-060', 'what came');
    },
  }),
];
