/**
 * Every kind of home calls every other: the real engine on real sockets behind the kernel's NATs, and the same engine in the
 * simulator behind the device classes of the same names. What comes of each pair must be the same: direct or relayed.
 *
 * Over UDP only: TCP between two NATs needs a listener's port for dialling out, which Node's sockets do not give.
 */
import { rapidEngineFactory } from '../../impl/index.ts';
import { Internet, NAT_DEVICES, World } from '../../sim/index.ts';
import type { NatBehaviour, NatDeviceName } from '../../sim/index.ts';
import { besideLine } from './beside.ts';
import type { BesideLine } from './beside.ts';
import { placeHost } from '../../scenarios/nat/place.ts';
import { MASQUERADE_RULES, buildHomes } from './homes.ts';
import type { Home, HomeRules } from './homes.ts';
import { KERNEL_NAT_RULES } from './kernel-rules.ts';
import { PairEnd } from './pair-end.ts';
import type { PairOutcome } from './pair-end.ts';
import { labScript, startServer } from './programs.ts';
import { Talking } from './talking.ts';

/** A kind of home, as rules for the kernel and as NATs for the simulator. */
type Kind = { readonly name: string; readonly rules: HomeRules; readonly nats: readonly NatBehaviour[] };

const NO_UDP = MASQUERADE_RULES.replace(
  'hook forward priority filter; policy accept;',
  'hook forward priority filter; policy accept; ip protocol udp drop',
);

const KINDS: readonly Kind[] = [
  { name: 'open', rules: { open: true }, nats: [] },
  ...(['linuxFullCone', 'linuxMasquerade', 'linuxFullyRandom'] as const).map(
    (name: NatDeviceName & keyof typeof KERNEL_NAT_RULES) => ({
      name,
      rules: KERNEL_NAT_RULES[name],
      nats: [NAT_DEVICES[name].behaviour],
    }),
  ),
  { name: 'udpBlocked', rules: NO_UDP, nats: [{ ...NAT_DEVICES.linuxMasquerade.behaviour, blocksUdp: true }] },
];

const PORT = 4530;
const callerOf = (index: number): string => `caller${index}`;
const calledOf = (index: number): string => `called${index}`;
const CALLED = KINDS.map((_, index) => calledOf(index));

type Matrix = readonly (readonly PairOutcome[])[];

/** What came of each pair beside what comes of it in the simulator. */
export async function linesOfPairs(real: Matrix): Promise<readonly BesideLine[]> {
  const simulated = await simulatedPairs();
  return KINDS.flatMap((caller, row) =>
    KINDS.map((called, column) => {
      const name = `${caller.name} calls ${called.name}`.padEnd(41);
      return besideLine(name, real[row]![column]!, simulated[row]![column]!);
    }),
  );
}

/** Runs the pairs behind the kernel. */
export async function realPairs(): Promise<Matrix> {
  const homes = await buildHomes([...KINDS, ...KINDS].map(({ rules }) => rules));
  const started: Talking[] = [];
  const start = (home: Home, userID: string, ...peers: string[]): Talking => {
    const args = labScript('pair-client.ts', homes.serverAddress, String(PORT), userID, ...peers);
    const talking = new Talking(home.host, args, userID);
    started.push(talking);
    return talking;
  };
  try {
    started.push(await startServer(homes, PORT));
    const called = KINDS.map((_, index) => start(homes.all[KINDS.length + index]!, calledOf(index)));
    for (const each of called) await each.waitFor(({ event }) => event === 'logon');
    const callers = KINDS.map((_, index) => start(homes.all[index]!, callerOf(index), CALLED.join()));
    const rows: (readonly PairOutcome[])[] = [];
    for (const each of callers) {
      const line = await each.waitFor(({ event }) => event === 'outcomes');
      rows.push(line.outcomes as readonly PairOutcome[]);
    }
    return rows;
  } finally {
    for (const talking of started) talking.stop();
    await homes.remove();
  }
}

async function simulatedPairs(): Promise<Matrix> {
  const world = new World({ seed: 1 });
  const internet = new Internet(world);
  const serverHost = internet.host('server');
  const ends = (nameOf: (index: number) => string): readonly PairEnd[] =>
    KINDS.map(({ nats }, index) => new PairEnd(placeHost(internet, nameOf(index), { nats }).platform()));
  const [called, callers] = [ends(calledOf), ends(callerOf)];
  return await world.run(async () => {
    const platform = serverHost.platform();
    const server = rapidEngineFactory.createServerEngine(platform);
    await server.initialize(PORT, null);
    const at = { address: platform.localAddresses()[0]!, port: PORT };
    for (const [index, end] of called.entries()) await end.logon(calledOf(index), at);
    for (const [index, end] of callers.entries()) await end.logon(callerOf(index), at);
    const rows = await Promise.all(callers.map((end) => end.call(CALLED)));
    for (const end of [...called, ...callers]) end.close();
    server.close();
    return rows;
  });
}
