/**
 * Two ends behind NATs that probe each other, with all orders in which their probes come to the other's NAT. What comes of it
 * follows from the two NATs alone (RFC 3489 section 5, RFC 5128): orders must not matter, because probes are repeated.
 */
import type { NatName, World } from '../../../sim/index.ts';
import { punchUdp } from '../../nat/punch-udp.ts';
import { natBehaviour } from '../../../sim/index.ts';
import { Arena } from '../arena.ts';
import type { Explorable, ScheduleEnd, ScheduleRun } from '../explore.ts';
import { messageOf } from '../explore.ts';
import { LIMITS_DEFAULT } from '../world-model.ts';

/** The four kinds of RFC 3489. */
export const CLASSIC_KINDS = [
  'fullCone',
  'restrictedCone',
  'portRestricted',
  'symmetric',
] as const satisfies readonly NatName[];
export type ClassicKind = (typeof CLASSIC_KINDS)[number];

/** Whether two ends behind such NATs come together by plain probing: 13 of the 16 ordered pairs. */
export function isPunchable(a: ClassicKind, b: ClassicKind): boolean {
  const isHard = (kind: ClassicKind): boolean => kind === 'portRestricted' || kind === 'symmetric';
  return !(isHard(a) && isHard(b)) || (a === 'portRestricted' && b === 'portRestricted');
}

/** Asking the server where one comes from takes two packets at each end. */
const REFLEXIVE_PACKETS = 4;

/** The model of one pair. */
export function punching(a: ClassicKind, b: ClassicKind): Explorable {
  return {
    name: `punch-${a}-${b}`,
    title: `probing between ${a} and ${b}: ${isPunchable(a, b) ? 'direct' : 'not direct'}, in whatever order probes arrive`,
    limits: { ...LIMITS_DEFAULT, skipPackets: REFLEXIVE_PACKETS, packetsMax: 4, settleMicros: 60_000 },
    run: (options) => Promise.resolve(punch(a, b, options)),
  };
}

function punch(a: ClassicKind, b: ClassicKind, { seed, limits, chooser, onWorld }: ScheduleRun): ScheduleEnd {
  const made: { world?: World } = {};
  try {
    const { isDirect } = punchUdp(
      { nats: [natBehaviour(a)] },
      { nats: [natBehaviour(b)] },
      {
        seed,
        onWorld: (world) => {
          made.world = world;
          onWorld?.(world);
          new Arena(world, limits, chooser).controlAllFrom('internet');
        },
      },
    );
    const outcome = isDirect ? 'direct' : 'not direct';
    const digest = made.world!.digest();
    if (isDirect === isPunchable(a, b)) return { digest, outcome };
    return { digest, outcome, error: new Error(`${a} and ${b}: ${outcome}, and it must be the other`) };
  } catch (error) {
    return { digest: made.world?.digest() ?? '', outcome: messageOf(error), error };
  }
}
