/** `sim/node`: unmodified JavaScript for Node on virtual hosts. See `node-process.ts`. */
export { startNode } from './node-process.ts';
export type { NodeProcess, StartOptions } from './node-process.ts';
