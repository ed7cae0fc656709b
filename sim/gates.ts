/**
 * Gates before what the guard cannot replace and put back for every run: methods of built-in prototypes, functions of
 * Node's modules, values of `process`. A gate is laid once, with the first run of the process, and stays; it is shut while
 * a run is on, and outside of runs calls what it stands before.
 *
 * Node's own code may pass at any time. Without Node (a browser) the gates of its modules are left out. Functions that
 * somebody took hold of before the first run have no gate; the comparison of two runs is the net for those.
 */
import { GATED_BUILT_INS, GATED_LOCALES, GATED_MODULES, GATED_PROCESS, GATED_PROCESS_VALUES } from './guard-list.ts';

type Holder = Record<string, unknown>;
type AnyFunction = (...parts: unknown[]) => unknown;

/** Told of every knock at a shut gate; throws when the run must end. */
export type OnKnock = (what: string, instead: string) => void;

/** The parts of Node's `process` that are needed to reach its modules; absent elsewhere. */
type NodeProcess = Holder & { getBuiltinModule?: (name: string) => Holder | undefined };

let isLaid = false;

/** Lays every gate there is something to lay before; only the first call does anything. */
export function layGates(onKnock: OnKnock): void {
  if (isLaid) return;
  isLaid = true;
  const world = globalThis as unknown as Holder;
  for (const [owner, names, instead] of GATED_BUILT_INS) {
    for (const name of names.split(' ')) gateAt(find(world, owner), name, () => onKnock(`${owner}.${name}`, instead));
  }
  const locale = 'the form that names a locale: the default one depends on the machine';
  for (const [owner, names, localeAt] of GATED_LOCALES) {
    for (const name of names.split(' ')) {
      gateAt(find(world, owner), name, (parts) => {
        if (parts[localeAt] === undefined) onKnock(`${owner}.${name} without a locale`, locale);
      });
    }
  }
  layNodeGates(world.process as NodeProcess | undefined, onKnock);
}

function layNodeGates(process: NodeProcess | undefined, onKnock: OnKnock): void {
  const load = process?.getBuiltinModule;
  if (process === undefined || typeof load !== 'function') return;
  for (const [module, names, instead] of GATED_MODULES) {
    const holder = load(module);
    for (const name of functionNames(holder, names)) {
      gateAt(holder, name, () => onKnock(`${module}.${name}`, instead));
    }
  }
  for (const [names, instead] of GATED_PROCESS) {
    for (const name of names.split(' ')) gateAt(process, name, () => onKnock(`process.${name}`, instead));
  }
  for (const [names, instead] of GATED_PROCESS_VALUES) {
    for (const name of names.split(' ')) gateValue(process, name, () => onKnock(`process.${name}`, instead));
  }
  // Named imports of built-in modules see the gates only after this.
  (load('module')?.syncBuiltinESMExports as AnyFunction | undefined)?.();
}

function functionNames(holder: Holder | undefined, names: string): readonly string[] {
  if (names !== '*') return names.split(' ');
  return Object.keys(holder ?? {}).filter((name) => typeof holder?.[name] === 'function' && !name.endsWith('Sync'));
}

function find(world: Holder, path: string): Holder | undefined {
  return path.split('.').reduce<Holder | undefined>((holder, name) => holder?.[name] as Holder | undefined, world);
}

/** Lays a gate before one function, with everything that hangs on it, as `hrtime.bigint` does. */
function gateAt(holder: Holder | undefined, name: string, knock: (parts: readonly unknown[]) => void): void {
  const original = holder?.[name];
  if (holder === undefined || typeof original !== 'function') return;
  const own = Object.getOwnPropertyDescriptor(holder, name);
  if (own !== undefined && own.configurable !== true) return;
  const value = new Proxy(original as AnyFunction, {
    apply(target, self, parts: unknown[]): unknown {
      knock(parts);
      return Reflect.apply(target, self, parts);
    },
    construct(target, parts: unknown[], newTarget): object {
      knock(parts);
      return Reflect.construct(target, parts, newTarget) as object;
    },
    get(target, property, receiver): unknown {
      const member: unknown = Reflect.get(target, property, receiver);
      // `hrtime.bigint` and `memoryUsage.rss` ask the machine as well.
      if (typeof member !== 'function' || !Object.hasOwn(target, property) || property === 'prototype') return member;
      knock([]);
      return member;
    },
  });
  Object.defineProperty(holder, name, {
    value,
    configurable: true,
    writable: true,
    enumerable: own?.enumerable ?? false,
  });
}

function gateValue(holder: Holder, name: string, knock: () => void): void {
  const own = Object.getOwnPropertyDescriptor(holder, name);
  if (own?.configurable !== true) return;
  let value: unknown = own.get === undefined ? own.value : undefined;
  Object.defineProperty(holder, name, {
    get(): unknown {
      knock();
      return own.get === undefined ? value : (own.get.call(holder) as unknown);
    },
    set(next: unknown) {
      if (own.set === undefined) value = next;
      else own.set.call(holder, next);
    },
    configurable: true,
    enumerable: own.enumerable ?? false,
  });
}
