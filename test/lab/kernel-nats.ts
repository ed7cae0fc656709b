/**
 * Four rule sets of the kernel's NAT, each classified by real datagrams (RFC 5780) and printed beside the simulator's device
 * class of the same name, classified by the same code. A difference is a fault.
 *
 * Lives are not measured: they would take minutes of real time. Nor is a hairpin that keeps the inner source, which a single
 * inner host cannot see.
 */
import { join } from 'node:path';
import { NAT_DEVICES } from '../../sim/index.ts';
import type { NatDeviceName } from '../../sim/index.ts';
import { classify } from '../../scenarios/nat/classify.ts';
import type { Classification } from '../../scenarios/nat/classify.ts';
import { behind } from '../fidelity/nat/worlds.ts';
import { MASQUERADE_RULES, buildHomes } from './homes.ts';
import { Talking } from './talking.ts';

const PORTS = ['3478', '3479'] as const;

/** What comes from outside for a high port goes to the one inner host; `hairpin` is more of the nat chains. */
const fullCone = (hairpin: { readonly arriving: string; readonly leaving: string }): string => `
table ip home {
  chain arriving {
    type nat hook prerouting priority dstnat; policy accept;
    iifname "eth0" udp dport 1024-65535 dnat to 192.168.1.2
    ${hairpin.arriving}
  }
  chain leaving {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "eth0" masquerade
    ${hairpin.leaving}
  }
}
`;

const RULES = {
  linuxMasquerade: MASQUERADE_RULES,
  linuxFullyRandom: MASQUERADE_RULES.replace('masquerade', 'masquerade fully-random'),
  linuxFullCone: fullCone({ arriving: '', leaving: '' }),
  linuxFullConeHairpin: fullCone({
    arriving: 'iifname "lan0" ip daddr 203.0.113.21 udp dport 1024-65535 dnat to 192.168.1.2',
    leaving: 'oifname "lan0" ct status dnat ip saddr 192.168.1.0/24 snat to 203.0.113.21',
  }),
} as const satisfies Partial<Record<NatDeviceName, string>>;

/** Builds, classifies and compares them one after the other. @param root - The project's folder. */
export async function kernelNats(root: string): Promise<void> {
  console.log('kernel NATs by real datagrams | simulated device classes:');
  for (const [name, rules] of Object.entries(RULES)) {
    const real = await classifyKernel(root, rules);
    const { behaviour } = NAT_DEVICES[name as keyof typeof RULES];
    const simulated = cells(await behind([behaviour], classify));
    const marks = real.map(
      (cell, index) => `${cell} | ${simulated[index]}${cell === simulated[index] ? '' : '  DIFFERS'}`,
    );
    console.log(`  ${name}`);
    for (const mark of marks) console.log(`    ${mark}`);
    if (real.join() !== simulated.join()) process.exitCode = 1;
  }
}

async function classifyKernel(root: string, rules: string): Promise<string[]> {
  const homes = await buildHomes(rules);
  const script = (name: string): string[] => ['--import', 'tsx', join(root, 'test/lab', name)];
  const addresses = [homes.serverAddress, homes.secondServerAddress];
  const server = new Talking(homes.server, [...script('stun.ts'), ...addresses, ...PORTS], 'the STUN server');
  try {
    await server.waitFor(({ event }) => event === 'listening');
    const asker = [...script('classify.ts'), homes.serverAddress, PORTS[0]];
    const seen = await new Talking(homes.first.host, asker, 'the classifier').waitFor(
      ({ event }) => event === 'classified',
    );
    return cells(seen as unknown as Classification);
  } finally {
    server.stop();
    await homes.remove();
  }
}

/** What is compared, readable. */
function cells({ mapping, filtering, hairpin, allocation }: Classification): string[] {
  return [`mapping ${mapping}`, `filtering ${filtering}`, `hairpin ${hairpin}`, `ports ${allocation.kind}`];
}
