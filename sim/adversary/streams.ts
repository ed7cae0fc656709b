/**
 * Floods of real connections from the attacker's own address: some that say nothing, some what a client says, some what nobody
 * says. They read and throw away, and stay until the server ends them.
 */
import type { TcpConnection } from '../../spec/platform.ts';
import type { Strike } from './attack-classes.ts';
import { MANGLINGS, mangle } from './mangle.ts';

/** What the connections say once they are open. */
export type Talk = 'nothing' | 'phrases' | 'garbage';

/** Between two connections. */
const DIAL_MICROS = 1_000;
/** Messages on each connection. */
const MESSAGES = 5;

/** Opens as many connections as the strike is strong; gives how many, 0 without a server to strike at. */
export function floodConnections(strike: Strike, talk: Talk): number {
  const { adversary, tcpServer, strength } = strike;
  if (tcpServer === undefined) return 0;
  adversary.each(strength, DIAL_MICROS, () => {
    if (!adversary.host.isUp) return;
    const connection: TcpConnection = adversary.host.platform().connectTcp(
      { remote: tcpServer },
      {
        onConnected: () => {
          for (const bytes of wordsOf(strike, talk)) connection.write(bytes);
        },
        onData: () => undefined,
        onEnd: () => connection.end(),
        onClosed: () => undefined,
      },
    );
  });
  return strength;
}

function wordsOf({ adversary: { random }, phrases }: Strike, talk: Talk): readonly Uint8Array[] {
  if (talk === 'nothing') return [];
  return Array.from({ length: MESSAGES }, () => {
    const phrase = phrases.length === 0 ? new Uint8Array(0) : random.pick(phrases);
    return talk === 'phrases' ? phrase : mangle(phrase, random.pick(MANGLINGS), random);
  });
}
