/**
 * What a run says about an implementation as a whole: does it conform to Core, to Full, is its codec right? Pure.
 *
 * A profile is a set of features (chapter 20, section 3.1). An implementation conforms when it declares them all and no
 * case that needs nothing else is red, at fault, declined or not run. Foreseen failures are named as exceptions.
 */
import type { CaseVerdict, ClauseLevel } from '../../reports/model.ts';
import type { Feature } from '../api.ts';

/** The profiles, the smaller one first. */
export const PROFILES = {
  Core: ['logon', 'send', 'query', 'ack', 'heartbeat', 'relogon'],
  Full: ['logon', 'send', 'query', 'ack', 'heartbeat', 'relogon', 'blob', 'reconnect', 'basic', 'sendMessage'],
} as const satisfies Readonly<Record<string, readonly Feature[]>>;
type ProfileName = keyof typeof PROFILES | 'Codec';

export type JudgedCase = {
  readonly verdict: CaseVerdict;
  readonly level: ClauseLevel;
  readonly needs: readonly Feature[];
};

export type Conformance = {
  readonly profile: ProfileName;
  readonly result: 'conformant' | 'not conformant' | 'not declared';
  /** Cases of the profile that count. */
  readonly cases: number;
  /** Features that are missing. */
  readonly missing: readonly Feature[];
  /** Cases that speak against it. */
  readonly against: readonly string[];
  /** Cases that failed as their owner announced. */
  readonly exceptions: readonly string[];
};

/** Judges every profile. @param judged - Of a run over all cases; a part of them proves nothing. */
export function conformanceOf(judged: readonly JudgedCase[], declared: readonly Feature[]): readonly Conformance[] {
  const profiles = Object.entries(PROFILES) as [keyof typeof PROFILES, readonly Feature[]][];
  const clients = profiles.map(([name, features]) => {
    const missing = features.filter((feature) => !declared.includes(feature));
    return judgeProfile(
      name,
      judged.filter((each) => each.needs.every((need) => features.includes(need))),
      missing,
    );
  });
  const codec = judged.filter((each) => each.needs.some(isCodec));
  return [...clients, ...(declared.some(isCodec) ? [judgeProfile('Codec', codec, [])] : [])];
}

function isCodec(feature: Feature): boolean {
  return feature === 'decode' || feature === 'encode';
}

function judgeProfile(profile: ProfileName, judged: readonly JudgedCase[], missing: readonly Feature[]): Conformance {
  const verdicts = judged.map(({ verdict }) => verdict);
  const against = judged.filter(speaksAgainst).map(({ verdict }) => verdict);
  const exceptions = verdicts.filter(({ status }) => status === 'grey');
  const fits = missing.length === 0 && against.length === 0 && verdicts.some(({ status }) => status === 'green');
  return {
    profile,
    // Nothing of the profile declared is no failure; most of it declared and one missing is.
    result: fits ? 'conformant' : missing.length > 0 && against.length === 0 ? 'not declared' : 'not conformant',
    cases: verdicts.filter(({ outcome }) => outcome !== 'not-applicable').length,
    missing,
    against: against.map((verdict) => verdict.case),
    exceptions: exceptions.map((verdict) => verdict.case),
  };
}

/**
 * Whoever declares a feature and then declines what it MUST do has not got it. A codec is not expected to know every type
 * the vectors use, so a vector that was declined says nothing.
 */
function speaksAgainst({ verdict: { status, outcome }, level, needs }: JudgedCase): boolean {
  if (status === 'red' || status === 'purple') return true;
  if (status === 'grey') return false;
  return outcome === 'not-run' || (outcome === 'declined' && level === 'MUST' && !needs.some(isCodec));
}

const NAMED_MAX = 8;

/** "Core: conformant with 2 exceptions (LOG-7Q2K, SEC-1AB2)". */
export function conformanceLine(conformance: Conformance): string {
  const { profile, result, missing, against, exceptions } = conformance;
  if (result === 'conformant') {
    const noted =
      exceptions.length === 0 ? '' : ` with ${count(exceptions.length, 'exception')} (${named(exceptions)})`;
    return `${profile}: conformant${noted}`;
  }
  if (result === 'not declared')
    return `${profile}: not conformant, the adapter does not declare ${missing.join(', ')}`;
  if (against.length === 0) return `${profile}: not conformant, no case passed`;
  return `${profile}: not conformant, ${count(against.length, 'case')} against it (${named(against)})`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function named(cases: readonly string[]): string {
  const more = cases.length - NAMED_MAX;
  return more > 0 ? `${cases.slice(0, NAMED_MAX).join(', ')} and ${more} more` : cases.join(', ');
}
