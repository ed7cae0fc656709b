/**
 * The determinism guard: while it is on, asking the real machine for time, randomness or a timer throws.
 *
 * It covers what hangs on `globalThis`. It cannot see functions that were captured before, nor modules such as
 * `node:crypto`; lint rules are the second net for those. Use: `const guard = installGuard(onViolation); guard.remove()`.
 * Several worlds may run at once; the originals come back when the last guard is removed.
 */
import { SimError } from './errors.ts';

type Holder = Record<string, unknown>;
type Saved = { readonly holder: Holder; readonly name: string; readonly own: PropertyDescriptor | undefined };

export type Guard = { remove(): void };

const world = globalThis as unknown as Holder;

/** Functions that are replaced, as paths from `globalThis`, and what to call instead. `Date` is handled by itself. */
const BANNED: readonly (readonly [path: string, instead: string])[] = [
  ['Math.random', 'platform.randomUint32() or world.stream(name)'],
  ['setTimeout', 'platform.setTimer() or world.sleep()'],
  ['setInterval', 'platform.setTimer() or world.sleep()'],
  ['setImmediate', 'platform.setTimer() or world.sleep()'],
  ['crypto.getRandomValues', 'platform.randomUint32() or world.stream(name)'],
  ['crypto.randomUUID', 'platform.randomUint32() or world.stream(name)'],
  ['performance.now', 'platform.monotonicMicros() or world.nowMicros'],
  ['fetch', 'platform.connectTcp()'],
];

let saved: Saved[] = [];
/** Every guard that is on hears of a violation: which world the offender belongs to cannot be known. */
const listeners = new Set<(error: SimError) => void>();

/** Puts the guard on; `onViolation` also hears of errors that the offender swallows. */
export function installGuard(onViolation: (error: SimError) => void): Guard {
  if (listeners.size === 0) replaceAll();
  listeners.add(onViolation);
  return {
    remove: (): void => {
      if (listeners.delete(onViolation) && listeners.size === 0) restoreAll();
    },
  };
}

function violation(path: string, instead: string): SimError {
  const message = `${path} was called inside a simulated run, which would make it irreproducible; use ${instead}`;
  const error = new SimError('guard', message);
  for (const listener of listeners) listener(error);
  return error;
}

function replaceAll(): void {
  for (const [path, instead] of BANNED) {
    const parts = path.split('.');
    const holder = parts.length === 1 ? world : (world[parts[0]!] as Holder | undefined);
    const name = parts.at(-1)!;
    if (typeof holder?.[name] !== 'function') continue;
    replace(holder, name, (): never => {
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
