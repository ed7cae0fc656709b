/** Where nodes stand in the picture: peers side by side, or one above the other where it is narrow; all others in a ring. */
import type { ShownNode, Topology } from '../topology.ts';
import { isAwayNetwork } from './run-index.ts';

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
  placeAway(nodes, parts);
  return new Map(
    [...parts].map(([name, { x, y }]) => [
      name,
      { x: within(x * width, EDGE_X, width), y: within(y * height, EDGE_Y, height) },
    ]),
  );
}

/** Half of what a node needs. */
const EDGE_X = 48;
const EDGE_Y = 32;

function within(value: number, edge: number, size: number): number {
  return Math.round(Math.min(size - edge, Math.max(edge, value)));
}

/** Networks that hosts are carried to, where there is room: below the middle, or at the sides of it. */
function placeAway(nodes: readonly ShownNode[], parts: Map<string, Place>): void {
  const away = nodes.filter(({ name }) => isAwayNetwork(name));
  const spots = isPair(nodes)
    ? [
        [0.5, 0.93],
        [0.5, 0.62],
        [0.36, 0.9],
        [0.64, 0.9],
        [0.5, 0.78],
      ]
    : [
        [0.04, 0.45],
        [0.96, 0.45],
        [0.04, 0.3],
        [0.96, 0.3],
        [0.2, 0.3],
      ];
  away.forEach(({ name }, index) => parts.set(name, { x: spots[index]![0]!, y: spots[index]![1]! }));
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
  const middle = { x: 0.5, y: 0.47 };
  const places = new Map<string, Place>([['internet', middle]]);
  const hosts = nodes.filter(({ kind }) => kind === 'host').map(({ name }) => name);
  const servers = hosts.filter((name) => !name.startsWith('client'));
  const clients = hosts.filter((name) => name.startsWith('client'));
  servers.forEach((name, index) => {
    places.set(name, { x: (index + 0.5) / servers.length, y: 0.09 });
  });
  const perRow = isNarrow ? 5 : 11;
  const rows = Math.ceil(clients.length / perRow);
  clients.forEach((name, index) => {
    // From a bit above the middle on the left, through below, to the same on the right; every second one nearer.
    const turn = clients.length === 1 ? 0.5 : index / (clients.length - 1);
    const angle = Math.PI * (1.06 - 1.12 * turn);
    const reach = 1 - ((index % rows) * 0.52) / rows;
    places.set(name, { x: middle.x + 0.45 * reach * Math.cos(angle), y: middle.y + 0.45 * reach * Math.sin(angle) });
  });
  return places;
}
