/**
 * What a store knows of each failure, over all its sessions. Pure.
 *
 * Counts are summed; the first and last sighting are by the clocks of the machines; the example is the smallest of the newest
 * build it was seen on, because one of an older build may have been mended since. A failure is open until a replay of it
 * after its last sighting passes.
 */
import { betterExample } from './fold.ts';
import type { Example, Replay, Revision, Session, SessionFailure, Sighting, Store } from './model.ts';

/** One failure over all sessions. */
export type KnownFailure = Omit<SessionFailure, 'first' | 'last' | 'best'> & {
  readonly first: Sighting & Revision;
  readonly last: Sighting & Revision;
  readonly best: Example;
  readonly status: 'open' | 'fixed';
  /** The last replay, and on what. */
  readonly replayed?: Replay & Revision;
};

/** Where a failure or a replay of it was seen. */
type Seen<Value> = { readonly value: Value; readonly session: Session };

/** All failures: open before fixed, then those that were seen last first. */
export function knownFailures(store: Store): readonly KnownFailure[] {
  const sessions = [...store.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const bySignature = new Map<string, Seen<SessionFailure>[]>();
  for (const session of sessions) {
    for (const failure of Object.values(session.failures)) {
      const list = bySignature.get(failure.signature) ?? [];
      list.push({ value: failure, session });
      bySignature.set(failure.signature, list);
    }
  }
  const known = [...bySignature].map(([signature, seen]) => known1(seen, lastReplay(sessions, signature)));
  return known.sort(
    (a, b) => compare(b.status, a.status) || compare(b.last.at, a.last.at) || compare(a.signature, b.signature),
  );
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function known1(seen: readonly Seen<SessionFailure>[], replayed: (Replay & Revision) | undefined): KnownFailure {
  const byFirst = [...seen].sort((a, b) => compare(a.value.first.at, b.value.first.at));
  const byLast = [...seen].sort((a, b) => compare(a.value.last.at, b.value.last.at));
  const first = byFirst[0]!;
  const last = byLast.at(-1)!;
  const newest = seen.filter(({ session }) => session.build === last.session.build);
  const isFixed = replayed?.end === 'fixed' && replayed.at >= last.value.last.at;
  return {
    ...last.value,
    counts: seen.some(({ value }) => value.counts),
    count: seen.reduce((sum, { value }) => sum + value.count, 0),
    first: { ...first.value.first, ...revision(first.session) },
    last: { ...last.value.last, ...revision(last.session) },
    best: newest.map(({ value }) => value.best).reduce(betterExample),
    status: isFixed ? 'fixed' : 'open',
    ...(replayed === undefined ? {} : { replayed }),
  };
}

function lastReplay(sessions: readonly Session[], signature: string): (Replay & Revision) | undefined {
  const replays = sessions.flatMap((session) =>
    session.replays
      .filter((replay) => replay.signature === signature)
      .map((replay) => ({ ...replay, ...revision(session) })),
  );
  // Of two at one moment the one that still fails: a failure is never called mended by the order of a list.
  return replays.sort((a, b) => compare(a.at, b.at) || compare(b.end, a.end)).at(-1);
}

function revision({ commit, build }: Session): Revision {
  return { commit, build };
}
