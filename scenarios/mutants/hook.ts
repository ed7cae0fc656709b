/**
 * A module loader hook that changes one engine file as it is loaded. Runs in Node's loader thread; `child.ts` installs it.
 */
import { applyMutant } from './mutant.ts';
import type { Mutant } from './mutant.ts';

type LoadResult = { readonly format: string; readonly source?: string | ArrayBuffer | Uint8Array };
type NextLoad = (url: string, context: object) => Promise<LoadResult>;

let mutant: Mutant | undefined;

/** Called once by Node with the data given to `register`. */
export function initialize(data: Mutant): void {
  mutant = data;
}

/** Called by Node for every module; only the mutant's file is touched. */
export async function load(url: string, context: object, nextLoad: NextLoad): Promise<LoadResult> {
  const result = await nextLoad(url, context);
  if (mutant === undefined || !url.endsWith(`/dist/impl/${mutant.file}.js`)) return result;
  const source = typeof result.source === 'string' ? result.source : new TextDecoder().decode(result.source);
  return { ...result, source: applyMutant(source, mutant) };
}
