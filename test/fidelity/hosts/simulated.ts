/** Plays a case of `cases.ts` in the simulator, with the program on a virtual host. */
import { Host, Router, World, connectNodes, parseAddress } from '../../../sim/index.ts';
import type { NetworkInterface } from '../../../sim/index.ts';
import { startNode } from '../../../sim/node/index.ts';
import { FIRST_ADDRESS, OPEN_PORT, SECOND_ADDRESS, SERVER_ADDRESS } from './cases.ts';
import type { HostCase, HostStep, Interface } from './cases.ts';
import { HOST_PROGRAM } from './program.ts';
import type { HostProgram } from './program.ts';

/** Gives up as early as the lab's kernel does with three repeats of data and two of a SYN. */
const IMPATIENT = { userTimeoutMicros: 3_000_000, synRetriesMax: 2 };

/** The answers of the program. */
export function simulatedWords({ firewall, steps }: HostCase): Promise<readonly string[]> {
  const world = new World({ seed: 1 });
  const [client, server] = [new Host(world, 'client', { tcp: IMPATIENT }), new Host(world, 'server')];
  const interfaces = connect(client, server);
  echo(server);
  if (firewall !== undefined) (firewall.at === 'client' ? client : server).setFirewall(firewall.options);
  const node = startNode(client, { from: import.meta.url });
  const program = node.evaluate(HOST_PROGRAM) as HostProgram;
  return world.run(async () => {
    const words: string[] = [];
    for (const step of steps) {
      if ('ask' in step) words.push(await ask(program, step));
      else change(client, interfaces, step);
    }
    return words;
  });
}

/** Two networks to the server, over one router. */
function connect(client: Host, server: Host): Readonly<Record<Interface, NetworkInterface>> {
  const router = new Router(client.world, 'router');
  const [first, second] = [FIRST_ADDRESS, SECOND_ADDRESS].map((address) => {
    const ends = [
      { node: client, address: parseAddress(address) },
      { node: router, address: parseAddress(address.replace(/2$/, '1')) },
    ] as const;
    const { left, right } = connectNodes(...ends);
    router.routes.addHost(left.address, right);
    return left;
  });
  const address = parseAddress(SERVER_ADDRESS);
  const { right } = connectNodes({ node: server, address }, { node: router, address: parseAddress('192.0.2.254') });
  router.routes.addHost(address, right);
  return { first: first!, second: second! };
}

function echo(server: Host): void {
  const platform = server.platform();
  platform.listenTcp(
    { port: OPEN_PORT },
    {
      onConnection: (connection) => ({ onData: (bytes) => connection.write(bytes), onClosed: () => undefined }),
      onError: (code) => {
        throw new Error(code);
      },
    },
  );
  const socket = platform.bindUdp(
    { port: OPEN_PORT },
    { onMessage: (bytes, from) => socket.send(bytes.slice(), from) },
  );
}

/** A question to the program, its answer in one word. */
function ask(program: HostProgram, step: Extract<HostStep, { ask: string }>): Promise<string> {
  const { host = SERVER_ADDRESS, port = OPEN_PORT, from } = step;
  return program[step.ask]({ host, port, ...(from === undefined ? {} : { from }) });
}

function change(
  client: Host,
  interfaces: Readonly<Record<Interface, NetworkInterface>>,
  step: Exclude<HostStep, { ask: string }>,
): void {
  const at = interfaces[step.at];
  if (step.do === 'down' || step.do === 'up') client.network.setInterface(at, step.do);
  else client.network.setAddress(at, step.do === 'takeAddress' ? 'gone' : 'held');
}
