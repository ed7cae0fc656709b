/**
 * What happens to a host with two interfaces and what its programs are told, as data: the same cases are played on the kernel
 * (`npm run lab`) and in the simulator. The words are those of Linux 6.18 with Node 20.
 */
import type { FirewallOptions } from '../../../sim/index.ts';
import type { HostProgram } from './program.ts';

/** The client's addresses; both networks lead to the server, the first one is preferred. */
export const FIRST_ADDRESS = '10.1.0.2';
export const SECOND_ADDRESS = '10.2.0.2';
export const SERVER_ADDRESS = '192.0.2.1';
/** An echo for both protocols, and a port where nobody is. */
export const OPEN_PORT = 7_000;
const CLOSED_PORT = 7_001;

export type Interface = 'first' | 'second';

/** Something done to the client's host, or a question to its program. */
export type HostStep =
  | { readonly do: 'down' | 'up' | 'takeAddress' | 'giveAddress'; readonly at: Interface }
  | {
      readonly ask: keyof HostProgram;
      readonly port?: number;
      readonly host?: string;
      readonly from?: string;
    };

export type HostCase = {
  readonly name: string;
  /** Of the client or of the server; the other has none. */
  readonly firewall?: { readonly at: 'client' | 'server'; readonly options: FirewallOptions };
  readonly steps: readonly HostStep[];
  /** Answers of the program, in order. */
  readonly words: readonly string[];
};

const down = (at: Interface): HostStep => ({ do: 'down', at });
const send: HostStep = { ask: 'send' };
const connect: HostStep = { ask: 'connect' };
const connectClosed: HostStep = { ask: 'connect', port: CLOSED_PORT };
const keep: HostStep = { ask: 'keep' };
const write: HostStep = { ask: 'write' };
const answer: HostStep = { ask: 'answer' };

function guarded(name: string, at: 'client' | 'server', options: FirewallOptions, words: readonly string[]): HostCase {
  return { name, firewall: { at, options }, steps: [send, connect, connectClosed], words };
}

export const HOST_CASES: readonly HostCase[] = [
  {
    name: 'bound to the second address: sent by the first interface, answered by the second',
    steps: [{ ask: 'send', from: SECOND_ADDRESS }],
    words: ['answer'],
  },
  {
    name: 'the preferred interface goes down: the other one takes over',
    steps: [down('first'), send, connect],
    words: ['answer', 'connected'],
  },
  {
    name: 'bound to the address of an interface that is down: it can be sent, but no answer finds back',
    steps: [
      { ask: 'bind', from: SECOND_ADDRESS },
      down('second'),
      { ask: 'sendKept' },
      { ask: 'send', from: SECOND_ADDRESS },
    ],
    words: ['bound', 'silence', 'silence'],
  },
  {
    name: 'bound to an address that is gone',
    steps: [
      { ask: 'bind', from: SECOND_ADDRESS },
      { do: 'takeAddress', at: 'second' },
      { ask: 'sendKept' },
      { ask: 'send', from: SECOND_ADDRESS },
      { ask: 'connect', from: SECOND_ADDRESS },
    ],
    words: ['bound', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EADDRNOTAVAIL'],
  },
  {
    name: 'both interfaces down: no network, but the host still reaches its own address',
    steps: [down('first'), down('second'), send, connect, { ask: 'connect', host: FIRST_ADDRESS, port: CLOSED_PORT }],
    words: ['ENETUNREACH', 'ENETUNREACH', 'ECONNREFUSED'],
  },
  {
    name: 'a connection whose interface goes down, another one left',
    steps: [keep, down('first'), write, answer],
    words: ['connected', 'written', 'ETIMEDOUT'],
  },
  {
    name: 'a connection with no interface left',
    steps: [keep, down('first'), down('second'), write, answer],
    words: ['connected', 'written', 'ETIMEDOUT'],
  },
  {
    name: 'a connection whose address is taken away',
    steps: [keep, { do: 'takeAddress', at: 'first' }, write, answer],
    words: ['connected', 'written', 'ETIMEDOUT'],
  },
  {
    name: 'a connection whose address is taken away and given back',
    steps: [keep, { do: 'takeAddress', at: 'first' }, write, { do: 'giveAddress', at: 'first' }, answer],
    words: ['connected', 'written', 'answer'],
  },
  guarded('no firewall: datagram, open port, closed port', 'server', { inbound: 'accept' }, [
    'answer',
    'connected',
    'ECONNREFUSED',
  ]),
  guarded('the server drops', 'server', {}, ['silence', 'ETIMEDOUT', 'ETIMEDOUT']),
  guarded('the server rejects by RST', 'server', { inbound: 'reject' }, ['silence', 'ECONNREFUSED', 'ECONNREFUSED']),
  guarded(
    'the server rejects by ICMP port unreachable',
    'server',
    { inbound: 'reject', rejectWith: 'portUnreachable' },
    ['silence', 'ECONNREFUSED', 'ECONNREFUSED'],
  ),
  guarded(
    'the server rejects by ICMP administratively prohibited',
    'server',
    { inbound: 'reject', rejectWith: 'prohibited' },
    ['silence', 'EHOSTUNREACH', 'EHOSTUNREACH'],
  ),
  guarded('the client lets nothing in but answers', 'client', {}, ['answer', 'connected', 'ECONNREFUSED']),
  guarded('the client lets nothing out', 'client', { outbound: 'drop' }, ['EPERM', 'ETIMEDOUT', 'ETIMEDOUT']),
  guarded('the client rejects what goes out', 'client', { outbound: 'reject', rejectWith: 'portUnreachable' }, [
    'EPERM',
    'ECONNREFUSED',
    'ECONNREFUSED',
  ]),
  guarded('the client prohibits what goes out', 'client', { outbound: 'reject', rejectWith: 'prohibited' }, [
    'EPERM',
    'EHOSTUNREACH',
    'EHOSTUNREACH',
  ]),
];
