/** Entries of one hash, linked one behind the other: what a table of chains does when one comes or goes. It finds nothing. */

/** An entry knows the next one of its hash. */
export type Chained<T> = { next: T | undefined };

/** Puts an entry in front of its chain. */
export function link<T extends Chained<T>>(chains: Map<number, T>, hash: number, entry: T): void {
  entry.next = chains.get(hash);
  chains.set(hash, entry);
}

/** Takes an entry that is there out of its chain; an empty chain goes. */
export function unlink<T extends Chained<T>>(chains: Map<number, T>, hash: number, entry: T): void {
  const first = chains.get(hash)!;
  if (first !== entry) {
    let before = first;
    while (before.next !== entry) before = before.next!;
    before.next = entry.next;
  } else if (entry.next !== undefined) chains.set(hash, entry.next);
  else chains.delete(hash);
}
