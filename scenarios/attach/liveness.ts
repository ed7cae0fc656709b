/**
 * From safety to liveness: heal a core, freeze everything else for good, and show that nothing but the engines can keep the
 * core from coming to rights. What the core must then do, and by when, is the scenario's.
 *
 * Random faults that heal by themselves hide livelocks; so whoever is not in the core stays as broken as the search left it,
 * and cut off besides.
 */
import type { Stage } from '../api.ts';
import type { ClientSubject } from './client-subject.ts';
import { HarnessFault } from './failures.ts';

export type Healing = {
  /** Hosts that must come to rights, the server's among them. */
  readonly core: readonly string[];
  /** Hosts that are gone for good. */
  readonly rest: readonly string[];
};

/** Heals the core, and freezes the rest behind a cut. */
export async function healCore(stage: Stage, { core, rest }: Healing): Promise<void> {
  for (const host of core) await stage.net.fault({ fault: 'recover', host });
  // Behind it: what recovers is let out of every cut.
  for (const host of rest) await stage.net.fault({ fault: 'isolate', host, cut: 'the rest' });
}

/**
 * What a narrowed link had taken leaves at its old pace, a full queue of 256 KiB at the narrowest in 105 s, and a connection
 * request waits behind it.
 */
const OPEN_SECS = 130;

/**
 * Shows that from now on no stall is allowed: from every host of the core a fresh connection gets through to the server. If one
 * does not, the harness has not healed what it says it has, and nothing could be asked of the engines.
 */
export async function stallIsNotAllowed(
  stage: Stage,
  hosts: readonly string[],
  server: { readonly address: string; readonly port: number },
): Promise<void> {
  for (const host of hosts) {
    if (await stage.connects(host, server, OPEN_SECS)) continue;
    throw new HarnessFault(`${host} was healed, but cannot reach the server: its stall would be the network's doing`);
  }
}

/**
 * Time for a healed core to come to rights. A server notices a dead connection by heartbeat, a client whose address is gone only
 * by TCP: with the first repeat after 100 s (RFC 9293 section 3.8.3), and repeats are 120 s apart at most. The rest is for the
 * new logon.
 */
export const CONVERGED_SECS = 260;

/** One acknowledged message from one to the other by then; calls that fail before are what a dead connection looks like. */
export async function talksBy(stage: Stage, client: ClientSubject, target: string, untilSecs: number): Promise<void> {
  while (stage.nowSecs() < untilSecs) {
    const isDone = await client.sendCertainly(target, 9, stage.payload()).then(
      () => true,
      () => false,
    );
    if (isDone) return;
    await stage.sleep(1);
  }
  stage.check(false, 'RCN-001', `${client.userID} and ${target} of the healed core do not talk within bounded time`);
}
