import { describe, expect, it } from 'vitest';
import type { NatPreset } from '../../sim/index.ts';
import { playIce } from './ice.ts';

const KINDS = ['fullCone', 'restrictedCone', 'portRestricted', 'symmetric'] as const satisfies readonly NatPreset[];
const PAIRS = KINDS.flatMap((a, index) => KINDS.slice(index).map((b) => [a, b] as const));

/** RFC 5128 section 3.3: a symmetric side and one that filters by port cannot meet without a relay. */
function canMeet(a: NatPreset, b: NatPreset): boolean {
  const isHard = (kind: NatPreset): boolean => kind === 'symmetric' || kind === 'portRestricted';
  return !((a === 'symmetric' && isHard(b)) || (b === 'symmetric' && isHard(a)));
}

describe('werift-ice behind two virtual NATs', () => {
  it.each(PAIRS)('%s and %s meet exactly when they can', async (a, b) => {
    const story = await playIce(3, [a, b]);
    expect(story.outcome).toBe(canMeet(a, b) ? 'connected' : 'failed');
    expect(story.candidates).toEqual([
      ['host', 'srflx'],
      ['host', 'srflx'],
    ]);
    if (story.outcome === 'failed') return;
    expect(story.received.toSorted()).toEqual(['agent0 got from 1', 'agent1 got from 0']);
    expect(story.pairs.every((pair) => pair.startsWith('host to'))).toBe(true);
  });

  it('learns the mapping of a symmetric NAT from the check itself', async () => {
    const { pairs } = await playIce(3, ['restrictedCone', 'symmetric']);
    expect(pairs[0]).toMatch(/^host to prflx /);
  });

  it('happens again exactly for the same seed, and otherwise for another', async () => {
    const nats = ['restrictedCone', 'symmetric'] as const;
    const [first, other, again] = [await playIce(5, nats), await playIce(6, nats), await playIce(5, nats)];
    expect(again.digest).toBe(first.digest);
    expect(again.files.pcap()).toEqual(first.files.pcap());
    expect(again.files.pcapng()).toEqual(first.files.pcapng());
    expect(other.digest).not.toBe(first.digest);
  });
});
