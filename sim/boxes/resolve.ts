/** Looks a name up for a middlebox, as its own resolver would: later, by a timer of its own. */
import { namesOf } from '../names.ts';
import { tryParseAddress } from '../address.ts';
import type { Host } from '../host.ts';

/** Tells the first address of a name, or undefined when there is none. An address is its own name, and told at once. */
export function resolveName(host: Host, name: string, tell: (address: string | undefined) => void): void {
  if (tryParseAddress(name) !== undefined) {
    tell(name);
    return;
  }
  const names = namesOf(host.world);
  host.platform().setTimer(names.lookupMicros, () => {
    const answer = names.lookup(name);
    tell('addresses' in answer ? answer.addresses[0] : undefined);
  });
}
