/**
 * Homes and a server in network namespaces of their own, joined by a switch: a home is a host behind a router with nftables
 * rules, masquerade as on a plain Linux router if nothing else is said. All homes have the same private addresses, as in life.
 *
 * It needs root, `ip` and `nft`; `whyNot` says what is missing. `buildHomes` makes everything, `remove` takes all of it
 * away again, also when something in between failed. It runs nothing by itself: see `main.ts`.
 */
import { $ } from 'zx';

/** Names of the namespaces; made unique by the process id. */
export type Homes = {
  readonly server: string;
  /** In the order of the rules they were built with. */
  readonly all: readonly Home[];
  readonly first: Home;
  readonly second: Home;
  readonly serverAddress: string;
  readonly secondServerAddress: string;
  /** Bytes that have crossed the server's only interface, both ways. */
  readonly serverBytes: () => Promise<number>;
  readonly remove: () => Promise<void>;
};

export type Home = {
  /** Where the client runs. */
  readonly host: string;
  /** The same namespace for a home without a router. */
  readonly router: string;
  readonly publicAddress: string;
};

/** What a home's router does, as nftables rules; `open` is a host on the switch itself, without a router. */
export type HomeRules = string | { readonly open: true };

const SERVER_ADDRESS = '203.0.113.10';
/** The same machine; a STUN server needs two. */
const SECOND_SERVER_ADDRESS = '203.0.113.11';
const quiet = $({ quiet: true });
let builtCount = 0;

/** What keeps the lab from running here, as a sentence; undefined when nothing does. */
export async function whyNot(): Promise<string | undefined> {
  for (const tool of ['ip', 'nft']) {
    if ((await quiet({ nothrow: true })`command -v ${tool}`).exitCode !== 0)
      return `the program ${tool} is not installed`;
  }
  const name = `esf-${process.pid}-try`;
  const made = await quiet({ nothrow: true })`ip netns add ${name}`;
  if (made.exitCode !== 0) return `this machine does not allow network namespaces: ${made.stderr.trim()}`;
  const ruled = await quiet({ nothrow: true })`ip netns exec ${name} nft add table ip try`;
  await quiet({ nothrow: true })`ip netns del ${name}`;
  return ruled.exitCode === 0 ? undefined : `this machine does not allow nftables: ${ruled.stderr.trim()}`;
}

/**
 * Builds the network: a home for each of `rules`, at least two. The outer interface of a router is `eth0`, the inner one
 * `lan0`; the first home has the public address 203.0.113.21, the next .22 and so on.
 */
export async function buildHomes(rules: readonly HomeRules[] = [MASQUERADE_RULES, MASQUERADE_RULES]): Promise<Homes> {
  const prefix = `esf-${process.pid}-${(builtCount += 1)}`;
  const namespaces: string[] = [];
  const remove = async (): Promise<void> => {
    for (const name of namespaces.splice(0)) await quiet({ nothrow: true })`ip netns del ${name}`;
  };
  const add = async (part: string): Promise<string> => {
    const name = `${prefix}-${part}`;
    await quiet`ip netns add ${name}`;
    namespaces.push(name);
    await quiet`ip -n ${name} link set lo up`;
    return name;
  };
  try {
    const switchboard = await add('switch');
    await quiet`ip -n ${switchboard} link add br0 type bridge`;
    await quiet`ip -n ${switchboard} link set br0 up`;
    const server = await add('server');
    await plugIn(server, switchboard, 'server', `${SERVER_ADDRESS}/24`);
    await quiet`ip -n ${server} addr add ${SECOND_SERVER_ADDRESS}/24 dev eth0`;
    const all: Home[] = [];
    for (const [index, each] of rules.entries()) {
      all.push(await addHome(add, switchboard, `${index + 1}`, `203.0.113.${21 + index}`, each));
    }
    return {
      server,
      all,
      first: all[0]!,
      second: all[1]!,
      serverAddress: SERVER_ADDRESS,
      secondServerAddress: SECOND_SERVER_ADDRESS,
      serverBytes: () => bytesOf(server),
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** A cable from `eth0` of a namespace to the switch. */
async function plugIn(namespace: string, switchboard: string, port: string, address: string): Promise<void> {
  await quiet`ip link add eth0 netns ${namespace} type veth peer name ${port} netns ${switchboard}`;
  await quiet`ip -n ${switchboard} link set ${port} master br0 up`;
  await quiet`ip -n ${namespace} addr add ${address} dev eth0`;
  await quiet`ip -n ${namespace} link set eth0 up`;
}

async function addHome(
  add: (part: string) => Promise<string>,
  switchboard: string,
  number: string,
  publicAddress: string,
  rules: HomeRules,
): Promise<Home> {
  const host = await add(`host-${number}`);
  if (typeof rules !== 'string') {
    await plugIn(host, switchboard, `host-${number}`, `${publicAddress}/24`);
    return { host, router: host, publicAddress };
  }
  const router = await add(`router-${number}`);
  await plugIn(router, switchboard, `router-${number}`, `${publicAddress}/24`);
  await quiet`ip link add lan0 netns ${router} type veth peer name eth0 netns ${host}`;
  await quiet`ip -n ${router} addr add 192.168.1.1/24 dev lan0`;
  await quiet`ip -n ${router} link set lan0 up`;
  await quiet`ip -n ${host} addr add 192.168.1.2/24 dev eth0`;
  await quiet`ip -n ${host} link set eth0 up`;
  await quiet`ip -n ${host} route add default via 192.168.1.1`;
  await quiet`ip netns exec ${router} sysctl -qw net.ipv4.ip_forward=1`;
  await quiet({ input: rules })`ip netns exec ${router} nft -f -`;
  return { host, router, publicAddress };
}

/**
 * Unsolicited packets are dropped, not answered: an accepted one would leave an entry in the connection table that takes
 * the port away from the home's own packet to the same place.
 */
export const MASQUERADE_RULES = `
table ip home {
  chain nat {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "eth0" masquerade
  }
  chain input {
    type filter hook input priority filter; policy accept;
    iifname "eth0" ct state new drop
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    iifname "eth0" ct state new drop
  }
}
`;

async function bytesOf(namespace: string): Promise<number> {
  const { stdout } = await quiet`ip -n ${namespace} -j -s link show eth0`;
  const [link] = JSON.parse(stdout) as { stats64: { rx: { bytes: number }; tx: { bytes: number } } }[];
  return link!.stats64.rx.bytes + link!.stats64.tx.bytes;
}
