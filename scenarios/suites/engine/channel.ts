/** The channel under an engine: whether it is busy, and when one that does not move is given up. */
import * as fc from 'fast-check';
import type { RapidPassiveEngine } from '../../../impl/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario, Stage } from '../../api.ts';
import type { ClientSubject } from '../../attach/client-subject.ts';
import type { RawConnection } from '../../attach/raw-peer.ts';

type EngineSubject = ClientSubject & { readonly engine: RapidPassiveEngine };

const LARGE_BYTES = 600_000;
const LARGE_COUNT_MAX = 60;

/** Seconds by which a stuck channel may be noticed late, as a share of the timeout. */
const LATE_SHARE = 0.25;

/** A reader that never reads, or a little now and then. */
async function readNowAndThen(stage: Stage, peer: RawConnection, secs: number, spanSecs: number): Promise<void> {
  for (let at = 0; at < secs && !peer.isClosed(); at += spanSecs) {
    await stage.sleep(spanSecs);
    peer.resume();
    await stage.sleep(0.02);
    peer.pause();
  }
}

export const channel: readonly AnyScenario[] = [
  scenario({
    id: 'ENG-CN91',
    title: 'channelIsBusy is true while bytes are queued, and false before and afterwards',
    clauses: ['ENG-013'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const raw = await stage.rawServer();
      const alice = (await stage.client('alice', { heartBeatSpanInSecs: 0 })) as EngineSubject;
      const [{ connection }] = await Promise.all([raw.acceptLogon(), alice.logon(raw)]);
      await stage.sleep(0.05);
      stage.equal(alice.engine.channelIsBusy, false, 'ENG-013', 'an idle channel is busy');
      connection.pause();
      let sent = 0;
      for (; sent < LARGE_COUNT_MAX && !alice.engine.channelIsBusy; sent++) {
        await alice.send(null, 3, stage.payload(LARGE_BYTES));
        await stage.sleep(0.01);
      }
      stage.equal(alice.engine.channelIsBusy, true, 'ENG-013', 'a channel that nobody reads is never busy');
      connection.resume();
      await stage.until(() => !alice.engine.channelIsBusy, 60, 'the channel stays busy', 'ENG-013');
    },
  }),
  scenario({
    id: 'ENG-DP12',
    title: 'a channel that does not move is broken after the write timeout, and one that moves a little is not',
    clauses: ['ENG-009'],
    kind: 'property',
    clients: 'reference',
    // Many scenario seconds a run, and real buffers of megabytes that a slow reader would take for ever to move.
    targets: ['sim'],
    runs: 10,
    plan: () =>
      fc.record({
        side: fc.constantFrom('client', 'server'),
        timeoutSecs: fc.constantFrom(-1, 0, 3, 6, 20),
        moves: fc.boolean(),
      }),
    async run(stage, { side, timeoutSecs, moves }) {
      let peer: RawConnection;
      let isOpen: () => boolean;
      let send: () => unknown;
      let reason = (): unknown => undefined;
      if (side === 'client') {
        const raw = await stage.rawServer();
        const alice = (await stage.client('alice', { heartBeatSpanInSecs: 0, autoReconnect: false })) as EngineSubject;
        alice.engine.advanced.writeTimeoutInSecs = timeoutSecs;
        const [{ connection }] = await Promise.all([raw.acceptLogon(), alice.logon(raw)]);
        peer = connection;
        isOpen = () => alice.engine.connected;
        send = () => alice.send(null, 3, stage.payload(LARGE_BYTES));
      } else {
        const server = await stage.server({
          heartbeatTimeoutInSecs: 0,
          beforeStart: (engine) => (engine.writeTimeoutInSecs = timeoutSecs),
        });
        const raw = await stage.rawClient(server, { userID: 'alice' });
        await raw.logon('alice');
        peer = raw;
        isOpen = () => server.engine.userManager.userCount === 1;
        send = () => server.engine.customizeController.send('alice', 3, stage.payload(LARGE_BYTES));
        reason = () =>
          server.events.flatMap((event) => (event.kind === 'someOneDisconnected' ? [event.disconnectedType] : []))[0];
      }
      peer.pause();
      // Slow enough that one look at the channel never empties it.
      stage.net.conditions('alice', { bandwidthBitsPerSec: 20_000_000 });
      for (let count = 0; count < 6; count++) await send();
      const begin = stage.nowSecs();
      const usualSecs = timeoutSecs > 0 ? timeoutSecs : 20;
      if (moves || timeoutSecs <= 0) {
        await readNowAndThen(stage, peer, 3 * usualSecs, moves ? usualSecs / 3 : usualSecs);
        stage.equal(isOpen(), true, 'ENG-009', 'a channel that moves, or that may stand still, was given up');
        return;
      }
      await stage.until(() => !isOpen(), 3 * timeoutSecs, 'a channel that does not move is kept', 'ENG-009');
      const limits = { atLeast: timeoutSecs - 0.01, atMost: timeoutSecs * (1 + LATE_SHARE) };
      stage.took(stage.nowSecs() - begin, limits, 'ENG-009', 'the time a channel may stand still');
      const expected = side === 'server' ? 'NetworkInterrupted' : undefined;
      stage.equal(reason(), expected, 'ENG-009', 'the connection did not end as broken');
    },
  }),
];
