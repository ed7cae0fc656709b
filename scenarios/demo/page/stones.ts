/**
 * What can be thrown at a thing: buttons that make lines of the script, from the vocabulary of faults alone. No document.
 */
import type { Fault } from '../../../sim/index.ts';
import type { DemoFault } from '../script.ts';
import type { Thing } from './things.ts';

export type Stone = {
  readonly text: string;
  readonly faults: readonly (Fault | DemoFault)[];
  /** What it would end or begin must be so: shown, but not to be pressed, otherwise. */
  readonly isPossible: boolean;
};

/** What is known of the thing now. */
export type Situation = {
  /** Words of its conditions. */
  readonly ills: readonly string[];
  /** Whether the host is in a network that is not its own. */
  readonly isAway: boolean;
};

/** Some tenths and seconds; ours: enough to see. */
const LOSS_PER_MILLE = 300;
const DELAY_MICROS = 200_000;
const JITTER_MICROS = 50_000;
const FEW_PER_MILLE = 200;
const DAMAGE_PER_MILLE = 100;
const EXTRA_MICROS = 100_000;
const NARROW_BITS = 64_000;
/** Without any network while it moves. */
export const GAP_MICROS = 500_000;
const HOUR_MICROS = 3_600_000_000;

/** The stones for a link. */
function stonesForLink(link: string, { ills }: Situation): readonly Stone[] {
  const isDown = ills.includes('down');
  const isHeld = ills.includes('held');
  const always = (text: string, fault: Fault): Stone => ({ text, faults: [fault], isPossible: true });
  return [
    isDown ? always('Put it up', { fault: 'linkUp', link }) : always('Cut it', { fault: 'linkDown', link }),
    isHeld ? always('Let packets go on', { fault: 'release', link }) : always('Hold packets', { fault: 'hold', link }),
    always('Lose 30 %', { fault: 'loss', link, perMille: LOSS_PER_MILLE }),
    always('200 ms, and jitter', { fault: 'delay', link, micros: DELAY_MICROS, jitterMicros: JITTER_MICROS }),
    always('Double 20 %', { fault: 'duplication', link, perMille: FEW_PER_MILLE }),
    always('Reorder 20 %', { fault: 'reordering', link, perMille: FEW_PER_MILLE, extraMicros: EXTRA_MICROS }),
    always('Damage 10 %', { fault: 'corruption', link, perMille: DAMAGE_PER_MILLE }),
    always('Only 64 kbit/s', { fault: 'narrowing', link, bitsPerSecond: NARROW_BITS }),
    {
      text: 'Mend all',
      faults: [
        ...(isDown ? [{ fault: 'linkUp', link } as const] : []),
        ...(isHeld ? [{ fault: 'release', link } as const] : []),
        { fault: 'mend', link },
      ],
      isPossible: ills.length > 0,
    },
  ];
}

/** The stones for a host. */
function stonesForHost(host: string, { ills, isAway }: Situation): readonly Stone[] {
  const is = (state: string): boolean => ills.includes(state);
  const isUp = !is('crashed');
  const either = (state: string, begin: Stone, end: Stone): Stone => (is(state) ? end : begin);
  const one = (text: string, fault: Fault | DemoFault, isPossible = isUp): Stone => ({
    text,
    faults: [fault],
    isPossible,
  });
  return [
    either('crashed', one('Crash', { fault: 'crash', host }), one('Start again', { fault: 'restart', host }, true)),
    either('asleep', one('Close the lid', { fault: 'suspend', host }), one('Open the lid', { fault: 'wake', host })),
    either(
      'paused',
      one('Freeze its program', { fault: 'pause', host }),
      one('Let it go on', { fault: 'resume', host }),
    ),
    either(
      'cut off',
      one('Cut it off', { fault: 'isolate', host }, true),
      one('Heal all cuts', { fault: 'heal' }, true),
    ),
    either(
      'unplugged',
      one('Unplug', { fault: 'interfaceDown', host }),
      one('Plug in', { fault: 'interfaceUp', host }),
    ),
    one('Reset its connections', { fault: 'reset', host }),
    one('Another address', { fault: 'renumber', host }),
    one('Clock an hour on', { fault: 'clockStep', host, deltaMicros: HOUR_MICROS }),
    one('Carry it home', { fault: 'comeHome', host, gapMicros: GAP_MICROS }, isUp && isAway),
  ];
}

/** The stones for a router; its class is a choice of its own. */
function stonesForRouter(nat: string): readonly Stone[] {
  return [
    { text: 'Reboot: forget the table', faults: [{ fault: 'natReboot', nat }], isPossible: true },
    { text: 'Another address outside', faults: [{ fault: 'natRenumber', nat }], isPossible: true },
  ];
}

/** The stones for what is chosen. */
export function stonesFor(thing: Thing, situation: Situation): readonly Stone[] {
  if (thing.kind === 'link') return stonesForLink(thing.name, situation);
  if (thing.kind === 'host') return stonesForHost(thing.name, situation);
  return thing.kind === 'nat' ? stonesForRouter(thing.name) : [];
}
