import { describe, expect, it } from 'vitest';
import { playNatPmp, playSocks } from './boxes.ts';

describe('nat-pmp on a virtual host', () => {
  it('opens a port of a symmetric NAT, and closes it again', async () => {
    const story = await playNatPmp(5, {});
    expect(story.address).toBe('198.18.0.3');
    expect(story.mapped).toMatchObject({ public: 7_000, ttl: 600, type: 'tcp' });
    expect(story.answers).toEqual(['silence', 'hello', 'silence']);
    expect((await playNatPmp(5, {})).digest).toBe(story.digest);
  });

  it('believes a gateway that only acknowledges', async () => {
    const story = await playNatPmp(5, { lies: { acknowledgesOnly: true } });
    expect(story.mapped).toMatchObject({ public: 7_000 });
    expect(story.answers).toEqual(['silence', 'silence', 'silence']);
  });

  it('is told when there is no room', async () => {
    expect((await playNatPmp(5, { entriesMax: 0 })).mapped).toContain('Out of Resources');
  });
});

describe('socks on a virtual host', () => {
  it('connects, is connected to, and exchanges datagrams through the proxy', async () => {
    const story = await playSocks(5);
    expect(story.connected).toBe('hello 198.18.0.2');
    expect(story.refused).toContain('ConnectionRefused');
    expect(story.bound).toEqual(['198.18.0.3', 'a visit']);
    expect(story.datagrams).toEqual(['198.18.0.3:7', 'echo one']);
    expect((await playSocks(5)).digest).toBe(story.digest);
  });
});
