/**
 * The commands of a debugging session, one line each: what they mean, and what they answer. Reading lines and printing is the
 * command line's business, so a session can be run from a file as well as by hand.
 */
import { encodePacket, packetText } from '../../sim/index.ts';
import type { Packet } from '../../sim/index.ts';
import { LinkDirection } from '../../sim/index.ts';
import { renderTrace } from '../../reports/index.ts';
import type { Debugger } from './debugger.ts';
import { hexLines } from './hex-lines.ts';
import { PREDICATE_HELP, PredicateError, parsePredicate } from './predicate.ts';
import { eventLines, stateLines, stopText } from './state-text.ts';
import { subjectStates } from './subject-state.ts';

/** Events and lines of the picture shown unless told otherwise. */
export const EVENTS_SHOWN = 20;
/** A count beyond it is a typing error. */
const COUNT_MAX = 1_000_000_000;
/** Lines above the picture that explain it, and the heads of its columns. */
const LEGEND_LINES = 7;

/** What is known at the prompt. */
const COMMAND_HELP: readonly string[] = [
  'next [N]      go on by N events (1); back [N] goes the other way, by a new run from the start',
  'goto K        go to event K, forwards or back',
  'until EXPR    go on to where a condition holds:',
  ...PREDICATE_HELP.map((line) => `                ${line}`),
  'state         hosts, sockets, NATs, packets under way, what is planned, what subjects wait for',
  'events [N]    the last N events (20), with their numbers',
  'view [N]      the last N lines of the picture (20): a column a node, a line a packet',
  'packets       the packets of late, newest first, and those under way, with their numbers',
  'packet [N]    the bytes of one of them (1, the newest)',
  'where         where the run stands; help; quit',
];

/** A line that cannot be done; `message` says why and what can. */
export class CommandError extends Error {}

/** Carries out one line. Gives what to print, or `quit`. */
export async function carryOut(debug: Debugger, line: string, color = false): Promise<readonly string[] | 'quit'> {
  const [, name = '', rest = ''] = /^\s*(\S*)\s*(.*?)\s*$/.exec(line) ?? [];
  switch (name) {
    case '':
      return [];
    case 'next':
    case 'n':
      await debug.next(countOf(name, rest, 1));
      return arrived(debug);
    case 'back':
    case 'b':
      await debug.back(countOf(name, rest, 1));
      return arrived(debug);
    case 'goto':
      await debug.goTo(countOf(name, rest, undefined, 0) + 1);
      return arrived(debug);
    case 'until':
      return until(debug, rest);
    case 'state':
      return stateLines(debug.state(), subjectStates(debug.live.session));
    case 'events':
      return eventLines(debug.events(countOf(name, rest, EVENTS_SHOWN)));
    case 'view':
      return pictureLines(debug, countOf(name, rest, EVENTS_SHOWN), color);
    case 'packets':
      return packetsOf(debug).map(({ text }, index) => `${String(index + 1).padStart(4)}  ${text}`);
    case 'packet':
      return packetLines(debug, countOf(name, rest, 1));
    case 'where':
      return [stopText(debug.stop())];
    case 'help':
      return COMMAND_HELP;
    case 'quit':
    case 'q':
      return 'quit';
    default:
      throw new CommandError(
        `there is no command "${name}"; there are next, back, goto, until, state, events, view, packets, packet, where, help, quit`,
      );
  }
}

/** The dense picture of what was recorded before the stop. */
export function pictureLines(debug: Debugger, count: number, color: boolean): readonly string[] {
  const { recorder } = debug.live;
  if (recorder === undefined) return ['nothing is recorded at the start; go on first'];
  const lines = renderTrace(recorder.recording(), color).trimEnd().split('\n');
  return [...lines.slice(LEGEND_LINES - 1, LEGEND_LINES), ...lines.slice(LEGEND_LINES).slice(-count)];
}

function arrived(debug: Debugger): readonly string[] {
  const stop = debug.stop();
  return [...eventLines(debug.events(Math.min(EVENTS_SHOWN, stop.eventCount - stop.stepFrom))), stopText(stop)];
}

async function until(debug: Debugger, text: string): Promise<readonly string[]> {
  try {
    const hit = await debug.until(parsePredicate(text));
    if (hit === undefined) return [`never again: ${text}`, stopText(debug.stop())];
  } catch (error) {
    if (error instanceof PredicateError) throw new CommandError(`until ${text}: ${error.message}`);
    throw error;
  }
  return arrived(debug);
}

function countOf(name: string, text: string, fallback: number | undefined, min = 1): number {
  if (text === '' && fallback !== undefined) return fallback;
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= min && count <= COUNT_MAX) return count;
  throw new CommandError(`${name} takes a whole number from ${min} to ${COUNT_MAX}, not "${text}"`);
}

type Listed = { readonly text: string; readonly packet: Packet };

/** Recent packets, then those under way. */
function packetsOf(debug: Debugger): readonly Listed[] {
  const { packets, world } = debug.live;
  const recent = (packets?.newest() ?? []).slice(0, EVENTS_SHOWN).map(({ index, what, packet, text }) => ({
    text: `event ${index}, ${what}: ${text}`,
    packet,
  }));
  const underWay = world.pending().flatMap(({ target, argument }): Listed[] => {
    if (!(target instanceof LinkDirection)) return [];
    const packet = argument as Packet;
    return [{ text: `under way on ${target.name}: ${packetText(packet)}`, packet }];
  });
  return [...recent, ...underWay];
}

function packetLines(debug: Debugger, number: number): readonly string[] {
  const all = packetsOf(debug);
  const listed = all[number - 1];
  if (listed === undefined) {
    throw new CommandError(`there is no packet ${number}; there are ${all.length}, and \`packets\` lists them`);
  }
  return [listed.text, ...encodePacket(listed.packet).flatMap((bytes) => hexLines(bytes))];
}
