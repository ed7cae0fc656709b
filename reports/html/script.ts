/** The report's script: the functions of `client/`. */
import { pageScript } from '../page-script.ts';
import { parts } from './client/parts.ts';

/** JavaScript for one inline script element; expects the page's data in the element `data`. */
export function clientScript(): string {
  return pageScript(
    parts,
    "{ page: JSON.parse(document.getElementById('data').textContent), memory: { lastHash: {} } }",
  );
}
