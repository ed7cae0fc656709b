/**
 * Turns a program of this repository into plain JavaScript once, so that tests can start it many times at the price of Node.
 *
 * Follows relative imports from the entry and strips types, file by file; it checks nothing. Output goes to `.build`, and
 * a file that is newer than its source is kept.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const OUT = join(ROOT, '.build', 'test-programs');

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  rewriteRelativeImportExtensions: true,
  verbatimModuleSyntax: true,
};

/** @returns the path of the compiled entry. */
export function compiled(entry: string): string {
  const seen = new Set<string>();
  const visit = (source: string): void => {
    // A command whose file is missing fails when it is asked for, like in the sources.
    if (seen.has(source) || !existsSync(source)) return;
    seen.add(source);
    const text = readFileSync(source, 'utf8');
    for (const { fileName } of ts.preProcessFile(text, true, true).importedFiles) {
      if (fileName.startsWith('.') && fileName.endsWith('.ts')) visit(resolve(dirname(source), fileName));
    }
    const target = outputOf(source);
    if (!isNewer(target, source))
      write(target, ts.transpileModule(text, { compilerOptions: OPTIONS, fileName: source }).outputText);
  };
  visit(entry);
  return outputOf(entry);
}

function outputOf(source: string): string {
  return join(OUT, relative(ROOT, source)).replace(/\.ts$/, '.js');
}

function isNewer(target: string, source: string): boolean {
  const made = statSync(target, { throwIfNoEntry: false });
  return made !== undefined && made.mtimeMs > statSync(source).mtimeMs;
}

/** In one step, because several test files may do the same at once. */
function write(target: string, text: string): void {
  mkdirSync(dirname(target), { recursive: true });
  const draft = `${target}.${process.pid}`;
  writeFileSync(draft, text);
  renameSync(draft, target);
}
