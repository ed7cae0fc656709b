/** Every generated file of spec/: path from the root to the text it must have. */
import { generatedFiles } from '../../spec/grammar/generate.ts';
import { vectorFiles } from '../../spec/vectors/generate.ts';

/** Grammar tables, dissector and vectors. */
export function allGeneratedFiles(): ReadonlyMap<string, string> {
  const files = new Map(generatedFiles());
  for (const [name, text] of vectorFiles()) files.set(`spec/vectors/${name}`, text);
  return files;
}
