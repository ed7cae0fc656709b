/**
 * Asks a NAT how it behaves, from behind it, as RFC 5780 section 4 says: mapping, filtering, hairpin, lifetime, and how it
 * gives out ports. It knows nothing of the NAT but what comes back, and works over any platform, simulated or real.
 *
 * It sends every question once: it is for networks without loss. The server is `serveStun`.
 */
import type { Endpoint, Platform } from '../../spec/platform.ts';
import type { NatDependence } from '../../sim/index.ts';
import { openAsker, sleep } from './asker.ts';
import type { Asker } from './asker.ts';

export type Hairpin = 'off' | 'externalSource' | 'internalSource' | 'unobservable';

/** How ports were given out to sockets opened one after the other; `step` from each to the next when it is always the same. */
export type SeenAllocation = { readonly kind: 'preserving' | 'sequential' | 'random'; readonly step?: number };

export type Classification = {
  readonly mapping: NatDependence;
  readonly filtering: NatDependence;
  readonly hairpin: Hairpin;
  readonly allocation: SeenAllocation;
};

/** Sockets opened to see how ports are given out. */
const ALLOCATION_SOCKETS = 6;

/** Classifies the NAT in front of `platform`. @throws Error - the server does not answer, or answers make no sense. */
export async function classify(platform: Platform, server: Endpoint): Promise<Classification> {
  const mapping = await mappingOf(platform, server);
  const filtering = await filteringOf(platform, server);
  const hairpin = await hairpinOf(platform, server, { mapping, filtering });
  return { mapping, filtering, hairpin, allocation: await allocationOf(platform, server) };
}

/** RFC 5780 section 4.3. */
async function mappingOf(platform: Platform, server: Endpoint): Promise<NatDependence> {
  const asker = await openAsker(platform);
  const first = await asker.mustAsk(server);
  const second = await asker.mustAsk({ address: first.other.address, port: server.port });
  const third = await asker.mustAsk(first.other);
  asker.close();
  if (isSame(first.mapped, second.mapped)) return 'endpointIndependent';
  return isSame(second.mapped, third.mapped) ? 'addressDependent' : 'addressAndPortDependent';
}

/** RFC 5780 section 4.4, with a fourth question that must agree with the second. */
async function filteringOf(platform: Platform, server: Endpoint): Promise<NatDependence> {
  const asker = await openAsker(platform);
  await asker.mustAsk(server);
  const fromOther = await asker.ask(server, { changeAddress: true, changePort: true });
  const fromOtherPort = await asker.ask(server, { changePort: true });
  const fromOtherAddress = await asker.ask(server, { changeAddress: true });
  asker.close();
  if ((fromOther === undefined) !== (fromOtherAddress === undefined)) {
    throw new Error(
      'the filter lets another address in from one port and not from the other; RFC 5780 has no word for it',
    );
  }
  if (fromOther !== undefined) return 'endpointIndependent';
  return fromOtherPort === undefined ? 'addressAndPortDependent' : 'addressDependent';
}

/**
 * RFC 5780 section 4.5, after a packet the other way that opens the filter. Where the answer would need a guessed port, there
 * is none: where both mapping and filter depend on the endpoint, a hairpin cannot be told from none.
 */
async function hairpinOf(
  platform: Platform,
  server: Endpoint,
  { mapping, filtering }: Pick<Classification, 'mapping' | 'filtering'>,
): Promise<Hairpin> {
  const [left, right] = [await openAsker(platform), await openAsker(platform)];
  const [ofLeft, ofRight] = [(await left.mustAsk(server)).mapped, (await right.mustAsk(server)).mapped];
  left.send(ofRight);
  await left.wait();
  right.send(ofLeft);
  await right.wait();
  const source = left.requestsFrom[0] ?? right.requestsFrom[0];
  left.close();
  right.close();
  if (source !== undefined) return source.address === ofLeft.address ? 'externalSource' : 'internalSource';
  const isBlind = mapping !== 'endpointIndependent' && filtering !== 'endpointIndependent';
  return isBlind ? 'unobservable' : 'off';
}

async function allocationOf(platform: Platform, server: Endpoint): Promise<SeenAllocation> {
  const pairs: { readonly local: number; readonly external: number }[] = [];
  const askers: Asker[] = [];
  for (let count = 0; count < ALLOCATION_SOCKETS; count += 1) {
    const asker = await openAsker(platform);
    askers.push(asker);
    pairs.push({ local: asker.localPort, external: (await asker.mustAsk(server)).mapped.port });
  }
  for (const asker of askers) asker.close();
  if (pairs.every(({ local, external }) => local === external)) return { kind: 'preserving' };
  const steps = pairs.slice(1).map(({ external }, index) => external - pairs[index]!.external);
  return steps.every((step) => step === steps[0]) ? { kind: 'sequential', step: steps[0]! } : { kind: 'random' };
}

/**
 * The life of an idle UDP mapping in whole seconds, from 1 to `secsMax` (RFC 5780 section 4.6): found by halving, each trial
 * on a mapping of its own. Undefined when it is longer. It takes as long as it says, so ask it in virtual time.
 */
export async function lifetimeSecs(platform: Platform, server: Endpoint, secsMax: number): Promise<number | undefined> {
  const isAliveAfter = async (secs: number): Promise<boolean> => {
    const [idle, other] = [await openAsker(platform), await openAsker(platform)];
    const { mapped } = await idle.mustAsk(server);
    await sleep(platform, secs * 1_000_000);
    other.send(server, { responsePort: mapped.port });
    await idle.wait();
    const isAlive = idle.strays > 0;
    idle.close();
    other.close();
    return isAlive;
  };
  if (await isAliveAfter(secsMax)) return undefined;
  let [alive, dead] = [0, secsMax];
  while (dead - alive > 1) {
    const middle = Math.floor((alive + dead) / 2);
    if (await isAliveAfter(middle)) alive = middle;
    else dead = middle;
  }
  return dead;
}

function isSame(a: Endpoint, b: Endpoint): boolean {
  return a.address === b.address && a.port === b.port;
}
