/** Time in a run: plays, pauses, steps, jumps; draws a frame when something has changed. */
import type { Fault } from '../../../sim/index.ts';
import type { DemoFault } from '../script.ts';
import { ChosenPanel } from './chosen.ts';
import { conditionsAt } from './conditions.ts';
import { byId, fitCanvas, secondsText, setAttribute, setText } from './dom.ts';
import { drawPackets } from './draw-packets.ts';
import { layOut } from './layout.ts';
import type { Place } from './layout.ts';
import { Lists } from './lists.ts';
import type { RunIndex } from './run-index.ts';
import { Things } from './things.ts';
import type { Thing } from './things.ts';
import { Timeline } from './timeline.ts';

/** Lists and tables change so often at most: nobody reads faster. */
const TEXT_SPAN_MILLIS = 100;
/** A frame that took longer than that moves time as if it had not: a tab that slept does not jump. */
const FRAME_MILLIS_MAX = 100;
/** Without motion time moves in steps. */
const STILL_SPAN_MILLIS = 500;
/** Where nothing is under way for long, time runs so much faster. */
const HURRY = 30;
const QUIET_MICROS = 150_000;
const LINGER_MILLIS = 1_200;

/** The run that is shown, and the time in it. */
export class Player {
  readonly #picture = byId<HTMLCanvasElement>('picture');
  readonly #things = new Things(byId('things'), (thing) => this.#choose(thing));
  readonly #chosenPanel: ChosenPanel;
  readonly #lists = new Lists();
  readonly #timeline = new Timeline((micros) => this.goTo(micros));
  readonly #isStill = matchMedia('(prefers-reduced-motion: reduce)');
  #index: RunIndex | undefined = undefined;
  #places: ReadonlyMap<string, Place> = new Map();
  #colors: Readonly<Record<string, string>> = {};
  #chosen: Thing | undefined = undefined;
  #isPlaying = false;
  /** A new run is being computed; time stands still meanwhile. */
  #isHeld = true;
  #nowMicros = 0;
  #shownMicros = -1;
  #lastFrame = 0;
  #lastText = 0;
  #isStale = true;

  constructor(throwStones: (faults: readonly (Fault | DemoFault)[]) => void) {
    this.#chosenPanel = new ChosenPanel(throwStones);
  }

  get nowMicros(): number {
    return this.#nowMicros;
  }

  /** Listens to controls, and draws from now on. */
  start(): void {
    byId('play').addEventListener('click', () => this.#toggle());
    byId('step').addEventListener('click', () => this.#step(1));
    byId('back').addEventListener('click', () => this.#step(-1));
    byId('speed').addEventListener('input', () => this.#showSpeed());
    byId<HTMLInputElement>('jump').addEventListener('change', (event) => {
      const seconds = Number((event.target as HTMLInputElement).value.replace(',', '.'));
      if (Number.isFinite(seconds) && seconds >= 0) this.goTo(seconds * 1e6);
    });
    document.addEventListener('keydown', (event) => this.#key(event));
    new ResizeObserver(() => this.#layOut()).observe(this.#picture);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#readColors());
    this.#readColors();
    requestAnimationFrame((millis) => this.#frame(millis));
  }

  /** A new run is on its way. */
  hold(from: 'beginning' | 'now'): void {
    this.#isHeld = true;
    setText(byId('busy'), 'Running the plan');
    if (from === 'now') return;
    this.#nowMicros = 0;
    this.pause();
  }

  /** Shows a run; what was chosen stays chosen where it is still there. */
  load(index: RunIndex): void {
    this.#index = index;
    this.#isHeld = false;
    this.#nowMicros = Math.min(this.#nowMicros, index.endMicros);
    setText(byId('busy'), '');
    setText(byId('length'), String(index.endMicros / 1e6));
    this.#layOut();
  }

  pause(): void {
    this.#isPlaying = false;
    this.#showPlaying();
  }

  goTo(micros: number): void {
    this.#nowMicros = Math.min(this.#index?.endMicros ?? 0, Math.max(0, Math.round(micros)));
    this.#shownMicros = this.#nowMicros;
    this.#isStale = true;
  }

  #choose(thing: Thing): void {
    this.#chosen = thing;
    this.#isStale = true;
  }

  #toggle(): void {
    if (!this.#isPlaying && this.#nowMicros >= (this.#index?.endMicros ?? 0)) this.goTo(0);
    this.#isPlaying = !this.#isPlaying;
    this.#showPlaying();
  }

  #showPlaying(): void {
    setText(byId('play'), this.#isPlaying ? 'Pause' : 'Play');
    setAttribute(byId('play'), 'aria-pressed', String(this.#isPlaying));
  }

  #step(ways: 1 | -1): void {
    this.pause();
    if (this.#index === undefined) return;
    this.goTo(ways > 0 ? this.#index.nextMoment(this.#nowMicros) : this.#index.previousMoment(this.#nowMicros));
  }

  get #speed(): number {
    return 10 ** Number(byId<HTMLInputElement>('speed').value);
  }

  #showSpeed(): void {
    const speed = this.#speed;
    setText(byId('speed-text'), `${speed >= 10 ? Math.round(speed) : speed.toPrecision(2).replace(/\.?0+$/, '')}×`);
  }

  #changeSpeed(slider: HTMLInputElement, steps: number): void {
    slider.stepUp(steps);
    this.#showSpeed();
  }

  #key(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    if (
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      target.matches('input:not([type=range]):not([type=checkbox]), textarea, select')
    )
      return;
    const isBar = target.id === 'timeline';
    if (!isBar && event.key.startsWith('Arrow')) return;
    if (event.key === ' ' && target.matches('button, input')) return;
    const slider = byId<HTMLInputElement>('speed');
    const keys: Readonly<Record<string, () => void>> = {
      ' ': () => this.#toggle(),
      '.': () => this.#step(1),
      ',': () => this.#step(-1),
      '+': () => this.#changeSpeed(slider, 4),
      '-': () => this.#changeSpeed(slider, -4),
      Home: () => this.goTo(0),
      End: () => this.goTo(this.#index?.endMicros ?? 0),
      ArrowLeft: () => this.goTo(this.#nowMicros - 100_000),
      ArrowRight: () => this.goTo(this.#nowMicros + 100_000),
    };
    const act = keys[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  }

  #readColors(): void {
    const style = getComputedStyle(document.documentElement);
    const names =
      'paper ink soft lane focus drop fault k-probe k-open k-data k-again k-ack k-beat k-control k-close k-error'.split(
        ' ',
      );
    this.#colors = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
    this.#isStale = true;
  }

  #layOut(): void {
    if (this.#index === undefined || this.#picture.clientWidth === 0) return;
    const { clientWidth, clientHeight } = this.#picture;
    this.#places = layOut(this.#index.seen.topology, clientWidth, clientHeight);
    this.#things.build(this.#index, this.#places, clientHeight);
    this.#isStale = true;
  }

  #frame(millis: number): void {
    requestAnimationFrame((next) => this.#frame(next));
    const span = this.#isStill.matches ? STILL_SPAN_MILLIS : 0;
    const passed = millis - this.#lastFrame;
    if (passed < span && !this.#isStale) return;
    this.#lastFrame = millis;
    if (this.#index === undefined) return;
    if (this.#isPlaying && !this.#isHeld) this.#move(this.#index, Math.min(passed, Math.max(FRAME_MILLIS_MAX, span)));
    if (!this.#isStale && this.#nowMicros === this.#shownMicros) return;
    this.#draw(this.#index, millis);
  }

  #move(index: RunIndex, millis: number): void {
    const micros = millis * 1_000 * this.#speed;
    let next = this.#nowMicros + micros;
    if (byId<HTMLInputElement>('skip').checked) {
      const moment = index.nextMoment(this.#nowMicros);
      const isQuiet =
        moment - this.#nowMicros > QUIET_MICROS &&
        index.previousMoment(this.#nowMicros) < this.#nowMicros - QUIET_MICROS / 10;
      if (isQuiet) next = Math.min(moment, this.#nowMicros + micros * HURRY);
    }
    this.#nowMicros = Math.min(index.endMicros, next);
    if (this.#nowMicros >= index.endMicros) this.pause();
  }

  #draw(index: RunIndex, millis: number): void {
    const conditions = conditionsAt(index.plan.faults, this.#nowMicros);
    const drawn = drawPackets({
      ...fitCanvas(this.#picture),
      index,
      places: this.#places,
      colors: this.#colors,
      conditions,
      nowMicros: this.#nowMicros,
      sinceMicros:
        this.#shownMicros < 0 || this.#shownMicros > this.#nowMicros || this.#isStill.matches
          ? this.#nowMicros
          : this.#shownMicros,
      lingerMicros: Math.max(1, LINGER_MILLIS * 1_000 * this.#speed),
      chosenLink: this.#chosen?.kind === 'link' ? this.#chosen.name : undefined,
    });
    this.#shownMicros = this.#nowMicros;
    setText(byId('clock'), secondsText(this.#nowMicros));
    this.#timeline.draw(index, this.#nowMicros, this.#colors);
    document.body.dataset.drawn = JSON.stringify(drawn);
    const isDue = millis - this.#lastText >= TEXT_SPAN_MILLIS || !this.#isPlaying;
    if (!isDue) return;
    this.#isStale = false;
    this.#lastText = millis;
    this.#things.update(index, this.#nowMicros, conditions, this.#chosen);
    this.#chosenPanel.update(index, this.#chosen, this.#nowMicros, conditions);
    this.#lists.update(index, this.#nowMicros);
  }
}
