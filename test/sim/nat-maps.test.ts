/** The maps of a NAT's table against plain maps with texts as keys, with addresses whose hashes collide. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../sim/index.ts';
import type { Flow, NatDependence } from '../../sim/nat/behaviour.ts';
import { FlowMap, endpointHash } from '../../sim/nat/flow-map.ts';
import { Sessions, newSession } from '../../sim/nat/sessions.ts';
import type { Session } from '../../sim/nat/sessions.ts';

type End = readonly [address: Address, port: number];

/**
 * Three endpoints of one hash. Addresses whose hashes meet for one port do so for many, so the least hash an address comes to
 * is the same for all of them.
 */
function collidingEnds(): readonly End[] {
  const byHash = new Map<number, End[]>();
  for (let address = 1; ; address += 1) {
    let least: End = [address, 0];
    for (let port = 1; port < 256; port += 1) {
      if (endpointHash(address, port) < endpointHash(...least)) least = [address, port];
    }
    const same = [...(byHash.get(endpointHash(...least)) ?? []), least];
    if (same.length === 3) return same;
    byHash.set(endpointHash(...least), same);
  }
}

const ENDS: readonly End[] = [...collidingEnds(), [7, 9], [7, 10], ['2001:db8::7', 9]];

describe('Sessions', () => {
  it('behave as a map of texts, colliding endpoints included', () => {
    expect(new Set(ENDS.slice(0, 3).map((end) => endpointHash(...end))).size).toBe(1);
    const step = fc.record({ end: fc.nat(ENDS.length - 1), act: fc.constantFrom('set', 'delete', 'get') });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const sessions = new Sessions();
        const model = new Map<number, Session>();
        for (const { end, act } of steps) {
          const [address, port] = ENDS[end]!;
          expect(sessions.get(address, port)).toBe(model.get(end));
          if (act === 'set') {
            const session = newSession(address, port, 0);
            sessions.set(session);
            model.set(end, session);
          } else if (act === 'delete' && model.has(end)) {
            sessions.delete(model.get(end)!);
            model.delete(end);
          }
          expect(sessions.size).toBe(model.size);
          expect(new Set(sessions.values())).toEqual(new Set(model.values()));
        }
      }),
      { numRuns: 300 },
    );
  });
});

const DEPENDENCES = ['endpointIndependent', 'addressDependent', 'addressAndPortDependent'] as const;

function keyText(flow: Flow, dependence: NatDependence): string {
  const inner = `${flow.protocol} ${flow.innerAddress}:${flow.innerPort}`;
  if (dependence === 'endpointIndependent') return inner;
  return `${inner} ${flow.remoteAddress}${dependence === 'addressDependent' ? '' : `:${flow.remotePort}`}`;
}

describe('FlowMap', () => {
  const ends = fc.record({
    protocol: fc.constantFrom(6 as const, 17 as const),
    inner: fc.constantFrom(...ENDS.slice(0, 4)),
    remote: fc.constantFrom(...ENDS.slice(3)),
  });
  const act = fc.constantFrom('set', 'set', 'set', 'delete', 'moveToEnd', 'drop');
  const step = fc.record({ ends, dependence: fc.constantFrom(...DEPENDENCES), act, value: fc.nat(20) });

  it('behaves as a map of texts, in the same order', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
        const flows = new FlowMap<number>();
        const model = new Map<string, number>();
        for (const { ends: on, dependence, act: what, value } of steps) {
          const each = {
            protocol: on.protocol,
            innerAddress: on.inner[0],
            innerPort: on.inner[1],
            remoteAddress: on.remote[0],
            remotePort: on.remote[1],
          };
          const key = keyText(each, dependence);
          const known = model.get(key);
          expect(flows.get(each, dependence)).toBe(known);
          if (what === 'set') {
            flows.set(each, dependence, value);
            model.set(key, value);
          } else if (what === 'delete' || what === 'moveToEnd') {
            flows[what](each, dependence);
            model.delete(key);
            if (what === 'moveToEnd' && known !== undefined) model.set(key, known);
          } else {
            flows.dropWhere((old) => old === value);
            for (const [old, its] of model) if (its === value) model.delete(old);
          }
          expect([...flows.values()]).toEqual([...model.values()]);
          expect(flows.size).toBe(model.size);
        }
      }),
      { numRuns: 300 },
    );
  });
});
