/** The panel about what is chosen: what it is, how it is now, and the stones to throw at it. */
import { ROUTER_GROUPS } from '../router-options.ts';
import type { DemoFault } from '../script.ts';
import type { Fault } from '../../../sim/index.ts';
import type { Conditions } from './conditions.ts';
import { byId, make, setText } from './dom.ts';
import type { RunIndex } from './run-index.ts';
import { GAP_MICROS, stonesFor } from './stones.ts';
import { shortName } from './things.ts';
import type { Thing } from './things.ts';

type AwayNetwork = Extract<Fault, { fault: 'roam' }>['to'];

/** Networks a host can be carried to. */
const AWAY_WORDS: Readonly<Record<AwayNetwork, string>> = {
  lte: 'LTE, behind a carrier’s NAT',
  mobile3g: '3G, behind a symmetric NAT',
  cafe: 'the Wi-Fi of a café',
  office: 'an office',
  guestWifi: 'a guest Wi-Fi without UDP',
};

const CONNECTIONS_SHOWN = 5;

/** Fills the card of what is chosen. */
export class ChosenPanel {
  readonly #throwStones: (faults: readonly (Fault | DemoFault)[]) => void;
  readonly #facts = make('p', {});
  /** What the buttons were made for. */
  #madeFor = '';

  constructor(throwStones: (faults: readonly (Fault | DemoFault)[]) => void) {
    this.#throwStones = throwStones;
  }

  /** Shows it as it is at a time; buttons are made anew only when others are needed. */
  update(index: RunIndex, thing: Thing | undefined, nowMicros: number, conditions: Conditions): void {
    if (thing === undefined) return;
    const hostIlls = conditions.hosts.get(thing.name)?.split(', ') ?? [];
    const ills = thing.kind === 'link' ? (conditions.links.get(thing.name) ?? []) : hostIlls;
    const isAway = conditions.away.has(thing.name);
    const key = JSON.stringify([thing, ills, isAway, index.plan.scene]);
    if (key !== this.#madeFor) {
      this.#madeFor = key;
      this.#build(thing, ills, isAway);
    }
    setText(this.#facts, factsOf(index, thing, nowMicros, ills));
  }

  #build(thing: Thing, ills: readonly string[], isAway: boolean): void {
    const title = { host: 'Host', nat: 'Router', router: 'Router', link: 'Link' }[thing.kind];
    setText(byId('chosen-name'), `${title} ${shortName(thing.name)}`);
    const buttons = stonesFor(thing, { ills, isAway }).map(({ text, faults, isPossible }) => {
      const button = make('button', { type: 'button' }, text);
      button.disabled = !isPossible;
      button.addEventListener('click', () => this.#throwStones(faults));
      return button;
    });
    const stones = make('div', { class: 'stones' }, ...buttons);
    const choices = {
      host: [this.#moveChoice(thing.name)],
      nat: [this.#classChoice(thing.name)],
      router: [],
      link: [],
    };
    const focused = document.activeElement?.textContent;
    byId('chosen').replaceChildren(this.#facts, stones, ...choices[thing.kind]);
    // The same button stays focused, so that one can press it again.
    (buttons.find((button) => button.textContent === focused) ?? undefined)?.focus();
  }

  #moveChoice(host: string): HTMLElement {
    const select = make('select', { 'aria-label': 'Network it is carried to' });
    for (const [value, text] of Object.entries(AWAY_WORDS)) select.append(make('option', { value }, text));
    const button = make('button', { type: 'button' }, 'Carry it there');
    button.addEventListener('click', () =>
      this.#throwStones([{ fault: 'roam', host, to: select.value as AwayNetwork, gapMicros: GAP_MICROS }]),
    );
    return make('div', { class: 'stones' }, select, button);
  }

  #classChoice(nat: string): HTMLElement {
    const select = make('select', { 'aria-label': 'Class of the router that takes its place' });
    for (const { title, routers } of ROUTER_GROUPS) {
      const options = routers.map(([value, text]) => make('option', { value }, text));
      select.append(make('optgroup', { label: title }, ...options));
    }
    const button = make('button', { type: 'button' }, 'Put it in place');
    button.addEventListener('click', () => this.#throwStones([{ fault: 'natChange', nat, class: select.value }]));
    return make('div', { class: 'stones' }, select, button);
  }
}

function factsOf(index: RunIndex, thing: Thing, nowMicros: number, ills: readonly string[]): string {
  const { topology } = index.seen;
  if (thing.kind === 'link') {
    const link = topology.links.find(({ name }) => name === thing.name);
    const about = link === undefined ? '' : `${shortName(link.from)} to ${shortName(link.to)}: ${link.about}.`;
    return ills.length === 0 ? about : `${about} Now: ${ills.join(', ')}.`;
  }
  const addresses = topology.nodes.find(({ name }) => name === thing.name)?.addresses.join(', ') ?? '';
  if (thing.kind !== 'host') return `Addresses ${addresses}.`;
  const state = ills.length > 0 ? ills.join(', ') : index.stateOf(thing.name, nowMicros);
  const connections = index.connectionsOf(thing.name, nowMicros);
  const shown = connections.slice(-CONNECTIONS_SHOWN).map(([what, tcp]) => `${what} ${tcp}`);
  const more = connections.length > shown.length ? `, and ${connections.length - shown.length} more` : '';
  const tcp = shown.length === 0 ? 'No TCP connection.' : `TCP: ${shown.join('; ')}${more}.`;
  return `${addresses}. ${state === '' ? '' : `Its program: ${state}. `}${tcp}`;
}
