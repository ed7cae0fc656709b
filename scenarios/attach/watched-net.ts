/**
 * A NetControl with every fault in the sequence diagram, unknown hosts refused, and words refused that the target cannot do.
 */
import { FAULT_WORDS } from '../../sim/index.ts';
import type { Fault } from '../../sim/index.ts';
import type { TargetName } from '../api.ts';
import { show } from './describe.ts';
import { HarnessFault } from './failures.ts';
import type { Journal } from './journal.ts';
import type { NetControl } from './net-control.ts';

export type WatchedNetOptions = {
  readonly target: TargetName;
  readonly net: NetControl;
  readonly journal: Journal;
  /** Throws when there is no such host. */
  readonly check: (host: string) => void;
};

/** Wraps the control of a target. */
export function watchedNet({ target, net, journal, check }: WatchedNetOptions): NetControl {
  const note = (host: string, label: string): void => {
    check(host);
    journal.step({ from: host, label, mark: 'fault' });
  };
  const losesPower = (host: string): void => {
    for (const subject of journal.subjects) if (subject.host === host) subject.gone = true;
  };
  return {
    fault: async (fault) => {
      refuseImpossible(fault, target);
      const hosts = hostsOf(fault);
      for (const host of hosts) check(host);
      journal.step({ from: hosts[0] ?? 'scenario', label: `fault ${show(fault)}`, mark: 'fault' });
      if (fault.fault === 'crash') losesPower(fault.host);
      await net.fault(fault);
    },
    conditions: (host, conditions) => {
      note(host, `conditions ${show(conditions)}`);
      net.conditions(host, conditions);
    },
    partition: (host) => {
      note(host, 'partition');
      net.partition(host);
    },
    heal: (host) => {
      note(host, 'heal');
      net.heal(host);
    },
    resetConnections: (host) => {
      note(host, 'all connections reset');
      net.resetConnections(host);
    },
    disk: (host, faults) => {
      note(host, `disk ${show(faults)}`);
      net.disk(host, faults);
    },
    crash: (host) => {
      note(host, 'crash');
      losesPower(host);
      return net.crash(host);
    },
    restart: (host) => {
      note(host, 'restart');
      return net.restart(host);
    },
  };
}

function refuseImpossible({ fault }: Fault, target: TargetName): void {
  if (target === 'sim' || FAULT_WORDS[fault].on === 'all') return;
  throw new HarnessFault(
    `the fault "${fault}" cannot be done on ${target}, only on sim; give the case targets: ['sim']`,
  );
}

/** The hosts a fault names; in a scenario links and NATs go by the name of their host. */
function hostsOf(fault: Fault): readonly string[] {
  if ('host' in fault) return [fault.host];
  if ('link' in fault) return [fault.link];
  if ('nat' in fault) return [fault.nat];
  if ('links' in fault) return fault.links;
  if ('between' in fault) return fault.between.flat();
  return 'from' in fault ? [...fault.from, ...fault.to] : [];
}
