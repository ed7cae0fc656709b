/** The viewer's script: the functions of `client/`. */
import { pageScript } from '../page-script.ts';
import { parts } from './client/parts.ts';

/** JavaScript for one inline script element; expects the packed run in the element `data`. */
export function viewerScript(): string {
  return pageScript(parts, '{}', 'kit.state = kit.emptyState();\n');
}
