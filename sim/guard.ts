/**
 * The determinism guard: while it is on, asking the real machine for time, randomness, a timer, its memory, its locale or a
 * thread throws.
 *
 * Functions of `globalThis` are replaced for the time of a run; methods of built-in prototypes, `process` and Node's
 * modules have gates (gates.ts) that are shut meanwhile. It cannot see functions that were captured before the first run;
 * comparing two runs (divergence.ts) is the net for those. Use: `const guard = installGuard(onViolation); guard.remove()`.
 * Several worlds may run at once; the originals come back when the last guard is removed.
 */
import { SimError } from './errors.ts';
import { layGates } from './gates.ts';
import { BANNED_GLOBALS } from './guard-list.ts';

type Holder = Record<string, unknown>;
type Saved = { readonly holder: Holder; readonly name: string; readonly own: PropertyDescriptor | undefined };

export type Guard = { remove(): void };

/** What a guard covers: `globals` leaves the gates open, for packages that use Node's modules inside a run. */
export type GuardScope = 'all' | 'globals';

type Listener = (error: SimError) => void;

const world = globalThis as unknown as Holder;

let saved: Saved[] = [];
let isLifted = false;
/** Every guard that is on hears of a violation: which world the offender belongs to cannot be known. */
const listeners = new Map<Listener, GuardScope>();

/** Puts the guard on; `onViolation` also hears of errors that the offender swallows. */
export function installGuard(onViolation: Listener, scope: GuardScope = 'all'): Guard {
  if (scope === 'all') layGates(knock);
  if (listeners.size === 0) replaceAll();
  listeners.set(onViolation, scope);
  return {
    remove: (): void => {
      if (listeners.delete(onViolation) && listeners.size === 0) restoreAll();
    },
  };
}

/** At a gate: open while every run that is on leaves them open, and always for Node's own code. */
function knock(what: string, instead: string): void {
  if (listeners.size === 0 || isLifted) return;
  for (const scope of listeners.values()) {
    if (scope === 'all' && !isAskedByNode()) throw violation(what, instead);
  }
}

/** Whether the caller of the gate is code of Node itself, as when the console asks for the colours of a terminal. */
function isAskedByNode(): boolean {
  const frames = (new Error().stack ?? '').split('\n').slice(1);
  const caller = frames.find((frame) => !GATE_FRAME.test(frame));
  return caller !== undefined && /[( ]node:/.test(caller);
}

/** Frames of the gates themselves, from source and from a build. */
const GATE_FRAME = /sim\/(?:guard|gates)\.[jt]s|Object\.(?:apply|get|construct) \[as/;

/** Runs a tool of the machine (a compiler, say) that no decision of a run depends on, with the guard off meanwhile. */
export function withoutGuard<T>(action: () => T): T {
  if (listeners.size === 0) return action();
  restoreAll();
  isLifted = true;
  try {
    return action();
  } finally {
    isLifted = false;
    replaceAll();
  }
}

function violation(path: string, instead: string): SimError {
  const message = `${path} was called inside a simulated run, which would make it irreproducible; use ${instead}`;
  const error = new SimError('guard', message);
  for (const listener of listeners.keys()) listener(error);
  return error;
}

function replaceAll(): void {
  for (const [path, instead] of BANNED_GLOBALS) {
    const parts = path.split('.');
    const holder = parts.length === 1 ? world : (world[parts[0]!] as Holder | undefined);
    const name = parts.at(-1)!;
    if (typeof holder?.[name] !== 'function') continue;
    // An ordinary function, because some of these are called with `new`.
    replace(holder, name, function banned(): never {
      throw violation(path, instead);
    });
  }
  replace(world, 'Date', guardedDate(Date));
}

function guardedDate(original: DateConstructor): DateConstructor {
  const instead = 'platform.wallMillis()';
  return new Proxy(original, {
    construct(target, parts, newTarget): object {
      if (parts.length === 0) throw violation('new Date()', instead);
      if (parts.length > 1) throw violation('new Date() of parts in local time', 'Date.UTC');
      return Reflect.construct(target, parts, newTarget === guarded() ? target : newTarget) as object;
    },
    apply(): never {
      throw violation('Date()', instead);
    },
    get(target, name, receiver): unknown {
      if (name !== 'now') return Reflect.get(target, name, receiver);
      return (): never => {
        throw violation('Date.now', instead);
      };
    },
  });
}

function guarded(): unknown {
  return world.Date;
}

function replace(holder: Holder, name: string, value: unknown): void {
  saved.push({ holder, name, own: Object.getOwnPropertyDescriptor(holder, name) });
  Object.defineProperty(holder, name, { value, configurable: true, writable: true, enumerable: false });
}

function restoreAll(): void {
  for (const { holder, name, own } of saved.reverse()) {
    if (own === undefined) Reflect.deleteProperty(holder, name);
    else Object.defineProperty(holder, name, own);
  }
  saved = [];
}
