/** The machines of hole punching: tables, laws of prediction, targets, and pairs of connectors under awkward conditions. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { PUNCH_INPUTS, PUNCH_MOVES, PUNCH_STATES } from '../../impl/core/punching/punch-states.ts';
import { PREDICTION_WINDOW, predictedPorts, readNat } from '../../impl/core/punching/prediction.ts';
import { certainTargets, mustWait, targetsOf } from '../../impl/core/punching/targets.ts';
import { Punching } from '../../impl/core/punching/punching.ts';
import type { Side } from '../../impl/core/punching/types.ts';
import { decodePunchingDatagram, encodeProbe, encodeProbeAck } from '../../impl/wire/index.ts';
import { KIND_NAMES, MATRIX_KINDS, expectedLetter, matrixCells } from '../../scenarios/nat/expected.ts';
import { ConnectorPair } from './connector-pair.ts';

const side = (changes: Partial<Side> = {}): Side => ({
  candidates: [
    { kind: 'host', endpoint: { address: '192.168.1.2', port: 1000 } },
    { kind: 'serverReflexive', endpoint: { address: '203.0.113.1', port: 2000 } },
  ],
  publicAddress: '203.0.113.1',
  mapping: 'independent',
  predictedPort: 0,
  predictedStep: 0,
  ...changes,
});
/** Another machine of the same home. */
const near = side({
  candidates: [
    { kind: 'host', endpoint: { address: '192.168.1.3', port: 1000 } },
    { kind: 'serverReflexive', endpoint: { address: '203.0.113.1', port: 2000 } },
  ],
});
const sequential = (predictedPort: number, publicAddress = '203.0.113.2', predictedStep = 1): Side =>
  side({ mapping: 'sequential', predictedPort, predictedStep, publicAddress });

describe('the state table', () => {
  test('every move leads to a state, ends are final, and only they are', () => {
    for (const state of PUNCH_STATES) {
      for (const input of PUNCH_INPUTS) {
        const next = PUNCH_MOVES[state][input];
        if (next !== undefined) expect(PUNCH_STATES).toContain(next);
      }
      const isFinal = Object.keys(PUNCH_MOVES[state]).length === 0;
      expect(isFinal).toBe(state === 'connected' || state === 'failed');
    }
  });

  test('any sequence of inputs drains, and nothing comes after the end', () => {
    const from = { address: '203.0.113.9', port: 9 };
    for (let seed = 0; seed < 200; seed += 1) {
      const machine = new Punching(0, { token: 5n, role: 'inviter', patienceMicros: 1_000_000 });
      let bits = seed * 2_654_435_761;
      for (let step = 1; step < 20; step += 1) {
        const now = step * 60_000;
        const choice = (bits >>> step) % 5;
        bits = Math.imul(bits, 1_103_515_245) + 12_345;
        if (choice === 0) machine.handleOwn(now, side());
        else if (choice === 1) machine.handlePeer(now, side({ publicAddress: '203.0.113.2' }));
        else if (choice === 2) machine.handleProbe(now, from, step);
        else if (choice === 3) machine.handleAck(from, step);
        else machine.handleTimer(now);
        let outputs = 0;
        while (machine.poll().kind !== 'wait') expect((outputs += 1)).toBeLessThan(200);
      }
      machine.giveUp('enough');
      const last = machine.poll();
      if (machine.state === 'failed' && last.kind === 'failed') expect(machine.poll().kind).toBe('wait');
    }
  });
});

describe('prediction', () => {
  test('two observations tell how a NAT maps', () => {
    const at = (port: number): { address: string; port: number } => ({ address: '203.0.113.1', port });
    expect(readNat(at(5000), at(5000)).mapping).toBe('independent');
    expect(readNat(at(5000), at(5002))).toEqual({ mapping: 'sequential', lastPort: 5002, step: 2 });
    expect(readNat(at(5000), at(4999)).step).toBe(-1);
    expect(readNat(at(5000), at(9000)).mapping).toBe('random');
    expect(readNat(at(5000), undefined).mapping).toBe('unknown');
  });

  test('a cone side hits when fewer than the window were taken meanwhile: x + 1 <= W', () => {
    const ports = predictedPorts(sequential(5000), 'independent', 'inviter');
    for (let taken = 0; taken < 30; taken += 1) {
      expect(ports.includes(5001 + taken)).toBe(taken + 1 <= PREDICTION_WINDOW);
    }
  });

  test('two sequential sides meet exactly when W >= x + 2y + 1, by single and double steps', () => {
    for (let x = 0; x < 12; x += 1) {
      for (let y = 0; y < 12; y += 1) {
        // The i-th new packet of a side leaves by its last port + taken + i.
        const [a, b] = [10_000, 20_000];
        const inviter = predictedPorts(sequential(b), 'sequential', 'inviter');
        const answerer = predictedPorts(sequential(a), 'sequential', 'answerer');
        const meets = inviter.some((toPort, i) =>
          answerer.some((backPort, j) => toPort === b + y + j + 1 && backPort === a + x + i + 1),
        );
        expect(meets, `x ${x}, y ${y}`).toBe(x + 2 * y + 1 <= PREDICTION_WINDOW);
      }
    }
  });

  test('ports that do not exist are not tried', () => {
    expect(predictedPorts(sequential(65_534), 'independent', 'inviter')).toEqual([65_535]);
    expect(predictedPorts(sequential(2, undefined, -1), 'independent', 'inviter')).toEqual([1]);
  });
});

describe('targets', () => {
  test('own addresses come first behind one address, and not at all behind another', () => {
    const far = side({ publicAddress: '203.0.113.7' });
    expect(targetsOf(side(), near, 'inviter').map(({ port }) => port)).toEqual([1000, 2000]);
    expect(targetsOf(far, side(), 'inviter').map(({ port }) => port)).toEqual([2000]);
    expect(certainTargets(far, side())).toEqual([]);
    expect(certainTargets(side(), near).map(({ port }) => port)).toEqual([1000]);
  });

  test('an address of the other that is the own one as well is nobody else', () => {
    const unmeasured = side({ publicAddress: null });
    expect(targetsOf(unmeasured, side(), 'inviter').map(({ port }) => port)).toEqual([2000]);
    expect(targetsOf(unmeasured, near, 'inviter').map(({ port }) => port)).toEqual([2000, 1000]);
    expect(certainTargets(unmeasured, side())).toEqual([]);
  });

  test("nothing is sent before the own measurement, nor before the peer's when both count", () => {
    expect(mustWait(sequential(0), side())).toBe(true);
    expect(mustWait(sequential(7), sequential(0, '203.0.113.9'))).toBe(true);
    expect(mustWait(sequential(7), sequential(9, '203.0.113.9'))).toBe(false);
    expect(mustWait(side(), sequential(0))).toBe(false);
  });
});

describe('datagrams', () => {
  test('what was encoded comes back, and anything else is nothing', () => {
    const token = (1n << 64n) - 2n;
    const observed = { address: '203.0.113.255', port: 65_535 };
    expect(decodePunchingDatagram(encodeProbe(token, 0xffff_ffff))).toEqual({
      kind: 'Probe',
      token,
      number: 0xffff_ffff,
    });
    expect(decodePunchingDatagram(encodeProbeAck(token, 1, observed))).toMatchObject({ kind: 'ProbeAck', observed });
    const ack = encodeProbeAck(token, 1, observed);
    for (let length = 0; length < ack.length; length += 1) {
      expect(decodePunchingDatagram(ack.subarray(0, length))).toBeUndefined();
    }
    expect(decodePunchingDatagram(Uint8Array.of(0x3f, 0, 0))).toBeUndefined();
  });
});

describe('the matrix', () => {
  test('is the table of chapter 18', () => {
    const chapter = readFileSync(new URL('../../spec/protocol/18-p2p.md', import.meta.url), 'utf8');
    for (const transport of ['udp', 'tcp'] as const) {
      const from = chapter.indexOf(`| ${transport.toUpperCase()} | open |`);
      const rows = chapter
        .slice(from)
        .split('\n')
        .slice(2, 2 + MATRIX_KINDS.length);
      for (const [at, kind] of MATRIX_KINDS.entries()) {
        const cells = rows[at]!.split('|')
          .slice(1, -1)
          .map((cell) => cell.trim());
        expect(cells[0]).toBe(KIND_NAMES[kind]);
        const wanted = MATRIX_KINDS.map((other, column) => (column < at ? '' : expectedLetter(transport, kind, other)));
        expect(cells.slice(1)).toEqual(wanted);
      }
    }
  });

  test('has 98 cells; 16 pairs are direct by plain UDP, 18 with prediction, 3 are left to guessing, 7 to TCP', () => {
    expect(matrixCells().length).toBe(98);
    const letters = MATRIX_KINDS.flatMap((a, at) => MATRIX_KINDS.slice(at).map((b) => expectedLetter('udp', a, b)));
    const count = (letter: string): number => letters.filter((each) => each === letter).length;
    expect([count('D'), count('D') + count('P'), count('B'), count('T')]).toEqual([16, 18, 3, 7]);
  });
});

describe('two connectors', () => {
  const run = (options: Partial<ConstructorParameters<typeof ConnectorPair>[0]>): ConnectorPair => {
    const pair = new ConnectorPair({
      seed: 3,
      inviterNat: 'portRestricted',
      answererNat: 'portRestricted',
      mode: 2,
      ...options,
    });
    pair.connect(30_000_000);
    return pair;
  };

  test.each([0, 20_000, 60_000, 100_000])(
    'find each other when the attempt begins %i us after the logon',
    (settleMicros) => {
      for (const mode of [1, 2]) {
        const pair = run({ settleMicros, mode });
        expect(pair.passesBytes(), `mode ${mode}`).toBe(true);
        pair.close();
      }
    },
  );

  test('find each other after the mappings of the logon have expired', () => {
    const pair = run({ settleMicros: 500_000_000, nat: { udpMappingMicros: 30_000_000 } });
    expect(pair.passesBytes()).toBe(true);
    pair.close();
  });

  test('leave nothing behind after the end', () => {
    for (const answererNat of ['open', 'portRestricted', 'symmetricRandom', 'udpBlocked'] as const) {
      const pair = run({ answererNat, mode: 0 });
      pair.close();
      for (const { host } of [pair.inviter, pair.answerer]) {
        expect(host.openResources()).toEqual({ timers: 0, connections: 0, listeners: 0, udpSockets: 0 });
      }
    }
  });

  test('show the same run twice', () => {
    const digest = (): string => {
      const pair = run({ mode: 0 });
      pair.close();
      return pair.world.digest();
    };
    expect(digest()).toBe(digest());
  });
});
