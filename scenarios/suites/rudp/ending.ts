/** Silence, heartbeat and the end (17.6, 17.7). */
import * as fc from 'fast-check';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { messageLabel } from '../../attach/rudp-peer.ts';
import { KINDS, ended, exchange, lossy, opened, rudpOf } from './model.ts';

export const ending: readonly AnyScenario[] = [
  scenario({
    id: 'RUD-2Z3J',
    title: 'an idle side sends a Ping every 2.5 seconds, and an idle connection lives on',
    clauses: ['RUD-016', 'RUD-017', 'RUD-001'],
    kind: 'example',
    clients: 'reference',
    targets: ['sim'],
    async run(stage) {
      const [left, right] = await opened(stage, {
        left: { silenceMicrosMax: 10_000_000 },
        right: { silenceMicrosMax: 10_000_000 },
      });
      const times: number[] = [];
      left.filter = (bytes) => {
        if (bytes[0] === KINDS.Ping) times.push(stage.nowSecs());
        return 'pass';
      };
      const began = stage.nowSecs();
      await stage.sleep(60);
      const strays = left.sent.filter((bytes) => bytes[0]! < 0x40 || bytes[0]! > 0x7f);
      stage.equal(strays.length, 0, 'RUD-001', 'datagrams begin with a byte of another family');
      const pauses = times.map((time, index) => time - (times[index - 1] ?? began));
      for (const pause of pauses)
        stage.took(pause, { atLeast: 2.4, atMost: 2.6 }, 'RUD-016', 'the pause before a Ping');
      stage.check(times.length >= 23, 'RUD-016', `${times.length} Pings in a minute`);
      await exchange(stage, left, right, [stage.payload()]);
    },
  }),
  scenario({
    id: 'RUD-3B4K',
    title: 'a peer that is not heard for ten seconds is given up, whatever was under way',
    clauses: ['RUD-017'],
    kind: 'property',
    clients: 'reference',
    targets: ['sim'],
    runs: 8,
    plan: () => fc.record({ underWay: fc.constantFrom('nothing', 'data', 'close'), oneWay: fc.boolean() }),
    async run(stage, { underWay, oneWay }) {
      const limits = { silenceMicrosMax: 10_000_000 };
      const [left, right] = await opened(stage, { left: limits, right: limits });
      await exchange(stage, left, right, [stage.payload()]);
      right.filter = () => 'drop';
      if (!oneWay) left.filter = () => 'drop';
      const began = stage.nowSecs();
      if (underWay !== 'nothing') left.write(stage.payload(50_000));
      if (underWay === 'close') left.close();
      await stage.until(() => left.state === 'closed', 30, 'a dead peer is not noticed', 'RUD-017');
      stage.equal(left.reason, 'timedOut', 'RUD-017', 'it ended for another reason');
      stage.took(stage.nowSecs() - began, { atLeast: 9.9, atMost: 10.3 }, 'RUD-017', 'the time until it was noticed');
      if (oneWay) right.abort();
      else await ended(stage, [left, right], ['timedOut', 'timedOut'], 'RUD-017');
    },
  }),
  scenario({
    id: 'RUD-4C5L',
    title: 'a close hands over everything queued on both sides before the connection ends',
    clauses: ['RUD-018', 'RUD-031', 'RUD-025'],
    kind: 'property',
    clients: 'reference',
    runs: 20,
    plan: () =>
      fc.record({
        there: fc.integer({ min: 0, max: 6 }),
        back: fc.integer({ min: 0, max: 6 }),
        bothClose: fc.boolean(),
        lossPercent: fc.constantFrom(0, 5, 10),
        /** Datagrams of data that are lost before any gets through: what follows is there before them. */
        firstLost: fc.integer({ min: 0, max: 3 }),
        salt: fc.nat(1_000_000),
        beforeOpen: fc.boolean(),
      }),
    async run(stage, { there, back, bothClose, lossPercent, firstLost, salt, beforeOpen }) {
      const [left, right] = beforeOpen ? await stage.rudpPair() : await opened(stage);
      if (beforeOpen) {
        right.open({ starts: false, silenceMicrosMax: 120_000_000 });
        left.open({ silenceMicrosMax: 120_000_000, handshakeMicrosMax: 60_000_000 });
      }
      const loss = lossy(lossPercent, salt);
      const losing = (): ((bytes: Uint8Array) => 'pass' | 'drop') => {
        let due = firstLost;
        return (bytes) => (bytes[0] === KINDS.Data && due-- > 0 ? 'drop' : loss());
      };
      left.filter = losing();
      right.filter = losing();
      const forward = Array.from({ length: there }, () => stage.payload(9000));
      const backward = Array.from({ length: back }, () => stage.payload(9000));
      for (const message of forward) left.write(message);
      for (const message of backward) right.write(message);
      left.close();
      if (bothClose && !beforeOpen) right.close();
      await ended(stage, [left, right], ['closed', 'closed'], 'RUD-031');
      stage.equal(right.delivered, forward.map(messageLabel), 'RUD-018', 'the close lost messages of its side');
      stage.equal(left.delivered, backward.map(messageLabel), 'RUD-031', 'the close lost messages of the other side');
    },
  }),
  scenario({
    id: 'RUD-5D6M',
    title: 'a Fin whose acknowledgement was lost is repeated, and still acknowledged after the end',
    clauses: ['RUD-018', 'RUD-032', 'RUD-031'],
    kind: 'example',
    clients: 'reference',
    // Three seconds are a few real milliseconds on the scaled clock of a real machine.
    targets: ['sim'],
    async run(stage) {
      const [left, right] = await opened(stage);
      await exchange(stage, left, right, [stage.payload()]);
      // Let the last Ack of the data pass first.
      await stage.sleep(1);
      left.close();
      await stage.until(() => rudpOf(right.sent, 'Fin').length > 0, 10, 'the other side does not close', 'RUD-031');
      let dropped = 0;
      left.filter = (bytes) => (bytes[0] === KINDS.Ack && dropped++ < 2 ? 'drop' : 'pass');
      await ended(stage, [left, right], ['closed', 'closed'], 'RUD-032', 5);
      stage.check(rudpOf(right.sent, 'Fin').length >= 2, 'RUD-018', 'the Fin was not repeated');
      stage.check(dropped > 2, 'RUD-032', 'a repeated Fin was not acknowledged');
      const fins = rudpOf(right.sent, 'Fin').map((each) => each.numbers.sequence);
      stage.equal(new Set(fins).size, 1, 'RUD-018', 'a repeated Fin has another place in the stream');
      await stage.until(() => left.isReleased && right.isReleased, 10, 'a machine never ends', 'RUD-032');
    },
  }),
  scenario({
    id: 'RUD-6F7N',
    title: 'an abort ends both sides at once, with an Abort that carries token and tag',
    clauses: ['RUD-019', 'RUD-006'],
    kind: 'property',
    clients: 'reference',
    runs: 4,
    plan: () => fc.record({ queued: fc.boolean() }),
    async run(stage, { queued }) {
      const [left, right] = await opened(stage);
      if (queued) for (let count = 0; count < 20; count++) left.write(stage.payload(50_000));
      left.abort();
      await ended(stage, [left, right], ['aborted', 'peerAborted'], 'RUD-019');
      const abort = rudpOf(left.sent, 'Abort');
      stage.equal(abort.length, 1, 'RUD-019', 'the peer was not told exactly once');
      const answered = right.sent.length;
      right.inject(left.sent.at(-1)!);
      stage.equal(right.sent.length, answered, 'RUD-019', 'an Abort was answered');
    },
  }),
];
