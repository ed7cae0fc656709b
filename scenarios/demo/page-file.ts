/**
 * The demo as one HTML file: the modules of the build, linked and packed, a style sheet, and what stands on the page.
 *
 * It opens from a disk and asks for nothing: a policy forbids every request. `unsafe-eval` is in it because the engine's
 * codecs are made from the grammar by `new Function`; `blob:` because the packed script becomes one for page and worker.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pageHead } from '../../reports/page-head.ts';
import { linkModules } from './link-modules.ts';
import { demoBody } from './page-body.ts';
import { demoStyle } from './page-style.ts';

const PAGE = 'scenarios/demo/page/main.js';
const WORKER = 'scenarios/demo/page/worker.js';
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline' 'unsafe-eval' blob:; worker-src blob:";

/** The same script begins in the page and in its workers. */
const BEGIN = `modules[typeof document === 'undefined' ? '${WORKER}' : '${PAGE}']().start();`;

/** Unpacks the script, and runs it; workers get it from the same address. */
const LOADER = `(async () => {
  const packed = Uint8Array.from(atob(document.getElementById('packed').textContent), (letter) => letter.charCodeAt(0));
  const text = await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'))).text();
  const script = document.createElement('script');
  script.src = document.documentElement.dataset.script = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  document.head.append(script);
})();`;

/** Whether the build that the page is made from is there. */
export function isBuilt(root: string): boolean {
  return existsSync(join(root, 'dist', PAGE));
}

/**
 * The whole file.
 *
 * @param root - Of the package; the build is below it, see `isBuilt`.
 * @throws Error - a module of the build cannot be linked.
 */
export function demoPage(root: string): string {
  const build = join(root, 'dist');
  const { script } = linkModules(build, [PAGE, WORKER]);
  const packed = gzipSync(`'use strict';\n(() => {\n${script}${BEGIN}\n})();\n`, { level: 9 }).toString('base64');
  return `${pageHead({ title: 'A network in your browser', policy: POLICY, style: demoStyle() })}
<body>
${demoBody()}
<script type="text/plain" id="packed">${packed}</script>
<script>${LOADER}</script>
</body>
</html>
`;
}
