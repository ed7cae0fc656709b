/**
 * Joins stores of several machines. Pure.
 *
 * The rule: the sessions of all, by id; of two copies of one session the one with more progress. Whatever the order and however
 * often stores are joined, the result is the same (commutative, associative, idempotent), because ids are unique and a session
 * only grows. Should two copies of equal progress differ, which no campaign writes, the one whose text comes first stays.
 */
import type { Session, Store } from './model.ts';

/** All sessions of both. */
export function joinStores(left: Store, right: Store): Store {
  const joined = new Map(left);
  for (const [id, session] of right) {
    const known = joined.get(id);
    joined.set(id, known === undefined ? session : furtherSession(known, session));
  }
  return joined;
}

/** The copy that holds more. */
export function furtherSession(left: Session, right: Session): Session {
  if (left.progress !== right.progress) return left.progress > right.progress ? left : right;
  return JSON.stringify(left) <= JSON.stringify(right) ? left : right;
}
