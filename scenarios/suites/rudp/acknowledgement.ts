/** Acknowledgements, losses, probes and pace (17.4, 17.5). Times are exact on the simulator only. */
import * as fc from 'fast-check';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { writeRudp } from '../../attach/rudp-datagrams.ts';
import type { RudpReading } from '../../attach/rudp-datagrams.ts';
import { KINDS, exchange, identityOf, numbersOf, opened, rudpOf } from './model.ts';

export const acknowledgement: readonly AnyScenario[] = [
  scenario({
    id: 'RUD-2T5C',
    title: 'an Ack names every number that arrived and no other, as far as its ranges reach',
    clauses: ['RUD-011', 'RUD-012'],
    kind: 'property',
    clients: 'reference',
    runs: 20,
    plan: () =>
      fc.record({
        numbers: fc.uniqueArray(fc.nat(32), { minLength: 1, maxLength: 33, size: 'max' }),
        base: fc.constantFrom(0, 70_000),
      }),
    async run(stage, { numbers, base }) {
      const [left, right] = await opened(stage);
      const tag = identityOf(right);
      for (const [index, number] of numbers.entries()) {
        // A link sends so many datagrams in one turn and no more.
        if (index % 16 === 15) await stage.sleep(0.01);
        right.inject(writeRudp('Ping', { tag, number: base + number }));
      }
      const acks = (): readonly RudpReading[] => rudpOf(right.sent, 'Ack');
      await stage.until(() => acks().length >= numbers.length, 0.02, 'a Ping is not acknowledged at once', 'RUD-012');
      const named = numbersOf(acks().at(-1)!);
      const wanted = numbers.map((number) => base + number).sort((a, b) => b - a);
      // 33 numbers are at most 17 ranges, as many as an Ack holds.
      stage.equal(named, wanted, 'RUD-011', 'the numbers named are not those that came');
      stage.equal(acks().length, numbers.length, 'RUD-012', 'a Ping was acknowledged twice');
      left.abort();
    },
  }),
  scenario({
    id: 'RUD-3V6D',
    title: 'a lone Data is acknowledged within 20 ms, a gap at once, and the Ack says how long it waited',
    clauses: ['RUD-012', 'RUD-011'],
    kind: 'example',
    clients: 'reference',
    targets: ['sim'],
    async run(stage) {
      const [left, right] = await opened(stage);
      await stage.sleep(1);
      await exchange(stage, left, right, [stage.payload()]);
      const arrived = stage.nowSecs();
      const acks = rudpOf(right.sent, 'Ack').length;
      await stage.until(() => rudpOf(right.sent, 'Ack').length > acks, 1, 'no Ack', 'RUD-012');
      const waited = stage.nowSecs() - arrived;
      stage.took(waited, { atMost: 0.02 }, 'RUD-012', 'the time until the Ack');
      const ack = rudpOf(right.sent, 'Ack').at(-1)!;
      stage.took(
        ack.numbers.delayMicros! / 1e6,
        { atLeast: waited - 1e-3, atMost: waited + 1e-3 },
        'RUD-011',
        'the delay it names',
      );
      const before = rudpOf(right.sent, 'Ack').length;
      right.inject(writeRudp('Data', { tag: identityOf(right), number: 9, sequence: 9, chunk: Uint8Array.of(1) }));
      stage.equal(rudpOf(right.sent, 'Ack').length, before + 1, 'RUD-012', 'a gap was not acknowledged at once');
      left.abort();
    },
  }),
  scenario({
    id: 'RUD-4W7F',
    title: 'a chunk is sent again as soon as one sent three later is acknowledged',
    clauses: ['RUD-014'],
    kind: 'example',
    clients: 'reference',
    targets: ['sim'],
    async run(stage) {
      const [left, right] = await opened(stage);
      // Slow enough that the time threshold would take much longer.
      stage.net.conditions(left.host, { delayMillis: 200 });
      await exchange(stage, left, right, [stage.payload()]);
      await stage.sleep(2);
      const first = rudpOf(left.sent, 'Data').length;
      const times: number[] = [];
      left.filter = (bytes, count) => {
        if (bytes[0] === KINDS.Data) times.push(stage.nowSecs());
        return bytes[0] === KINDS.Data && count === first + 1 ? 'drop' : 'pass';
      };
      await exchange(stage, left, right, [stage.payload(6000)]);
      const data = rudpOf(left.sent, 'Data').slice(first);
      const lost = data[0]!.numbers.sequence;
      const again = data.findIndex((each, index) => index > 0 && each.numbers.sequence === lost);
      stage.check(again > 0, 'RUD-014', 'the lost chunk was not sent again');
      stage.took(
        times[again]! - times[0]!,
        { atMost: 0.45 },
        'RUD-014',
        'the time until the lost chunk was sent again',
      );
    },
  }),
  scenario({
    id: 'RUD-5X8G',
    title: 'a chunk that nothing follows is probed for again and again, at most two seconds apart',
    clauses: ['RUD-015'],
    kind: 'example',
    clients: 'reference',
    targets: ['sim'],
    async run(stage) {
      const [left, right] = await opened(stage);
      await exchange(stage, left, right, [stage.payload()]);
      await stage.sleep(0.5);
      const times: number[] = [];
      left.filter = (bytes) => {
        if (bytes[0] === KINDS.Data) times.push(stage.nowSecs());
        return 'drop';
      };
      left.write(stage.payload());
      await stage.sleep(9);
      const pauses = times.map((time, index) => time - (times[index - 1] ?? time)).filter((pause) => pause > 0.001);
      stage.took(pauses[0]!, { atLeast: 0.01, atMost: 0.2 }, 'RUD-015', 'the first pause');
      pauses.slice(1).forEach((pause, index) => {
        const doubled = Math.min(2, 2 * pauses[index]!);
        stage.took(pause, { atLeast: doubled - 0.01, atMost: doubled + 0.01 }, 'RUD-015', `pause ${index + 2}`);
      });
      stage.check(pauses.length >= 8, 'RUD-015', `only ${pauses.length} probes in nine seconds`);
      left.filter = () => 'pass';
      await stage.until(() => right.delivered.length === 2, 3, 'the probe did not deliver the chunk', 'RUD-015');
    },
  }),
  scenario({
    id: 'RUD-6Y9H',
    title: 'a path of 4 Mbit/s is filled, not flooded, and one loss in a hundred hardly slows it',
    clauses: ['RUD-022', 'RUD-030'],
    kind: 'property',
    clients: 'reference',
    // The bandwidth of a real loopback cannot be set.
    targets: ['sim'],
    runs: 4,
    plan: () => fc.record({ lossPerMille: fc.constantFrom(0, 10, 30), delayMillis: fc.integer({ min: 10, max: 60 }) }),
    async run(stage, { lossPerMille, delayMillis }) {
      const [left, right] = await opened(stage);
      stage.net.conditions(left.host, { delayMillis, lossPerMille, bandwidthBitsPerSec: 4_000_000 });
      const messages = Array.from({ length: 20 }, () => stage.payload(100_000));
      const began = stage.nowSecs();
      await exchange(stage, left, right, messages);
      const secs = stage.nowSecs() - began;
      const payloadSecs = (2_000_000 * 8) / 4_000_000;
      const share = (1 - lossPerMille / 1000) * (1187 / 1228);
      stage.took(secs, { atMost: payloadSecs / share / 0.8 }, 'RUD-030', 'the time for 2 MB at 4 Mbit/s');
      const wanted = 2_000_000 / 1187;
      const sent = rudpOf(left.sent, 'Data').length;
      stage.check(
        sent <= wanted * (1.2 + lossPerMille / 500),
        'RUD-022',
        `${sent} Data datagrams were sent where ${Math.ceil(wanted)} would do`,
      );
    },
  }),
];
