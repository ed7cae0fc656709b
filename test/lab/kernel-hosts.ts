/**
 * A host with two interfaces in the kernel beside one in the simulator: interfaces go down, addresses go away, nftables drops
 * and rejects, and one Node program says what it is told. Every case has namespaces of its own, a few at a time.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { $ } from 'zx';
import { besideLine } from './beside.ts';
import type { BesideLine } from './beside.ts';
import type { FirewallOptions } from '../../sim/index.ts';
import { FIRST_ADDRESS, HOST_CASES, OPEN_PORT, SECOND_ADDRESS, SERVER_ADDRESS } from '../fidelity/hosts/cases.ts';
import type { HostCase, HostStep, Interface } from '../fidelity/hosts/cases.ts';
import { HOST_PROGRAM } from '../fidelity/hosts/program.ts';
import { simulatedWords } from '../fidelity/hosts/simulated.ts';

const AT_ONCE = 9;
const ENDED = 'the program ended';
const quiet = $({ quiet: true });

const PLACES = {
  first: { device: 'eth0', address: FIRST_ADDRESS, gateway: '10.1.0.1', metric: 100 },
  second: { device: 'eth1', address: SECOND_ADDRESS, gateway: '10.2.0.1', metric: 200 },
} as const satisfies Record<Interface, unknown>;

/** The program, told what to do by lines of JSON on its standard input. */
const RUNNER = `${HOST_PROGRAM}
const program = module.exports;
require('node:readline').createInterface({ input: process.stdin }).on('line', async (line) => {
  const { ask, to } = JSON.parse(line);
  console.log(JSON.stringify(await program[ask](to)));
});`;

const ECHO = `
require('node:net').createServer((socket) => socket.on('error', () => 0).pipe(socket)).listen(${OPEN_PORT}, () => {
  const echo = require('node:dgram').createSocket('udp4');
  echo.on('message', (bytes, from) => echo.send(bytes, from.port, from.address));
  echo.bind(${OPEN_PORT}, '${SERVER_ADDRESS}', () => console.log('"listening"'));
});`;

/** Plays all cases on the kernel. */
export async function realHosts(): Promise<readonly (readonly string[])[]> {
  const words: string[][] = [];
  for (let first = 0; first < HOST_CASES.length; first += AT_ONCE) {
    const some = HOST_CASES.slice(first, first + AT_ONCE);
    words.push(...(await Promise.all(some.map((each, index) => realWords(each, first + index)))));
  }
  return words;
}

/** Them beside the simulator's. */
export async function linesOfHosts(real: readonly (readonly string[])[]): Promise<readonly BesideLine[]> {
  const lines: BesideLine[] = [];
  for (const [index, each] of HOST_CASES.entries()) {
    const simulated = await simulatedWords(each);
    lines.push(besideLine(`${each.name}: `, real[index]!.join(', '), simulated.join(', ')));
  }
  return lines;
}

async function realWords({ firewall, steps }: HostCase, index: number): Promise<string[]> {
  const [client, server] = [`esf-${process.pid}-c${index}`, `esf-${process.pid}-s${index}`];
  const programs: { stop(): void }[] = [];
  try {
    await build(client, server);
    const echo = new Program(server, ECHO);
    programs.push(echo);
    await echo.next();
    if (firewall !== undefined) {
      const rules = nftRules(firewall.options);
      await quiet({ input: rules })`ip netns exec ${firewall.at === 'client' ? client : server} nft -f -`;
    }
    const program = new Program(client, RUNNER);
    programs.push(program);
    const words: string[] = [];
    for (const step of steps) {
      if ('ask' in step) {
        const { host = SERVER_ADDRESS, port = OPEN_PORT, from } = step;
        program.tell({ ask: step.ask, to: { host, port, from } });
        words.push(await program.next());
      } else {
        await change(client, step);
      }
    }
    return words;
  } finally {
    for (const program of programs) program.stop();
    await Promise.all([client, server].map((name) => quiet({ nothrow: true })`ip netns del ${name}`));
  }
}

async function build(client: string, server: string): Promise<void> {
  for (const name of [client, server]) {
    await quiet`ip netns add ${name}`;
    await quiet`ip -n ${name} link set lo up`;
    // Every error is to be told, however many there are.
    await quiet`ip netns exec ${name} sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv4.icmp_msgs_per_sec=100000`;
  }
  await quiet`ip netns exec ${client} sysctl -qw net.ipv4.tcp_retries2=3 net.ipv4.tcp_syn_retries=2`;
  await quiet`ip -n ${server} addr add ${SERVER_ADDRESS}/32 dev lo`;
  for (const place of ['first', 'second'] as const) {
    const { device, gateway } = PLACES[place];
    await quiet`ip link add ${device} netns ${client} type veth peer name ${device} netns ${server}`;
    await quiet`ip -n ${server} addr add ${gateway}/24 dev ${device}`;
    await quiet`ip -n ${server} link set ${device} up`;
    await quiet`ip -n ${client} link set ${device} up`;
    await change(client, { do: 'giveAddress', at: place });
  }
}

/** A route goes with its interface and with its address, and comes back with neither. */
async function change(client: string, step: Exclude<HostStep, { ask: string }>): Promise<void> {
  const { device, address, gateway, metric } = PLACES[step.at];
  if (step.do === 'down' || step.do === 'up') await quiet`ip -n ${client} link set ${device} ${step.do}`;
  else await quiet`ip -n ${client} addr ${step.do === 'takeAddress' ? 'del' : 'add'} ${address}/24 dev ${device}`;
  if (step.do === 'down' || step.do === 'takeAddress') return;
  await quiet`ip -n ${client} route add default via ${gateway} dev ${device} metric ${metric}`;
}

/** The rules for `nft` that say the same; single rules are not translated. */
function nftRules({ inbound = 'drop', outbound = 'accept', rejectWith = 'reset' }: FirewallOptions): string {
  const icmp = rejectWith === 'prohibited' ? 'admin-prohibited' : 'port-unreachable';
  const reset = rejectWith === 'reset' ? 'meta l4proto tcp reject with tcp reset' : '';
  const last = (action: string): string =>
    action === 'reject' ? `${reset}\n    reject with icmp type ${icmp}` : action;
  const chain = (hook: string, loopback: string, action: string): string => `  chain ${hook} {
    type filter hook ${hook} priority 0
    ${loopback} lo accept
    ct state established,related accept
    ${last(action)}
  }`;
  return `table ip guard {\n${chain('input', 'iif', inbound)}\n${chain('output', 'oif', outbound)}\n}\n`;
}

/** A Node program in a namespace that says one word, as JSON, per line. */
class Program {
  readonly #process;
  readonly #said: string[] = [];
  #isOver = false;
  #waiting: ((word: string) => void) | undefined = undefined;

  constructor(namespace: string, source: string) {
    this.#process = spawn('ip', ['netns', 'exec', namespace, process.execPath, '-e', source], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    createInterface(this.#process.stdout).on('line', (line) => this.#take(JSON.parse(line) as string));
    this.#process.on('close', () => {
      this.#isOver = true;
      this.#take(ENDED);
    });
  }

  tell(what: unknown): void {
    this.#process.stdin.write(`${JSON.stringify(what)}\n`);
  }

  /** The next word, said or to come. */
  next(): Promise<string> {
    const said = this.#said.shift();
    if (said !== undefined || this.#isOver) return Promise.resolve(said ?? ENDED);
    return new Promise((resolve) => (this.#waiting = resolve));
  }

  stop(): void {
    this.#process.kill('SIGKILL');
  }

  #take(word: string): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#said.push(word);
    else waiting(word);
  }
}
