/**
 * The viewer's script: the functions of `client/`, each as its own source text, tied together by the kit. See
 * `../html/script.ts`, which does the same for the report and says why.
 */
import { parts } from './client/parts.ts';

/** JavaScript for one inline script element; expects the packed run in the element `data`. */
export function viewerScript(): string {
  const sources = Object.entries(parts).map(([name, part]) => `${name}: ${part.toString()}`);
  return `'use strict';
(() => {
const __name = (named) => named;
const parts = {
${sources.join(',\n')}
};
const kit = {};
for (const [name, part] of Object.entries(parts)) kit[name] = (...rest) => part(kit, ...rest);
kit.state = kit.emptyState();
kit.start();
})();`;
}
