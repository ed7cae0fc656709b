/**
 * Reliable UDP among attackers (17.1): whoever does not see the traffic disturbs nothing, and who repeats what he saw does not
 * either. Who sees it and writes anew, with the token and the tag, is believed: the protocol encrypts nothing (D-246).
 */
import * as fc from 'fast-check';
import { scenario } from '../../api.ts';
import type { AnyScenario, Stage } from '../../api.ts';
import { applyAttacks, attackPlans } from '../../attach/attack-plan.ts';
import type { RudpPeer } from '../../attach/rudp-peer.ts';
import { writeRudp } from '../../attach/rudp-datagrams.ts';
import { PATIENT, RUDP_TOKEN, bothOpen, ended, exchange, opened, stillWorks } from './model.ts';

const WITHIN_MILLIS = 5_000;

/** Datagrams of every kind by somebody who guesses token and tag. */
const PHRASES: readonly Uint8Array[] = (() => {
  // Wrong in every byte: what is damaged in a few of them must not become right by chance.
  const token = RUDP_TOKEN ^ 0x0101_0101_0101_0101n;
  const [identity, echo, tag, chunk] = [7, 9, 11, Uint8Array.of(1, 0, 0, 0, 65)];
  return [
    writeRudp('Syn', { version: 1, token, identity, echo: 0 }),
    writeRudp('SynAck', { version: 1, token, identity, echo }),
    writeRudp('Confirm', { version: 1, token, identity, echo }),
    writeRudp('Data', { tag, number: 3, sequence: 3, chunk }),
    writeRudp('Ack', { tag, largest: 1_000_000 }),
    writeRudp('Ping', { tag, number: 5 }),
    writeRudp('Fin', { tag, number: 6, sequence: 6 }),
    writeRudp('Abort', { token, tag }),
    // The right token alone, and nothing else.
    writeRudp('Abort', { token: RUDP_TOKEN, tag }),
  ];
})();

const messages = fc.array(fc.record({ bytes: fc.integer({ min: 4, max: 6_000 }), pauseMillis: fc.nat({ max: 800 }) }), {
  minLength: 3,
  maxLength: 10,
});
type Messages = readonly { readonly bytes: number; readonly pauseMillis: number }[];

async function talk(stage: Stage, left: RudpPeer, right: RudpPeer, words: Messages): Promise<void> {
  for (const { bytes, pauseMillis } of words) {
    await exchange(stage, left, right, [stage.payload(bytes)]);
    await exchange(stage, right, left, [stage.payload(bytes)]);
    await stage.sleep(pauseMillis / 1000);
  }
}

export const attackers: readonly AnyScenario[] = [
  scenario({
    id: 'RUD-8H3N',
    title:
      'datagrams of those who guess, and repeats of what was seen, neither end a connection nor add to it nor take from it',
    clauses: ['RUD-023', 'RUD-025', 'RUD-021', 'RUD-029'],
    kind: 'property',
    clients: 'reference',
    targets: ['sim'],
    runs: 40,
    plan: () =>
      fc.record({
        attacks: attackPlans({
          classes: ['forgedDatagrams', 'strayDatagrams', 'replayNow', 'replayLate', 'replayElsewhere'],
          withinMillis: WITHIN_MILLIS,
        }),
        /** There was a connection before, between the same two, whose datagrams are still around. */
        isSecond: fc.boolean(),
        messages,
      }),
    async run(stage, { attacks, isSecond, messages: words }) {
      const [left, right] = await stage.rudpPair();
      const mallory = stage.adversary();
      const tap = mallory.tap(left.host);
      const open = async (): Promise<void> => {
        right.open({ ...PATIENT, starts: false });
        left.open(PATIENT);
        await bothOpen(stage, left, right);
      };
      await open();
      if (isSecond) {
        await stillWorks(stage, left, right, 'RUD-025');
        left.abort();
        await ended(stage, [left, right], ['aborted', 'peerAborted'], 'RUD-019');
        await open();
      }
      const targets = { adversary: mallory.adversary, tap, phrases: PHRASES };
      await Promise.all([applyAttacks(stage, attacks, targets), talk(stage, left, right, words)]);
      // Until the last repeat has come.
      await stage.sleep(10);
      await stillWorks(stage, left, right, 'RUD-023');
      left.abort();
    },
  }),
  scenario({
    id: 'RUD-6J7R',
    title: 'a flood of strangers’ datagrams gets no answer, and the largest message still goes through it',
    clauses: ['RUD-023', 'RUD-025'],
    kind: 'property',
    clients: 'reference',
    targets: ['sim'],
    runs: 8,
    plan: () => fc.record({ strength: fc.integer({ min: 20, max: 100 }), bytes: fc.integer({ min: 1, max: 200_000 }) }),
    async run(stage, { strength, bytes }) {
      const [left, right] = await opened(stage);
      const mallory = stage.adversary();
      const tap = mallory.tap(right.host);
      const targets = { adversary: mallory.adversary, tap, udpServer: right.local, phrases: PHRASES };
      const before = right.sent.length;
      await applyAttacks(stage, { datagramFlood: [{ atMillis: 0, strength, choice: 0 }] }, targets);
      await stage.sleep(0.5);
      stage.equal(right.sent.length, before, 'RUD-023', 'datagrams that answer strangers');
      await applyAttacks(stage, { datagramFlood: [{ atMillis: 0, strength, choice: 0 }] }, targets);
      await exchange(stage, left, right, [stage.payload(Math.max(4, bytes))]);
      left.abort();
    },
  }),
];
