/**
 * Which packets a direction loses: by chance, in bursts, or an exact number. Decides only; the link drops and counts.
 */
import { checkInteger } from '../errors.ts';
import type { RandomStream } from '../random.ts';
import { checkRatio } from '../ratio.ts';
import type { Ratio } from '../ratio.ts';

/** Loss in bursts (Gilbert-Elliott): a good and a bad state, each with its own loss, stepped once a packet. */
export type BurstLoss = {
  readonly goodToBad: Ratio;
  readonly badToGood: Ratio;
  readonly lossInGood: Ratio;
  readonly lossInBad: Ratio;
};

/** Exactly every n-th packet: numbers n, 2n, 3n ... counted from 1. Draws nothing. */
export type NthLoss = { readonly everyPackets: number };

/**
 * Exactly `lostPackets` of each `ofPackets`: anywhere among them, or `together` as one run at a random place. The share lost is
 * then the same in every run, whatever the seed.
 */
export type BlockLoss = { readonly lostPackets: number; readonly ofPackets: number; readonly together?: boolean };

/** A ratio is independent loss. */
export type LossModel = Ratio | BurstLoss | NthLoss | BlockLoss;

const BLOCK_PACKETS_MAX = 1_000_000;

/**
 * Checks a model.
 *
 * @throws SimError `usage` - names the field, its value and the range.
 */
export function checkLoss(loss: LossModel): void {
  if ('numerator' in loss) {
    checkRatio('loss', loss);
  } else if ('everyPackets' in loss) {
    checkInteger('loss.everyPackets', loss.everyPackets, 1, Number.MAX_SAFE_INTEGER);
  } else if ('ofPackets' in loss) {
    checkInteger('loss.ofPackets', loss.ofPackets, 1, BLOCK_PACKETS_MAX);
    checkInteger('loss.lostPackets', loss.lostPackets, 0, loss.ofPackets);
  } else {
    checkRatio('loss.goodToBad', loss.goodToBad);
    checkRatio('loss.badToGood', loss.badToGood);
    checkRatio('loss.lossInGood', loss.lossInGood);
    checkRatio('loss.lossInBad', loss.lossInBad);
  }
}

/** Draws losses of one direction. Keeps the state of the model. */
export class LossProcess {
  readonly #loss: LossModel;
  readonly #stream: RandomStream;
  #bad = false;
  /** Packets of the block (or since the last n-th) that have passed. */
  #position = 0;
  /** Of this block: still to lose, or, when together, where the run begins. */
  #remaining = 0;

  constructor(loss: LossModel, stream: RandomStream) {
    this.#loss = loss;
    this.#stream = stream;
  }

  /** Whether the next packet is lost. */
  draw(): boolean {
    const loss = this.#loss;
    if ('numerator' in loss) return this.#stream.chance(loss);
    if ('everyPackets' in loss) return this.#drawNth(loss.everyPackets);
    if ('ofPackets' in loss) return this.#drawOfBlock(loss);
    const turned = this.#stream.chance(this.#bad ? loss.badToGood : loss.goodToBad);
    if (turned) this.#bad = !this.#bad;
    return this.#stream.chance(this.#bad ? loss.lossInBad : loss.lossInGood);
  }

  #drawNth(everyPackets: number): boolean {
    this.#position += 1;
    if (this.#position < everyPackets) return false;
    this.#position = 0;
    return true;
  }

  #drawOfBlock({ lostPackets, ofPackets, together = false }: BlockLoss): boolean {
    const position = this.#position;
    this.#position = (position + 1) % ofPackets;
    if (together) {
      if (position === 0) this.#remaining = this.#stream.below(ofPackets - lostPackets + 1);
      return position >= this.#remaining && position < this.#remaining + lostPackets;
    }
    if (position === 0) this.#remaining = lostPackets;
    // Selection sampling: each of the packets left is as likely as any other to be one of those to lose.
    if (this.#stream.below(ofPackets - position) >= this.#remaining) return false;
    this.#remaining -= 1;
    return true;
  }
}
