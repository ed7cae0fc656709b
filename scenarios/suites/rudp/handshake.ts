/** Opening a connection: who says what, who is believed, and what a restart looks like (17.2). */
import * as fc from 'fast-check';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { writeRudp } from '../../attach/rudp-datagrams.ts';
import {
  KINDS,
  PATIENT,
  RUDP_TOKEN,
  bothOpen,
  ended,
  exchange,
  identityOf,
  opened,
  rudpOf,
  stillWorks,
} from './model.ts';

export const handshake: readonly AnyScenario[] = [
  scenario({
    id: 'RUD-2B7K',
    title: 'Syn, SynAck and Confirm carry version, token, identities and limit as the table says',
    clauses: ['RUD-005', 'RUD-001', 'RUD-002', 'RUD-003', 'RUD-004', 'RUD-006', 'RUD-024'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const [left, right] = await opened(stage);
      await exchange(stage, left, right, [stage.payload(3000)]);
      const syn = rudpOf(left.sent, 'Syn')[0]!;
      const synAck = rudpOf(right.sent, 'SynAck')[0]!;
      const confirm = rudpOf(left.sent, 'Confirm')[0]!;
      for (const each of [syn, synAck, confirm]) {
        stage.equal(each.numbers.version, 1, 'RUD-002', 'the version is not 1');
        stage.equal(each.token, RUDP_TOKEN, 'RUD-003', 'the token is not the one both know');
      }
      const [mine, theirs] = [identityOf(left), identityOf(right)];
      stage.check(mine > 0 && theirs > 0 && mine !== theirs, 'RUD-004', 'identities are 0, or equal');
      stage.equal(syn.numbers.echo, 0, 'RUD-005', 'a Syn echoes somebody');
      stage.equal(synAck.numbers.echo, mine, 'RUD-005', "the SynAck does not echo the Syn's identity");
      stage.equal(confirm.numbers.echo, theirs, 'RUD-005', "the Confirm does not echo the SynAck's identity");
      for (const data of rudpOf(left.sent, 'Data'))
        stage.equal(data.numbers.tag, theirs, 'RUD-006', 'the tag is not the identity of the receiver');
      for (const ack of rudpOf(right.sent, 'Ack'))
        stage.equal(ack.numbers.tag, mine, 'RUD-006', 'the tag is not the identity of the receiver');
      for (const [kind = 0] of [...left.sent, ...right.sent])
        stage.check(kind >= 0x40 && kind <= 0x7f, 'RUD-001', `a datagram begins with ${kind}`);
    },
  }),
  scenario({
    id: 'RUD-3C8M',
    title: 'whoever begins, and whichever datagrams of the handshake are lost, one connection comes of it',
    clauses: ['RUD-026', 'RUD-024', 'RUD-005', 'RUD-007'],
    kind: 'property',
    clients: 'reference',
    runs: 30,
    plan: () =>
      fc.record({
        begins: fc.constantFrom('left', 'right', 'both'),
        lost: fc.array(fc.nat(3), { maxLength: 4 }),
        lateMillis: fc.nat(400),
      }),
    async run(stage, { begins, lost, lateMillis }) {
      const [left, right] = await stage.rudpPair();
      let count = 0;
      const filter = (datagram: Uint8Array): 'pass' | 'drop' =>
        datagram[0]! <= KINDS.Confirm && lost.includes(count++) ? 'drop' : 'pass';
      left.filter = filter;
      right.filter = filter;
      left.open({ ...PATIENT, starts: begins !== 'right' });
      if (lateMillis > 0) await stage.sleep(lateMillis / 1000);
      right.open({ ...PATIENT, starts: begins !== 'left' });
      if (begins === 'right' && lost.length === 4) stage.note('every early datagram is lost');
      await bothOpen(stage, left, right);
      await stillWorks(stage, left, right, 'RUD-026');
      left.close();
      await ended(stage, [left, right], ['closed', 'closed'], 'RUD-031');
    },
  }),
  scenario({
    id: 'RUD-9H6W',
    title: 'without a single Confirm the first message opens the connection',
    clauses: ['RUD-024'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const [left, right] = await stage.rudpPair();
      left.filter = (bytes) => (bytes[0] === KINDS.Confirm ? 'drop' : 'pass');
      right.open({ ...PATIENT, starts: false });
      left.open(PATIENT);
      await stage.until(() => left.state === 'connected', 10, 'the side that began is not open', 'RUD-024');
      await exchange(stage, left, right, [stage.payload(2000)], 'RUD-024');
    },
  }),
  scenario({
    id: 'RUD-4D9N',
    title: 'a Syn that nobody answers is repeated after 200, 400, 800 ms and then each second, for ten seconds',
    clauses: ['RUD-007'],
    kind: 'example',
    clients: 'reference',
    // Pauses of a few hundred milliseconds are measured; on a real machine the scaled clock is coarser than that.
    targets: ['sim'],
    async run(stage) {
      const [left, right] = await stage.rudpPair();
      const times: number[] = [];
      left.filter = () => {
        times.push(stage.nowSecs());
        return 'drop';
      };
      const began = stage.nowSecs();
      left.open();
      await stage.until(() => left.state === 'closed', 30, 'a handshake without answer did not end', 'RUD-007');
      stage.equal(left.reason, 'timedOut', 'RUD-007', 'it ended for another reason');
      stage.took(stage.nowSecs() - began, { atLeast: 10, atMost: 10.1 }, 'RUD-007', 'the time until it gave up');
      const pauses = times.slice(1, 6).map((time, index) => time - times[index]!);
      [0.2, 0.4, 0.8, 1, 1].forEach((pause, index) =>
        stage.took(pauses[index] ?? 0, { atLeast: pause, atMost: pause + 0.01 }, 'RUD-007', `pause ${index + 1}`),
      );
      stage.equal(right.received.length, 0, 'RUD-007', 'something arrived');
    },
  }),
  scenario({
    id: 'RUD-5E2P',
    title: 'a Syn with another version or token, or malformed, is neither answered nor believed',
    clauses: ['RUD-023', 'RUD-002', 'RUD-003'],
    kind: 'wire',
    clients: 'reference',
    async run(stage) {
      const [left, right] = await stage.rudpPair();
      right.open({ ...PATIENT, starts: false });
      const good = { version: 1, token: RUDP_TOKEN, identity: 77, limit: 100_000 };
      const bad = [
        writeRudp('Syn', { ...good, version: 2 }),
        writeRudp('Syn', { ...good, token: RUDP_TOKEN + 1n }),
        writeRudp('Syn', { ...good, identity: 0 }),
        writeRudp('Syn', { ...good, echo: 5 }),
        writeRudp('Syn', good).slice(0, 23),
        Uint8Array.of(...writeRudp('Syn', good), 0),
        writeRudp('SynAck', { ...good, echo: 5 }),
        Uint8Array.of(0x7f, 1, 2, 3, 4, 5, 6, 7, 8, 9),
        Uint8Array.of(0x43),
        new Uint8Array(0),
      ];
      for (const bytes of bad) right.inject(bytes);
      left.open(PATIENT);
      await bothOpen(stage, left, right);
      await stillWorks(stage, left, right, 'RUD-023');
      stage.equal(rudpOf(right.sent, 'SynAck')[0]!.numbers.echo, identityOf(left), 'RUD-023', 'a bad Syn was answered');
      stage.equal(rudpOf(right.sent, 'SynAck').length, 1, 'RUD-023', 'something else was answered');
    },
  }),
  scenario({
    id: 'RUD-6F3Q',
    title: 'an end with another token gets no connection',
    clauses: ['RUD-003', 'RUD-023'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const [left, right] = await stage.rudpPair();
      right.open({ ...PATIENT, starts: false });
      left.open({ token: RUDP_TOKEN ^ (1n << 63n), handshakeMicrosMax: 3_000_000 });
      await stage.until(() => left.state === 'closed', 30, 'the stranger goes on', 'RUD-003');
      stage.equal(left.reason, 'timedOut', 'RUD-003', 'the stranger was told something');
      stage.equal(right.sent.length, 0, 'RUD-003', 'the stranger was answered');
      left.open(PATIENT);
      await bothOpen(stage, left, right);
    },
  }),
  scenario({
    id: 'RUD-7G4R',
    title: 'a peer that was started anew ends the old connection, and a Syn that is only late does not',
    clauses: ['RUD-021', 'RUD-004'],
    kind: 'property',
    clients: 'reference',
    runs: 6,
    plan: () => fc.record({ traffic: fc.boolean(), late: fc.boolean() }),
    async run(stage, { traffic, late }) {
      const [left, right] = await opened(stage);
      if (traffic) await stillWorks(stage, left, right, 'RUD-025');
      if (late) {
        const answered = rudpOf(right.sent, 'SynAck').length;
        right.inject(writeRudp('Syn', { version: 1, token: RUDP_TOKEN, identity: 4711, limit: 1000 }));
        await stillWorks(stage, left, right, 'RUD-021');
        const answers = rudpOf(right.sent, 'SynAck').slice(answered);
        stage.equal(
          answers.map((each) => each.numbers.echo),
          [4711],
          'RUD-021',
          'a Syn of another identity was not answered',
        );
      }
      const old = identityOf(left);
      left.open(PATIENT);
      await ended(stage, [left, right], ['peerAborted', 'peerRestarted'], 'RUD-021');
      stage.check(identityOf(left) !== old, 'RUD-004', 'the new connection has the old identity');
    },
  }),
];
