/** Answers to projects that are over, or never were: whoever agreed is told so, and nobody waits in vain. */
import * as fc from 'fast-check';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { linkedTwo } from '../p2p/pairs.ts';
import { aliceAndMallory } from './packages.ts';
import { contentOf, Side } from './side.ts';
import { agree, bodyOf } from './wire.ts';

export const lateAnswers: readonly AnyScenario[] = [
  scenario({
    id: 'FIL-9LTA',
    title:
      'an agreement to a project that is over, or never was, is answered by a cancellation, and a refusal by nothing',
    clauses: ['FIL-065'],
    kind: 'property',
    clients: 'reference',
    runs: 6,
    plan: () => fc.constantFrom('cancelled', 'never was', 'never was, on a refusal'),
    async run(stage, which) {
      const { alice, mallory } = await aliceAndMallory(stage);
      let id = 'alice_0123456789abcdef';
      if (which === 'cancelled') {
        alice.write('a.bin', contentOf(100, 1));
        id = alice.files.beginSendFile('mallory', 'a.bin', null);
        await mallory.expect(MessageType.BeginSendFile, { clause: 'FIL-001' });
        alice.files.cancelTransfering(id);
        await mallory.expect(MessageType.CancelFileSending, { clause: 'FIL-005' });
      }
      agree(mallory, 'alice', id, { Agree: which !== 'never was, on a refusal' });
      if (which === 'never was, on a refusal') {
        // Sentinel: what was asked for first is answered first.
        agree(mallory, 'alice', 'alice_fedcba9876543210');
        id = 'alice_fedcba9876543210';
      }
      const cancel = bodyOf(
        await mallory.expect(MessageType.CancelFileSending, { clause: 'FIL-065' }),
        'CancelFileContract',
      );
      stage.equal([cancel.ProjectID, cancel.InnerError], [id, false], 'FIL-065', 'what was cancelled, and how');
    },
  }),
  scenario({
    id: 'FIL-4RPT',
    title: 'a request that was on a channel when the sender lost its connection leaves no receiver waiting',
    clauses: ['FIL-065', 'FIL-021', 'P2P-053'],
    kind: 'property',
    clients: 'reference',
    noParity: 'what is taken over from a dead channel may go either way once there is a new one',
    runs: 8,
    plan: () => fc.integer({ min: 0, max: 30 }),
    async run(stage, silentMillis) {
      const two = await linkedTwo(stage);
      const [alice, bob] = [new Side(stage, two.alice), new Side(stage, two.bob)];
      bob.acceptAll(() => 'in/a.bin');
      alice.write('a.bin', contentOf(20_000, 3));
      // What is on the channel now does not arrive; the project ends with the sender's connection.
      two.board.silence('alice', 'bob');
      const id = alice.files.beginSendFile('bob', 'a.bin', null);
      await stage.sleep(silentMillis / 1000);
      await two.alice.closeConnection(true);
      await alice.ended(id, 'FIL-022');
      await two.alice.waitFor('relogonCompleted', { clause: 'RCN-001' });
      await two.alice.sendCertainly('bob', 1, stage.payload());
      const began = stage.nowSecs();
      await stage.until(() => bob.of(id).length === 0 || bob.endOf(id) !== undefined, 40, 'bob waits', 'FIL-065');
      stage.took(stage.nowSecs() - began, { atMost: 5 }, 'FIL-065', 'the end at the receiver');
    },
  }),
];
