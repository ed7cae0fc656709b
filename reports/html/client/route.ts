/// <reference lib="dom" />
/**
 * The address: which view, and with which filters. It lives in the URL's hash, so that a link shows what its sender saw.
 */
import type { Kit, Route } from './kit.ts';

/** Reads a hash. Pieces that are not valid escapes are taken as they are. */
export function parseHash(_kit: Kit, hash: string): Route {
  const decode = (text: string): string => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  };
  const [path = '', search = ''] = hash.replace(/^#?\/?/, '').split('?', 2);
  const [view = '', ...rest] = path.split('/').map(decode);
  const query: [string, string][] = search
    .split('&')
    .filter((pair) => pair.includes('='))
    .map((pair) => [decode(pair.slice(0, pair.indexOf('='))), decode(pair.slice(pair.indexOf('=') + 1))]);
  return { view, rest, query: Object.fromEntries(query) };
}

/** Writes a hash; empty values are left out. */
export function hashOf(_kit: Kit, route: Route): string {
  const encode = (text: string): string => encodeURIComponent(text).replaceAll('%2C', ',');
  const query = Object.entries(route.query).filter(([, value]) => value !== '');
  const search = query.map(([key, value]) => `${encode(key)}=${encode(value)}`).join('&');
  return `#/${[route.view, ...route.rest].map(encode).join('/')}${search === '' ? '' : `?${search}`}`;
}

/** The address of a view. */
export function link(
  kit: Kit,
  view: string,
  rest: readonly string[] = [],
  query: Readonly<Record<string, string>> = {},
): string {
  return kit.hashOf({ view, rest, query });
}

/** Changes the filters in the address without a step in the browser's history. */
export function replaceQuery(kit: Kit, change: Readonly<Record<string, string>>): Route {
  const route = kit.parseHash(location.hash);
  const next = { ...route, query: { ...route.query, ...change } };
  history.replaceState(null, '', kit.hashOf(next));
  kit.memory.lastHash[route.view] = location.hash;
  return next;
}
