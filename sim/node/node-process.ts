/**
 * A Node process on a virtual host: unmodified JavaScript, loaded from the machine's disk, that sees the host's network,
 * clocks and names through `net`, `dgram`, `dns`, timers, `Date`, `os`, `crypto` and `process`.
 *
 * ```ts
 * const broker = startNode(host, { from: import.meta.url });
 * const { Aedes } = broker.require('aedes') as typeof import('aedes');
 * ```
 *
 * Run it inside `world.run`: promises do not settle in `runUntil`. The process ends with the life of its host; after a restart
 * start a new one (`host.runProgram(() => main(startNode(host, ...)))` does so by itself). An error that the code throws in a
 * callback fails the run; one thrown later, in a tick or a promise job, is an uncaught error of the real process, as it would be
 * in Node.
 */
import { fileURLToPath } from 'node:url';
import type { Host } from '../host.ts';
import { createBuiltins } from './builtins.ts';
import { ModuleGraph } from './module-graph.ts';
import type { NodeProcessOptions } from './process.ts';
import { ProcessLife } from './process-life.ts';

export type StartOptions = NodeProcessOptions & {
  /** File whose place decides where packages are looked for: a path or a `file:` URL, mostly `import.meta.url`. */
  readonly from: string;
};

/** What `startNode` gives. */
export type NodeProcess = {
  /** `require` inside the host: a built-in module, a package, or a file relative to `from`. */
  require(request: string): unknown;
  /** Runs the text of a CommonJS program in the host; gives what it exports. */
  evaluate(source: string, filename?: string): unknown;
  /** The host's own globals: `setTimeout`, `Date`, `process` and so on. */
  readonly globals: Readonly<Record<string, unknown>>;
  /** Runs an action as a callback of the process: in its own macrotask, before the next event of the world. */
  enter(action: () => void): void;
  readonly isAlive: boolean;
};

/**
 * Starts a process on a host that is up.
 *
 * @throws SimError `usage` - the host is down.
 */
export function startNode(host: Host, options: StartOptions): NodeProcess {
  const filename = options.from.startsWith('file:') ? fileURLToPath(options.from) : options.from;
  const life = new ProcessLife(host);
  const builtins = createBuiltins(life, options);
  const graph = new ModuleGraph(builtins);
  return {
    require: graph.requireFrom(filename),
    evaluate: (source, name = filename) => graph.evaluate(source, name),
    globals: builtins.globals,
    enter: (action) => {
      life.enter(action);
    },
    get isAlive(): boolean {
      return life.isAlive;
    },
  };
}
