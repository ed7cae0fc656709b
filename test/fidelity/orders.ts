/**
 * Laws that must hold for every order of packets: each row runs all schedules within its limits and counts.
 *
 * `npm run fidelity -- orders` takes larger windows than the tests.
 */
import { explore } from '../../scenarios/exhaustive/explore.ts';
import type { Exploration } from '../../scenarios/exhaustive/explore.ts';
import { MODELS } from '../../scenarios/exhaustive/models/index.ts';
import { CLASSIC_KINDS, isPunchable, punching } from '../../scenarios/exhaustive/models/punching.ts';
import type { FidelityRow } from './model.ts';

/** Packets in a window: without a fault, with one fault, and of the probes of two ends. */
export type OrdersScale = { readonly free: number; readonly withFault: number; readonly probes: number };

const SCALE: OrdersScale = { free: 8, withFault: 6, probes: 8 };
const TCP_LAWS: readonly (readonly [model: string, law: string])[] = [
  ['tcp-open', 'RFC 9293 3.5: two ends that dial each other come to one connection'],
  ['tcp-close', 'RFC 9293 3.6: two ends that close at once get all data and forget the connection'],
  ['tcp-reopen', 'RFC 9293 3.6.1: a new connection between the same ports takes nothing of the old one'],
  ['tcp-data', 'RFC 9293 3.10.7.4: data arrives once and in order'],
];

/** All rows. */
export async function ordersLaws(scale: OrdersScale = SCALE): Promise<readonly FidelityRow[]> {
  const rows = [await classicCells(scale.probes)];
  for (const [name, law] of TCP_LAWS) {
    rows.push(await tcpRow(name, law, scale.free, 0), await tcpRow(name, law, scale.withFault, 1));
  }
  return rows;
}

function every(name: string, packetsMax: number, faultsMax: number): Promise<Exploration> {
  const model = MODELS.get(name)!;
  const limits = { ...model.limits, packetsMax, faultsMax };
  return explore(model, { seed: 1, limits, reduce: true, schedulesMax: Infinity, isOver: () => false, goOn: true });
}

/** RFC 3489: which of the 16 ordered pairs come together whatever the order, and which never do. */
async function classicCells(packetsMax: number): Promise<FidelityRow> {
  let [always, never, schedules] = [0, 0, 0];
  let holds = true;
  for (const a of CLASSIC_KINDS) {
    for (const b of CLASSIC_KINDS) {
      const model = punching(a, b);
      const limits = { ...model.limits, packetsMax };
      const found = await explore(model, {
        seed: 1,
        limits,
        reduce: false,
        schedulesMax: Infinity,
        isOver: () => false,
        goOn: true,
      });
      const outcomes = [...found.outcomes.keys()];
      if (outcomes.length === 1 && outcomes[0] === 'direct') always += 1;
      if (outcomes.length === 1 && outcomes[0] === 'not direct') never += 1;
      schedules += found.schedules;
      holds &&= found.failureCount === 0 && outcomes[0] === (isPunchable(a, b) ? 'direct' : 'not direct');
    }
  }
  return {
    area: 'orders',
    law: `RFC 3489: plain punching of 4 x 4 NATs, for all orders of ${packetsMax} packets`,
    expected: '13 of 16 direct in every order, 3 in none',
    measured: `${always} in every order, ${never} in none (${schedules} schedules)`,
    holds: holds && always === 13 && never === 3,
  };
}

async function tcpRow(name: string, law: string, packetsMax: number, faultsMax: number): Promise<FidelityRow> {
  const { schedules, failureCount, outcomes, isExhausted } = await every(name, packetsMax, faultsMax);
  const window = `${packetsMax} packets${faultsMax === 0 ? '' : `, ${faultsMax} lost, doubled or late`}`;
  return {
    area: 'orders',
    law: `${law}, for all orders of ${window}`,
    expected: 'no schedule fails, one outcome',
    measured: `${failureCount} of ${schedules} fail, ${outcomes.size} outcome${outcomes.size === 1 ? '' : 's'}`,
    holds: isExhausted && failureCount === 0 && outcomes.size === 1 && schedules > 1,
  };
}
