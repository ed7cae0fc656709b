/**
 * The page's script: the functions of `client/`, each as its own source text, tied together by the kit.
 *
 * No bundler and no second copy of the code: what is type-checked is what runs. It holds because the compiler keeps functions
 * as they are written; build tools that wrap functions in a naming helper find one here.
 */
import { parts } from './client/parts.ts';

/** JavaScript for one inline script element; expects the page's data in the element `data`. */
export function clientScript(): string {
  const sources = Object.entries(parts).map(([name, part]) => `${name}: ${part.toString()}`);
  return `'use strict';
(() => {
const __name = (named) => named;
const parts = {
${sources.join(',\n')}
};
const kit = { page: JSON.parse(document.getElementById('data').textContent), memory: { lastHash: {} } };
for (const [name, part] of Object.entries(parts)) kit[name] = (...rest) => part(kit, ...rest);
kit.start();
})();`;
}
