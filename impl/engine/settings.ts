/**
 * Settings that can be changed until the engine is initialized, each checked when it is set (ENG-003).
 *
 * `Settings` holds and checks; `defineAccessors` puts the names on a class. Which settings there are stands in
 * `client/passive-settings.ts` and `server/server-settings.ts`.
 */
import { LocalProtocolError } from '../wire/index.ts';

/** How each setting is checked; a rule throws for a bad value. */
export type SettingRules<Values> = { readonly [Name in keyof Values]: (value: Values[Name], name: string) => void };

/** A set of checked values. */
export class Settings<Values extends object> {
  readonly #values: Values;
  readonly #rules: SettingRules<Values>;
  readonly #isFrozen: () => boolean;

  /** @param isFrozen - Asked at every change: true while the engine runs and after it was closed. */
  constructor(defaults: Values, rules: SettingRules<Values>, isFrozen: () => boolean) {
    this.#values = { ...defaults };
    this.#rules = rules;
    this.#isFrozen = isFrozen;
  }

  get<Name extends keyof Values & string>(name: Name): Values[Name] {
    return this.#values[name];
  }

  /** @throws LocalProtocolError `E_SETTING_LATE`, `E_ARGUMENT` */
  set<Name extends keyof Values & string>(name: Name, value: Values[Name]): void {
    if (this.#isFrozen()) {
      throw new LocalProtocolError('E_SETTING_LATE', 'ENG-003', `${name} can only be changed before initialize`);
    }
    this.#rules[name](value, name);
    this.#values[name] = value;
  }
}

/** Anything that keeps its values in `settings`. */
type Holder<Values extends object> = { readonly settings: Settings<Values> };

/** Gives a class one accessor per setting; the class declares them. */
export function defineAccessors<Values extends object>(prototype: object, rules: SettingRules<Values>): void {
  for (const name of Object.keys(rules) as (keyof Values & string)[]) {
    Object.defineProperty(prototype, name, {
      enumerable: true,
      get(this: Holder<Values>) {
        return this.settings.get(name);
      },
      set(this: Holder<Values>, value: Values[typeof name]) {
        this.settings.set(name, value);
      },
    });
  }
}

/** Seconds to whole microseconds; zero or less is never: Infinity. */
export function microsOrNever(secs: number): number {
  return secs > 0 ? secsToMicros(secs) : Infinity;
}

/** Seconds to whole microseconds. */
export function secsToMicros(secs: number): number {
  return Math.round(secs * 1_000_000);
}
