/**
 * The script of a page: functions of the project, each as its own source text, tied together by a kit.
 *
 * No bundler and no second copy of the code: what is type-checked is what runs. It holds because the compiler keeps functions
 * as they are written; build tools that wrap functions in a naming helper find one here.
 */

/**
 * JavaScript for one inline script element. Each part is called with the kit first, which holds all parts by name.
 *
 * @param parts - functions that use nothing but their arguments and the browser; `start` is called at the end
 * @param kit - source of the object the kit begins as
 * @param opening - source of statements before `start`
 */
export function pageScript(parts: Readonly<Record<string, unknown>>, kit: string, opening = ''): string {
  const sources = Object.entries(parts).map(([name, part]) => `${name}: ${String(part)}`);
  return `'use strict';
(() => {
const __name = (named) => named;
const parts = {
${sources.join(',\n')}
};
const kit = ${kit};
for (const [name, part] of Object.entries(parts)) kit[name] = (...rest) => part(kit, ...rest);
${opening}kit.start();
})();`;
}
