/**
 * The globals of one process: those that ask for time, chance, the network or the garbage collector are the host's own,
 * everything else is the real one of this realm, so that `instanceof` works across modules and hosts.
 */
import type { NodeClock } from './clock.ts';
import type { ProcessLife } from './process-life.ts';
import { refusedFunction } from './refused.ts';
import type { Timers } from './timers.ts';

/** What `createGlobals` needs besides the process. */
export type GlobalParts = {
  readonly clock: NodeClock;
  readonly timers: Timers;
  readonly process: object;
  readonly console: object;
  readonly webcrypto: unknown;
};

const TWO_26 = 0x400_0000;
const TWO_27 = 0x800_0000;

/** Name and value of every global that differs from the real one. */
export function createGlobals(life: ProcessLife, parts: GlobalParts): Readonly<Record<string, unknown>> {
  const { clock, timers } = parts;
  const own: Record<string, unknown> = {
    Date: clock.Date,
    Math: seededMath(life),
    performance: clock.performance,
    setTimeout: timers.setTimeout,
    setInterval: timers.setInterval,
    setImmediate: timers.setImmediate,
    clearTimeout: timers.clear,
    clearInterval: timers.clear,
    clearImmediate: timers.clear,
    process: parts.process,
    console: parts.console,
    crypto: parts.webcrypto,
    AbortSignal: abortSignal(timers),
    WeakRef: StrongRef,
    FinalizationRegistry: IdleRegistry,
    ...Object.fromEntries(
      ['fetch', 'WebSocket', 'EventSource', 'MessageChannel', 'BroadcastChannel', 'Worker'].map((name) => [
        name,
        name in globalThis ? refusedFunction(name, 'use the modules net and dgram') : undefined,
      ]),
    ),
  };
  const global = Object.create(
    globalThis,
    Object.fromEntries(
      Object.entries(own).map(([name, value]) => [name, { value, writable: true, configurable: true }]),
    ),
  ) as Record<string, unknown>;
  own.global = global;
  own.globalThis = global;
  global.global = global;
  global.globalThis = global;
  return own;
}

/** 53 random bits from a stream of the world, as V8 gives from its own. */
function seededMath(life: ProcessLife): object {
  const stream = life.world.stream(`host:${life.host.name}:node-random`);
  const random = (): number => ((stream.uint32() >>> 6) * TWO_27 + (stream.uint32() >>> 5)) / (TWO_26 * TWO_27);
  const descriptors = Object.getOwnPropertyDescriptors(Math);
  return Object.create(Object.prototype, {
    ...descriptors,
    random: { value: random, writable: true, configurable: true },
  }) as object;
}

function abortSignal(timers: Timers): object {
  const timeout = (millis: number): AbortSignal => {
    const controller = new AbortController();
    timers.setTimeout(() => {
      controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    }, millis);
    return controller.signal;
  };
  return new Proxy(AbortSignal, {
    get: (target, name) => (name === 'timeout' ? timeout : (Reflect.get(target, name, target) as unknown)),
  });
}

/** A WeakRef whose target is never collected, which the language allows: the garbage collector decides nothing. */
class StrongRef<T extends object> {
  readonly #target: T;

  constructor(target: T) {
    this.#target = target;
  }

  deref(): T {
    return this.#target;
  }
}

/** A FinalizationRegistry that never calls back, which the language allows. */
class IdleRegistry {
  register(): void {
    // Nothing is ever reported, so nothing needs to be known.
  }

  unregister(): boolean {
    return false;
  }
}
