/**
 * ECMAScript modules as CommonJS functions, so that they can be given the globals of a host.
 *
 * The work is done by the TypeScript compiler of the project that uses this (an optional peer dependency, loaded with the
 * first such file). Imports from CommonJS follow Node's rule: the default import is `module.exports`. Not here: top-level
 * `await`, and files that are already TypeScript.
 */
import { createRequire } from 'node:module';
import type ts from 'typescript';
import { usageError } from '../errors.ts';
import { withoutGuard } from '../guard.ts';

const requireReal = createRequire(import.meta.url);
let compiler: typeof ts | undefined = undefined;

/** What stands for `import.meta` in the code that comes out. */
export const IMPORT_META = '__importMeta';

/** The body of a CommonJS module that does what the ECMAScript module does. */
export function toCommonJs(source: string, fileName: string): string {
  // The compiler measures its own time.
  return withoutGuard(() => transpile(source, fileName));
}

function transpile(source: string, fileName: string): string {
  const api = (compiler ??= loadCompiler(fileName));
  const { outputText } = api.transpileModule(source, {
    fileName,
    compilerOptions: {
      module: api.ModuleKind.CommonJS,
      target: api.ScriptTarget.ES2023,
      esModuleInterop: true,
      noEmitHelpers: true,
      allowJs: true,
    },
    transformers: { before: [(context) => (file) => replaceImportMeta(api, context, file)] },
  });
  return outputText;
}

function loadCompiler(fileName: string): typeof ts {
  try {
    return requireReal('typescript') as typeof ts;
  } catch (cause) {
    const error = usageError(`'${fileName}' is an ECMAScript module; install typescript to load it into a host`);
    error.cause = cause;
    throw error;
  }
}

function replaceImportMeta(api: typeof ts, context: ts.TransformationContext, file: ts.SourceFile): ts.SourceFile {
  const visit = (node: ts.Node): ts.Node =>
    api.isMetaProperty(node) && node.keywordToken === api.SyntaxKind.ImportKeyword
      ? context.factory.createIdentifier(IMPORT_META)
      : api.visitEachChild(node, visit, context);
  return api.visitNode(file, visit) as ts.SourceFile;
}
