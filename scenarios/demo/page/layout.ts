/** Where nodes stand in the picture: peers side by side, or one above the other where it is narrow; all others in a ring. */
import type { ShownNode, Topology } from '../topology.ts';

export type Place = { readonly x: number; readonly y: number };

/** Parts of the picture's width and height, by role. */
const WIDE: Readonly<Record<string, Place>> = {
  server: { x: 0.5, y: 0.1 },
  middle: { x: 0.5, y: 0.38 },
  leftRouter: { x: 0.14, y: 0.38 },
  rightRouter: { x: 0.86, y: 0.38 },
  left: { x: 0.14, y: 0.88 },
  right: { x: 0.86, y: 0.88 },
};
const NARROW: Readonly<Record<string, Place>> = {
  server: { x: 0.8, y: 0.5 },
  middle: { x: 0.3, y: 0.5 },
  leftRouter: { x: 0.3, y: 0.27 },
  rightRouter: { x: 0.3, y: 0.73 },
  left: { x: 0.3, y: 0.07 },
  right: { x: 0.3, y: 0.93 },
};
const NARROW_BELOW = 620;

/** In CSS pixels. */
export function layOut({ nodes }: Topology, width: number, height: number): Map<string, Place> {
  const parts = isPair(nodes) ? pairPlaces(nodes, width < NARROW_BELOW) : ringPlaces(nodes, width < NARROW_BELOW);
  return new Map([...parts].map(([name, { x, y }]) => [name, { x: Math.round(x * width), y: Math.round(y * height) }]));
}

function isPair(nodes: readonly ShownNode[]): boolean {
  const names = nodes.map(({ name }) => name);
  return names.includes('ann') || (names.includes('a') && names.includes('b'));
}

function pairPlaces(nodes: readonly ShownNode[], isNarrow: boolean): Map<string, Place> {
  const places = isNarrow ? NARROW : WIDE;
  const roles: Readonly<Record<string, string>> = {
    server: 'server',
    internet: 'middle',
    'ann-router': 'leftRouter',
    'a-nat0': 'leftRouter',
    'ben-router': 'rightRouter',
    'b-nat0': 'rightRouter',
    ann: 'left',
    a: 'left',
    ben: 'right',
    b: 'right',
  };
  return new Map(nodes.map(({ name }) => [name, places[roles[name] ?? 'middle']!]));
}

/** The internet in the middle; servers above, clients on the lower part of an ellipse. */
function ringPlaces(nodes: readonly ShownNode[], isNarrow: boolean): Map<string, Place> {
  const places = new Map<string, Place>([['internet', { x: 0.5, y: 0.5 }]]);
  const hosts = nodes.filter(({ kind }) => kind === 'host').map(({ name }) => name);
  const servers = hosts.filter((name) => !name.startsWith('client'));
  const clients = hosts.filter((name) => name.startsWith('client'));
  servers.forEach((name, index) => {
    const part = servers.length === 1 ? 0.5 : 0.08 + (0.84 * (index + 0.5)) / servers.length;
    const isUp = !isNarrow || servers.length < 4 || index % 2 === 0;
    places.set(name, { x: part, y: isUp ? 0.09 : 0.21 });
  });
  placeClients(clients, isNarrow).forEach((place, index) => places.set(clients[index]!, place));
  return places;
}

/** On an arc below the middle; many of them in two rows. */
function placeClients(clients: readonly string[], isNarrow: boolean): Place[] {
  const perRow = isNarrow ? 4 : 8;
  const rows = Math.ceil(clients.length / perRow);
  return clients.map((_name, index) => {
    const row = index % rows;
    const inRow = Math.ceil((clients.length - row) / rows);
    const at = Math.floor(index / rows);
    const x = inRow === 1 ? 0.5 : 0.09 + (0.82 * at) / (inRow - 1);
    // The ends of a row stand higher, as on an arc.
    const bow = 0.16 * (1 - 4 * (x - 0.5) ** 2);
    const y = Math.min(0.93, 0.72 + bow + (rows === 1 ? 0 : ((row - (rows - 1) / 2) * 0.34) / rows));
    return { x, y };
  });
}
