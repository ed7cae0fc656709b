/**
 * What a run of the demo is made from, and its one line of text: the same behind the `#` of the page's address, in
 * `esf demo --run`, and in tests. Equal text, equal run. Data and pure functions; nothing is built here.
 */
import { FAULT_WORDS, LINK_PRESETS, NAT_DEVICES } from '../../sim/index.ts';
import type { LinkPresetName } from '../../sim/index.ts';
import { NINE } from '../nat/nine.ts';
import type { Reading } from '../nat/nine.ts';
import { formatScript, parseScript } from './script.ts';
import type { ScriptLine } from './script.ts';

/**
 * `pair`: two clients of the engine behind routers, and a server; `punch`: the same routers, and plain UDP hole punching
 * without the engine; `star`: a server and clients; `cluster`: three servers that stand in for each other.
 */
export const SCENES = ['pair', 'punch', 'star', 'cluster'] as const;
export type SceneName = (typeof SCENES)[number];

/** No router, one of the 9 classes, one that blocks UDP, or a named device. */
const ROUTERS: readonly string[] = ['none', ...NINE.map(({ name }) => name), 'udpBlocked', ...Object.keys(NAT_DEVICES)];

/** One of `ROUTERS`: the names of the nine are made, so the compiler cannot list them. */
export type RouterName = string;

/** How peers try to reach each other directly. */
const TRANSPORTS = ['udp', 'tcp', 'both'] as const;
export type Transport = (typeof TRANSPORTS)[number];

export type DemoPlan = {
  readonly scene: SceneName;
  /** 0 to 2^31 - 1. */
  readonly seed: number;
  /** Simulated length, 1 to 600 s; `punch` takes as long as it takes. */
  readonly seconds: number;
  /** Routers of the two peers; `pair` and `punch` only. */
  readonly left: RouterName;
  readonly right: RouterName;
  /** How the nine classes answer an admitted packet; the same. */
  readonly reading: Reading;
  readonly transport: Transport;
  /** The access link of every client. */
  readonly link: LinkPresetName;
  /** `star` and `cluster`, 1 to 24. */
  readonly clients: number;
  /** Messages each client sends, a second: 1 to 100. */
  readonly rate: number;
  readonly faults: readonly ScriptLine[];
};

export const PLAN_DEFAULT: DemoPlan = {
  scene: 'pair',
  seed: 7,
  seconds: 30,
  left: 'EI/APD',
  right: 'EI/APD',
  reading: 'session',
  transport: 'udp',
  link: 'cable',
  clients: 4,
  rate: 2,
  faults: [],
};

/** Names that each choice takes. */
const CHOICES = {
  scene: SCENES,
  left: ROUTERS,
  right: ROUTERS,
  reading: ['strict', 'session'],
  transport: TRANSPORTS,
  link: Object.keys(LINK_PRESETS),
} as const satisfies Partial<Record<keyof DemoPlan, readonly string[]>>;

/** Least and greatest value of each number. */
export const RANGES = {
  seed: [0, 2_147_483_647],
  seconds: [1, 600],
  clients: [1, 24],
  rate: [1, 100],
} as const satisfies Partial<Record<keyof DemoPlan, readonly [number, number]>>;

/** Which choices mean something in a scene; the others stay out of its line. */
export const USED: Readonly<Record<SceneName, readonly (keyof DemoPlan)[]>> = {
  pair: ['seconds', 'left', 'right', 'reading', 'transport', 'link', 'rate'],
  punch: ['left', 'right', 'reading'],
  star: ['seconds', 'link', 'clients', 'rate'],
  cluster: ['seconds', 'link', 'clients', 'rate'],
};

/** The plan as one line, such as `scene=pair&seed=7&seconds=30&left=EI/APD&...&faults=3s linkDown link=ann-ann-router`. */
export function formatPlan(plan: DemoPlan): string {
  const words = (['scene', 'seed', ...USED[plan.scene]] as const).map(
    (name) => `${name}=${plan[name] as string | number}`,
  );
  if (plan.faults.length > 0) words.push(`faults=${formatScript(plan.faults)}`);
  return words.join('&');
}

/** The line in a form that addresses keep as it is: a space is `+`. */
export function planAddress(plan: DemoPlan): string {
  return formatPlan(plan).replaceAll('%', '%25').replaceAll('+', '%2B').replaceAll(' ', '+');
}

/**
 * A plan from its line, as typed or as in an address; what is not said is the default.
 *
 * @throws Error - a name, a value or a fault that there is not, in one sentence.
 */
export function parsePlan(line: string): DemoPlan {
  const plan: Record<string, unknown> = { ...PLAN_DEFAULT };
  for (const part of line.replace(/^#/, '').split('&').filter(Boolean)) {
    const cut = part.indexOf('=');
    const name = part.slice(0, cut < 0 ? undefined : cut);
    plan[name] = valueOf(name, cut < 0 ? '' : decode(part.slice(cut + 1)));
  }
  return plan as DemoPlan;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new Error(`'${text}' is no part of an address: a % stands alone`);
  }
}

function valueOf(name: string, text: string): unknown {
  if (name === 'faults') return parseScript(text, Object.keys(FAULT_WORDS));
  if (name in CHOICES) {
    const known: readonly string[] = CHOICES[name as keyof typeof CHOICES];
    if (known.includes(text)) return text;
    throw new Error(`${name} is '${text}'; it can be ${known.join(', ')}`);
  }
  if (name in RANGES) {
    const [least, most] = RANGES[name as keyof typeof RANGES];
    const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
    if (value >= least && value <= most) return value;
    throw new Error(`${name} is '${text}'; it can be a whole number from ${least} to ${most}`);
  }
  throw new Error(`there is no '${name}' in a plan; there are ${Object.keys(PLAN_DEFAULT).join(', ')}`);
}
