/** Messages, chunks and memory (17.3), and what single datagrams look like (17.1). */
import * as fc from 'fast-check';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { messageLabel } from '../../attach/rudp-peer.ts';
import { writeRudp } from '../../attach/rudp-datagrams.ts';
import { KINDS, ended, exchange, identityOf, numbersOf, opened, rudpOf, stillWorks } from './model.ts';

const SIZES = fc.oneof(
  fc.integer({ min: 4, max: 40 }),
  fc.integer({ min: 1100, max: 1300 }),
  fc.integer({ min: 4, max: 60_000 }),
);

export const stream: readonly AnyScenario[] = [
  scenario({
    id: 'RUD-2K5S',
    title: 'messages of all sizes arrive once, whole and in order while datagrams are lost, doubled and overtaken',
    clauses: ['RUD-025', 'RUD-014', 'RUD-011', 'RUD-009'],
    kind: 'property',
    clients: 'reference',
    runs: 30,
    plan: () =>
      fc.record({
        sizes: fc.array(SIZES, { minLength: 1, maxLength: 20 }),
        back: fc.array(SIZES, { maxLength: 8 }),
        fate: fc
          .array(fc.constantFrom('pass', 'pass', 'pass', 'drop', 'twice'), { minLength: 5, maxLength: 23 })
          .filter((fate) => fate.filter((each) => each !== 'drop').length * 2 >= fate.length),
        delayMillis: fc.nat(80),
        jitterMillis: fc.nat(40),
        reorderPerMille: fc.constantFrom(0, 0, 100, 300),
        closer: fc.constantFrom('left', 'right'),
      }),
    async run(stage, plan) {
      const [left, right] = await opened(stage);
      const { delayMillis, jitterMillis, reorderPerMille } = plan;
      stage.net.conditions(left.host, { delayMillis, jitterMillis, reorderPerMille });
      let count = 0;
      // Each round begins one place later: a pattern that kept in step with question and answer would lose every answer.
      const filter = (): 'pass' | 'drop' | 'twice' => {
        const { fate } = plan;
        const place = (count + Math.floor(count / fate.length)) % fate.length;
        count += 1;
        return fate[place] as 'pass';
      };
      left.filter = right.filter = filter;
      const there = plan.sizes.map((size) => stage.payload(size));
      const back = plan.back.map((size) => stage.payload(size));
      await Promise.all([exchange(stage, left, right, there), exchange(stage, right, left, back)]);
      left.filter = right.filter = () => 'pass';
      (plan.closer === 'left' ? left : right).close();
      await ended(stage, [left, right], ['closed', 'closed'], 'RUD-031');
    },
  }),
  scenario({
    id: 'RUD-3L6T',
    title: 'a black-out of seconds in the middle of a transfer costs time and nothing else',
    clauses: ['RUD-015', 'RUD-025'],
    kind: 'property',
    clients: 'reference',
    runs: 10,
    plan: () =>
      fc.record({ size: fc.integer({ min: 20_000, max: 400_000 }), darkSecs: fc.integer({ min: 1, max: 9 }) }),
    async run(stage, { size, darkSecs }) {
      const [left, right] = await opened(stage);
      stage.net.conditions(left.host, { delayMillis: 30 });
      const messages = [stage.payload(size), stage.payload(100)];
      for (const message of messages) left.write(message);
      await stage.sleep(0.1);
      left.filter = right.filter = () => 'drop';
      await stage.sleep(darkSecs);
      left.filter = right.filter = () => 'pass';
      const isThere = (): boolean => right.delivered.length === 2;
      await stage.until(isThere, 5, 'the transfer did not go on soon after the black-out', 'RUD-015');
      stage.equal(right.delivered, messages.map(messageLabel), 'RUD-025', 'other messages than were sent');
    },
  }),
  scenario({
    id: 'RUD-4M7V',
    title: 'numbers are used once, chunks are repeated as they were, and together they are the stream',
    clauses: ['RUD-008', 'RUD-009', 'RUD-010', 'RUD-014'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const [left, right] = await opened(stage);
      left.filter = (bytes, count) => (bytes[0] === KINDS.Data && count % 3 === 1 ? 'drop' : 'pass');
      const messages = [stage.payload(5000), stage.payload(40_000), stage.payload(10)];
      await exchange(stage, left, right, messages);
      const data = rudpOf(left.sent, 'Data');
      const numbers = [...data, ...rudpOf(left.sent, 'Ping'), ...rudpOf(left.sent, 'Fin')].map(
        (each) => each.numbers.number!,
      );
      numbers.sort((a, b) => a - b);
      stage.equal(
        numbers,
        numbers.map((_, index) => index),
        'RUD-008',
        'numbers are left out or used twice',
      );
      const chunks = new Map<number, Uint8Array>();
      for (const { numbers: of, chunk } of data) {
        const known = chunks.get(of.sequence!);
        if (known !== undefined) stage.equal(chunk, known, 'RUD-009', 'a chunk was cut anew when it was repeated');
        chunks.set(of.sequence!, chunk);
      }
      stage.check(data.length > chunks.size, 'RUD-014', 'nothing was sent again');
      const sequences = [...chunks.keys()].sort((a, b) => a - b);
      const bytes = sequences.flatMap((sequence) => [...chunks.get(sequence)!]);
      const wanted = messages.flatMap((message) => [...uint32(message.length), ...message]);
      stage.equal(Uint8Array.from(bytes), Uint8Array.from(wanted), 'RUD-009', 'the chunks are not the stream');
      stage.equal(sequences[0], 0, 'RUD-009', 'the first chunk is not 0');
      const largest = Math.max(...left.sent.map((each) => each.length));
      stage.check(largest <= 1200, 'RUD-010', `a datagram has ${largest} bytes`);
    },
  }),
  scenario({
    id: 'RUD-5N8W',
    title: 'a datagram size that was set holds in every datagram',
    clauses: ['RUD-010'],
    kind: 'property',
    clients: 'reference',
    runs: 6,
    plan: () => fc.record({ datagramBytesMax: fc.integer({ min: 64, max: 9000 }) }),
    async run(stage, { datagramBytesMax }) {
      const [left, right] = await opened(stage, { left: { datagramBytesMax } });
      await exchange(stage, left, right, [stage.payload(30_000), stage.payload(9)]);
      const largest = Math.max(...rudpOf(left.sent, 'Data').map(({ chunk }) => chunk.length + 13));
      stage.equal(largest, datagramBytesMax, 'RUD-010', 'the largest Data datagram is not as large as was set');
    },
  }),
  scenario({
    id: 'RUD-6P9X',
    title: 'a receiver that takes nothing stops the sender at its limit, and its next limit comes without being asked',
    clauses: ['RUD-013', 'RUD-028', 'RUD-025'],
    kind: 'property',
    clients: 'reference',
    runs: 6,
    plan: () => fc.record({ messageBytes: fc.integer({ min: 1000, max: 50_000 }) }),
    async run(stage, { messageBytes }) {
      const small = { messageBytesMax: 50_000, receiveBytesMax: 100_000 };
      const [left, right] = await opened(stage, { left: { messageBytesMax: 50_000 }, right: small });
      right.link.pause();
      const messages = Array.from({ length: Math.ceil(400_000 / messageBytes) }, () => stage.payload(messageBytes));
      for (const message of messages) left.write(message);
      await stage.until(() => streamEnd(left.sent) >= 100_000, 60, 'the sender does not use the limit', 'RUD-013');
      await stage.sleep(3);
      stage.equal(streamEnd(left.sent), 100_000, 'RUD-013', 'the sender went beyond the limit');
      stage.equal(right.delivered.length, 0, 'RUD-013', 'a paused link handed something over');
      const acks = rudpOf(right.sent, 'Ack').length;
      const datagrams = left.sent.length;
      // Nothing may reach the receiver, so that a new limit cannot be an answer.
      left.filter = () => 'drop';
      const isTold = (): boolean =>
        rudpOf(right.sent, 'Ack')
          .slice(acks)
          .some((ack) => ack.numbers.limit! >= 125_000);
      right.link.resume();
      await stage.until(isTold, 20, 'no higher limit was told', 'RUD-028');
      stage.check(left.sent.length >= datagrams, 'RUD-028', 'unreachable');
      left.filter = () => 'pass';
      await stage.until(() => right.delivered.length === messages.length, 60, 'not everything arrived', 'RUD-025');
    },
  }),
  scenario({
    id: 'RUD-7Q2Y',
    title: 'what a peer sends beyond the limit is not kept and not acknowledged',
    clauses: ['RUD-027'],
    kind: 'wire',
    clients: 'reference',
    async run(stage) {
      const limits = { messageBytesMax: 2000, receiveBytesMax: 4000 };
      const [left, right] = await opened(stage, { right: limits });
      const tag = identityOf(right);
      const chunk = new Uint8Array(1000);
      right.inject(writeRudp('Data', { tag, number: 120, sequence: 70_000, chunk: new Uint8Array(1) }));
      // Out of turn, so that nothing of it can be taken: numbers far above those of the real sender.
      for (let index = 0; index < 6; index++)
        right.inject(writeRudp('Data', { tag, number: 100 + index, sequence: 10 + index, chunk }));
      right.inject(writeRudp('Ping', { tag, number: 200 }));
      const named = numbersOf(rudpOf(right.sent, 'Ack').at(-1)!);
      stage.equal(named, [200, 103, 102, 101, 100], 'RUD-027', 'the packets acknowledged');
      left.abort();
    },
  }),
  scenario({
    id: 'RUD-8R3Z',
    title: 'a message longer than the receiver takes, or a chunk after the Fin, ends the connection by an Abort',
    clauses: ['RUD-020', 'RUD-019'],
    kind: 'wire',
    clients: 'reference',
    runs: 4,
    async run(stage) {
      for (const fault of ['long', 'afterFin'] as const) {
        const [left, right] = await opened(stage, { right: { messageBytesMax: 5000 } });
        const tag = identityOf(right);
        if (fault === 'long') right.inject(writeRudp('Data', { tag, number: 0, sequence: 0, chunk: uint32(5001) }));
        else {
          right.inject(writeRudp('Fin', { tag, number: 0, sequence: 0 }));
          right.inject(writeRudp('Data', { tag, number: 1, sequence: 1, chunk: uint32(1) }));
        }
        await ended(stage, [left, right], ['peerAborted', 'protocolError'], 'RUD-020');
      }
    },
  }),
  scenario({
    id: 'RUD-3H5V',
    title: 'an Ack of numbers that were never sent acknowledges nothing',
    clauses: ['RUD-029'],
    kind: 'wire',
    clients: 'reference',
    async run(stage) {
      const [left, right] = await opened(stage);
      right.filter = (bytes) => (bytes[0] === KINDS.Data ? 'drop' : 'pass');
      const message = stage.payload(3000);
      right.write(message);
      await stage.until(() => rudpOf(right.sent, 'Data').length > 0, 10, 'nothing is sent', 'RUD-029');
      const far = 1_000_000;
      right.inject(writeRudp('Ack', { tag: identityOf(right), largest: far, before: far, limit: 2 ** 40 }));
      right.filter = () => 'pass';
      const isThere = (): boolean => left.delivered.length === 1;
      await stage.until(isThere, 10, 'what a forged Ack named was not sent again', 'RUD-029');
      stage.equal(left.delivered, [messageLabel(message)], 'RUD-029', 'another message came');
    },
  }),
  scenario({
    id: 'RUD-9S4B',
    title: 'garbage and forged datagrams do nothing to an open connection',
    clauses: ['RUD-023', 'RUD-029', 'RUD-006'],
    kind: 'property',
    clients: 'reference',
    runs: 20,
    plan: () => fc.record({ garbage: fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 }), kind: fc.nat(7) }),
    async run(stage, { garbage, kind }) {
      const silent = { keepAliveMicros: 100_000_000 };
      const [left, right] = await opened(stage, { left: silent, right: silent });
      await exchange(stage, left, right, [stage.payload(5000)]);
      // The last Ack may still be on its way out, and a thin stream may be repeated for ten seconds.
      await stage.sleep(12);
      const tag = identityOf(right);
      const before = { sent: right.sent.length, delivered: right.delivered.length };
      for (const bytes of garbage) {
        // The first byte of every second one is right, the tag never.
        right.inject(bytes);
        right.inject(Uint8Array.of(0x40 + kind, ...bytes));
      }
      const wrong = (tag + 1) >>> 0;
      right.inject(writeRudp('Data', { tag: wrong, number: 5, sequence: 5, chunk: Uint8Array.of(1) }));
      right.inject(writeRudp('Fin', { tag: wrong, number: 5, sequence: 5 }));
      right.inject(writeRudp('Abort', { token: 1n, tag }));
      right.inject(writeRudp('Abort', { token: 0x0807_0605_0403_0201n, tag: wrong }));
      right.inject(writeRudp('Ack', { tag, largest: 1_000_000, limit: 2 ** 40 }));
      right.inject(writeRudp('Ack', { tag, largest: 0, before: 5 }));
      right.inject(writeRudp('Ack', { tag, largest: 0 }, [0, 0]));
      stage.equal(right.sent.length, before.sent, 'RUD-023', 'a forged datagram was answered');
      stage.equal(right.delivered.length, before.delivered, 'RUD-023', 'a forged datagram was handed over');
      await stillWorks(stage, left, right, 'RUD-023');
    },
  }),
];

function uint32(value: number): Uint8Array {
  return Uint8Array.of(value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24);
}

/** Where the stream ends that was sent so far. */
function streamEnd(sent: readonly Uint8Array[]): number {
  const chunks = new Map(rudpOf(sent, 'Data').map(({ numbers, chunk }) => [numbers.sequence, chunk.length]));
  return [...chunks.values()].reduce((sum, length) => sum + length, 0);
}
