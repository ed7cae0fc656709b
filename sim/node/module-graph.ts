/**
 * A module graph of its own for one process: `require` and `import` of unmodified packages, with the built-in modules and
 * globals of the host.
 *
 * Every file is wrapped in a function that is handed the host's globals by name; it runs in the realm of this program. Compiled
 * code is shared between processes, module state is not. Names are resolved by Node itself, by the rules of `require`.
 * Not here: native addons, `require.extensions`, WebAssembly modules. A bare `eval` or `new Function` sees the real globals, and
 * the guard of the world.
 */
import { readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';
import type { Builtins } from './builtins.ts';
import { IMPORT_META, toCommonJs } from './esm.ts';
import { nodeError, notVirtual } from './system-errors.ts';

/** What a module sees as `module`. */
type Module = {
  exports: unknown;
  readonly id: string;
  readonly filename: string;
  readonly path: string;
  loaded: boolean;
  readonly children: Module[];
  readonly paths: readonly string[];
  require: Require | undefined;
};

/** `require` of one file. */
export type Require = ((request: string) => unknown) & {
  resolve: (request: string) => string;
  cache: Record<string, Module>;
  main: undefined;
};

type Compiled = { readonly isEsm: boolean; readonly script: Script };
type Factory = (...globals: unknown[]) => (...parts: unknown[]) => void;

/** By file and source, for all processes: code has no state. */
const compiledFiles = new Map<string, Compiled & { readonly source: string }>();
const LOCAL = [
  'exports',
  'require',
  'module',
  '__filename',
  '__dirname',
  IMPORT_META,
  '__importDefault',
  '__importStar',
];

/** The modules of one process. */
export class ModuleGraph {
  readonly #builtins: Builtins;
  readonly #names: readonly string[];
  readonly #modules = new Map<string, Module>();
  /** `require.cache`: a view that programs may look at and delete from. */
  readonly #cache: Record<string, Module>;
  readonly #esm = new WeakSet();

  constructor(builtins: Builtins) {
    this.#builtins = builtins;
    this.#names = Object.keys(builtins.globals);
    this.#cache = cacheView(this.#modules);
  }

  /** `require` as a file at that path has it. */
  requireFrom(filename: string): Require {
    const native = createRequire(filename);
    const resolve = (request: string): string => native.resolve(request);
    const call = (request: string): unknown => {
      const builtin = this.#builtin(request, native);
      return builtin ?? this.load(resolve(request));
    };
    return Object.assign(call, { resolve, cache: this.#cache, main: undefined });
  }

  /** The exports of a file, which runs when it is asked for the first time. */
  load(path: string): unknown {
    const filename = realpathSync(path);
    const known = this.#modules.get(filename);
    if (known !== undefined) return known.exports;
    const module = newModule(filename);
    this.#modules.set(filename, module);
    try {
      if (extname(filename) === '.json') module.exports = JSON.parse(readFileSync(filename, 'utf8'));
      else if (extname(filename) === '.node') throw notVirtual(`the native addon ${filename}`);
      else this.#run(module, compileFile(filename, this.#names));
    } catch (error) {
      this.#modules.delete(filename);
      throw error;
    }
    module.loaded = true;
    return module.exports;
  }

  /** Runs source as if it were a CommonJS file of that name; gives its exports. Nothing is kept of it. */
  evaluate(source: string, filename: string): unknown {
    const module = newModule(filename);
    this.#run(module, { isEsm: false, script: wrap(source, filename, this.#names) });
    return module.exports;
  }

  #run(module: Module, { isEsm, script }: Compiled): void {
    const require = this.requireFrom(module.filename);
    module.require = require;
    if (isEsm) this.#esm.add(module.exports as object);
    const factory = script.runInThisContext() as Factory;
    const body = factory(...this.#names.map((name) => this.#builtins.globals[name]));
    const meta = { url: pathToFileURL(module.filename).href, filename: module.filename, dirname: module.path };
    const importDefault = (found: unknown): unknown => (this.#isEsm(found) ? found : { default: found });
    const importStar = (found: unknown): unknown =>
      this.#isEsm(found) ? found : { ...(found as object), default: found };
    body.call(
      isEsm ? undefined : module.exports,
      ...[module.exports, require, module, module.filename, module.path, meta, importDefault, importStar],
    );
  }

  #isEsm(found: unknown): boolean {
    return typeof found === 'object' && found !== null && this.#esm.has(found);
  }

  #builtin(request: string, native: NodeJS.Require): unknown {
    // A package may have the name of an old built-in (`punycode/`, `buffer/`): Node asks the built-in ones first.
    if (request === 'module' || request === 'node:module') {
      const module = native('node:module') as { readonly builtinModules: readonly string[] };
      const own = (filename: string | URL): Require => this.requireFrom(String(filename).replace(/^file:\/\//, ''));
      return { builtinModules: module.builtinModules, createRequire: own, isBuiltin: isBuiltinOf(module) };
    }
    const found = this.#builtins.find(request);
    if (found === undefined && request.startsWith('node:')) {
      throw nodeError(Error, 'ERR_UNKNOWN_BUILTIN_MODULE', `No such built-in module: ${request}`);
    }
    return found;
  }
}

function isBuiltinOf({ builtinModules }: { readonly builtinModules: readonly string[] }): (name: string) => boolean {
  return (name) => builtinModules.includes(name.replace(/^node:/, ''));
}

function newModule(filename: string): Module {
  const path = dirname(filename);
  return { exports: {}, id: filename, filename, path, loaded: false, children: [], paths: [], require: undefined };
}

function compileFile(filename: string, names: readonly string[]): Compiled {
  const known = compiledFiles.get(filename);
  const source = readFileSync(filename, 'utf8').replace(/^#!.*/, '');
  if (known?.source === source) return known;
  const isEsm = isEsmFile(filename);
  // In CommonJS a dynamic import is the only thing that needs the same treatment.
  const isConverted = isEsm || /\bimport\s*\(/.test(source);
  const compiled = {
    source,
    isEsm,
    script: wrap(isConverted ? toCommonJs(source, filename) : source, filename, names),
  };
  compiledFiles.set(filename, compiled);
  return compiled;
}

/** Two functions, one in the other, so that a file may declare names that are globals (`const crypto = require('crypto')`). */
function wrap(source: string, filename: string, names: readonly string[]): Script {
  const head = `(function (${names.join(', ')}) { return function (${LOCAL.join(', ')}) { `;
  return new Script(`${head}${source}\n}; })`, { filename, columnOffset: -head.length });
}

function isEsmFile(filename: string): boolean {
  const extension = extname(filename);
  if (extension === '.mjs') return true;
  if (extension !== '.js') return false;
  for (let folder = dirname(filename); ; folder = dirname(folder)) {
    try {
      const text = readFileSync(join(folder, 'package.json'), 'utf8');
      return (JSON.parse(text) as { readonly type?: string }).type === 'module';
    } catch {
      if (folder === dirname(folder)) return false;
    }
  }
}

function cacheView(modules: Map<string, Module>): Record<string, Module> {
  return new Proxy<Record<string, Module>>(
    {},
    {
      get: (_target, name) => modules.get(String(name)),
      has: (_target, name) => modules.has(String(name)),
      deleteProperty: (_target, name) => {
        modules.delete(String(name));
        return true;
      },
      ownKeys: () => [...modules.keys()],
      getOwnPropertyDescriptor: (_target, name) => {
        const value = modules.get(String(name));
        return value === undefined ? undefined : { value, configurable: true, enumerable: true, writable: true };
      },
    },
  );
}
