/**
 * All ways through a program that chooses: depth first, each exactly once, the first alternative first.
 *
 * The program is run again and again from its start; `choose` answers what the way at hand says and the first alternative
 * beyond it; `next` goes to the next way. Nothing is drawn and nothing kept but one way. With `reduce` sleep sets (Godefroid)
 * leave out ways that differ from one already gone by the order of independent alternatives only: what was tried before at a
 * place sleeps below its siblings until something dependent happens. Independent is what the options say; two deliveries to
 * different sites are, everything else is not. That is exact where such a pair leads to the same state in both orders, which
 * holds up to the clock: what times things otherwise than by timeouts that are far away must not be reduced.
 */

/** One alternative. */
export type Alternative = {
  /** The same for the same thing at different places of one way. */
  readonly key: string;
  /** Where it acts, when it only acts there; undefined depends on everything. */
  readonly site: string | undefined;
};

/** Answers with the number of one of the alternatives. */
export type Chooser = { choose(alternatives: readonly Alternative[]): number };

/** Every alternative here was gone before in another order: this way leads to nothing new. */
export class RedundantWay extends Error {}

/** The program did not come to the same choices again. */
export class UnsteadyProgram extends Error {}

type Place = { readonly count: number; readonly awake: readonly number[]; at: number };

/** The tree of all ways, of which one is gone at a time. */
export class ChoiceTree implements Chooser {
  readonly #reduce: boolean;
  readonly #way: Place[] = [];
  #depth = 0;
  #asleep: readonly Alternative[] = [];

  constructor({ reduce }: { readonly reduce: boolean }) {
    this.#reduce = reduce;
  }

  /** @throws RedundantWay, UnsteadyProgram */
  choose(alternatives: readonly Alternative[]): number {
    const place = this.#placeFor(alternatives);
    const chosen = place.awake[place.at]!;
    this.#depth += 1;
    if (this.#reduce) this.#fallAsleep(alternatives, place, chosen);
    return chosen;
  }

  /** The choices of the way at hand, as far as it was gone. */
  choices(): number[] {
    return this.#way.slice(0, this.#depth).map(({ awake, at }) => awake[at]!);
  }

  /** Goes to the next way; false when all are gone. */
  next(): boolean {
    // What lies beyond the last choice made belongs to no way: a program may end early.
    this.#way.length = this.#depth;
    this.#depth = 0;
    this.#asleep = [];
    for (let last = this.#way.at(-1); last !== undefined; last = this.#way.at(-1)) {
      last.at += 1;
      if (last.at < last.awake.length) return true;
      this.#way.pop();
    }
    return false;
  }

  /** The share of the tree that is gone when the way at hand is the next one, if all branches were alike; from 0 to 1. */
  share(): number {
    let [share, width] = [0, 1];
    for (const { awake, at } of this.#way) {
      width /= awake.length;
      share += at * width;
    }
    return share;
  }

  #placeFor(alternatives: readonly Alternative[]): Place {
    const known = this.#way[this.#depth];
    if (known !== undefined && known.count !== alternatives.length) {
      const text = `choice ${this.#depth} had ${known.count} alternatives before and has ${alternatives.length} now`;
      throw new UnsteadyProgram(`${text}: the same choices do not lead to the same place`);
    }
    if (known !== undefined) return known;
    const sleeping = new Set(this.#asleep.map(({ key }) => key));
    const all = alternatives.map((_alternative, index) => index);
    const awake = all.filter((index) => !sleeping.has(alternatives[index]!.key));
    if (awake.length === 0) throw new RedundantWay('every alternative sleeps');
    const place = { count: alternatives.length, awake, at: 0 };
    this.#way.push(place);
    return place;
  }

  #fallAsleep(alternatives: readonly Alternative[], { awake, at }: Place, chosen: number): void {
    const tried = awake.slice(0, at).map((index) => alternatives[index]!);
    this.#asleep = [...this.#asleep, ...tried].filter((each) => isIndependent(each, alternatives[chosen]!));
  }
}

function isIndependent(left: Alternative, right: Alternative): boolean {
  return left.site !== undefined && right.site !== undefined && left.site !== right.site;
}

/** Goes a stored way; the first alternative beyond its end. */
export class StoredWay implements Chooser {
  readonly #choices: readonly number[];
  #depth = 0;

  constructor(choices: readonly number[]) {
    this.#choices = choices;
  }

  /** @throws UnsteadyProgram when there is no such alternative. */
  choose(alternatives: readonly Alternative[]): number {
    const chosen = this.#choices[this.#depth] ?? 0;
    if (chosen >= alternatives.length) {
      const text = `choice ${this.#depth} is number ${chosen}, and there are ${alternatives.length} alternatives`;
      throw new UnsteadyProgram(`${text}: engine, simulator or model have changed since it was stored`);
    }
    this.#depth += 1;
    return chosen;
  }
}
