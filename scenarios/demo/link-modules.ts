/**
 * Puts modules of the build together to one script that needs no loader: each module becomes a function, in the order in
 * which they need each other.
 *
 * No bundler: the compiler writes imports and exports in one form each, modules do not import each other in circles, and
 * what they export never changes. Whatever is not of that form is an error, so nothing is linked wrongly in silence.
 * Only files below the build are taken: what runs in the page is what runs in Node, as it is, without its comments.
 */
import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';

export type Linked = {
  /** JavaScript: a statement that declares `modules`, and gives the namespace of a module by `modules[entry]()`. */
  readonly script: string;
  /** Files in it, relative to the build, each after those it needs. */
  readonly files: readonly string[];
};

/** `import { a, b as c } from "./x.js"`, `import * as a from ...`, `import "./x.js"`, `export { a } from ...`. */
const FROM = /^(import|export) ?(?:(\{[^}]*\}|\* as [\w$]+) from )?["']([^"']+)["'];$/gm;
const LOCAL_EXPORT = /^export (?:(async function\*?|function\*?|class|const) ([\w$]+)|(\{[^}]*\});)/gm;

/**
 * Links modules and all they need.
 *
 * @param root - Folder of the build.
 * @param entries - Files relative to it.
 * @throws Error - a module has an import or export that is not understood, or needs a package.
 */
export function linkModules(root: string, entries: readonly string[]): Linked {
  const files: string[] = [];
  const sources: string[] = [];
  const begun = new Set<string>();
  const add = (file: string): void => {
    if (begun.has(file)) return;
    begun.add(file);
    const text = readFileSync(resolve(root, file), 'utf8');
    for (const [, , , from] of text.matchAll(FROM)) add(fileOf(root, file, from!));
    files.push(file);
    sources.push(`${JSON.stringify(file)}: () => {\n${asFunction(root, file, text)}\n}`);
  };
  for (const entry of entries) add(entry);
  return { files, script: `${LOADER}const modules = load({\n${sources.join(',\n')}\n});\n` };
}

/** Each module runs once, when it is first asked for. */
const LOADER = `const load = (bodies) => Object.fromEntries(Object.entries(bodies).map(([name, body]) => {
  let exported;
  return [name, () => (exported ??= body())];
}));
`;

/** The file an import names. */
function fileOf(root: string, importer: string, from: string): string {
  if (!from.startsWith('.')) throw new Error(`${importer} needs '${from}', which is not a file of the build`);
  return relative(root, resolve(root, dirname(importer), from));
}

/** A module as the body of a function that gives what it exports. */
function asFunction(root: string, file: string, text: string): string {
  const exported: string[] = [];
  const named = (names: string, via = ''): void => {
    for (const { from, to } of parts(names)) exported.push(via === '' && from === to ? to : `${to}: ${via}${from}`);
  };
  let count = 0;
  const body = withoutComments(text)
    .replace(FROM, (_all, word: string, names: string | undefined, from: string) => {
      const module = `modules[${JSON.stringify(fileOf(root, file, from))}]()`;
      if (names === undefined) return `${module};`;
      if (names.startsWith('*')) return `const ${names.slice('* as '.length)} = ${module};`;
      if (word === 'import') {
        return `const { ${parts(names)
          .map(({ from: theirs, to }) => (theirs === to ? to : `${theirs}: ${to}`))
          .join(', ')} } = ${module};`;
      }
      count += 1;
      named(names, `from${count}.`);
      return `const from${count} = ${module};`;
    })
    .replace(LOCAL_EXPORT, (_all, what: string | undefined, name: string, names: string | undefined) => {
      if (what === undefined) {
        named(names!);
        return '';
      }
      exported.push(name);
      return `${what} ${name}`;
    });
  const left = /^(?:import|export)\b.*$/m.exec(body);
  if (left !== null) throw new Error(`${file}: '${left[0]}' cannot be linked; write it as the others do`);
  return `${body.trim()}\nreturn { ${exported.join(', ')} };`;
}

function parts(names: string): { readonly from: string; readonly to: string }[] {
  return names
    .slice(1, -1)
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
    .map((each) => {
      const [from, to = from] = each.split(' as ');
      return { from: from!, to: to! };
    });
}

/** Comments that stand on lines of their own; the compiler puts all documentation there. Lines inside templates stay. */
function withoutComments(text: string): string {
  return text.replace(/^[ \t]*\/\*\*[\s\S]*?\*\/[ \t]*\n/gm, '').replace(/^[ \t]*\/\/ .*\n/gm, '');
}
