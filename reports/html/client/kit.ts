/**
 * What the report's script is made of.
 *
 * Every function in this folder is shipped to the browser as its own source text (`../script.ts`). It may use its
 * arguments, browser globals and other functions through the first argument, the kit; nothing from its module's scope.
 * In exchange the script is type-checked and linted like everything else.
 */
import type { Page } from '../page-data.ts';
import type { parts } from './parts.ts';

/** What views remember between renderings. */
type Memory = {
  /** The last address of each view, so that a tab leads back to where one was. */
  readonly lastHash: Record<string, string>;
};

type Bound<F> = F extends (kit: Kit, ...rest: infer A) => infer R ? (...rest: A) => R : never;

export type Kit = {
  readonly page: Page;
  readonly memory: Memory;
} & { readonly [K in keyof typeof parts]: Bound<(typeof parts)[K]> };

export type Child = Node | string | null | undefined | false | readonly Child[];
export type Attributes = Readonly<Record<string, string | number | boolean | ((event: Event) => void) | undefined>>;

/** A view's address: `#/name/rest...?key=value`. */
export type Route = {
  readonly view: string;
  readonly rest: readonly string[];
  readonly query: Readonly<Record<string, string>>;
};
