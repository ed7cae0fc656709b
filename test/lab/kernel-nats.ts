/**
 * Four rule sets of the kernel's NAT, each classified by real datagrams (RFC 5780) and printed beside the simulator's device
 * class of the same name, classified by the same code. A difference is a fault.
 *
 * A hairpin that keeps the inner source is not tried: a single inner host cannot see it. Lives are in `kernel-lives.ts`.
 */
import { join } from 'node:path';
import { NAT_DEVICES } from '../../sim/index.ts';
import { classify } from '../../scenarios/nat/classify.ts';
import type { Classification } from '../../scenarios/nat/classify.ts';
import { behind } from '../fidelity/nat/worlds.ts';
import { buildHomes } from './homes.ts';
import { KERNEL_NAT_RULES } from './kernel-rules.ts';
import { Talking } from './talking.ts';

const PORTS = ['3478', '3479'] as const;

/** Builds, classifies and compares them one after the other. @param root - The project's folder. */
export async function kernelNats(root: string): Promise<void> {
  console.log('kernel NATs by real datagrams | simulated device classes:');
  for (const [name, rules] of Object.entries(KERNEL_NAT_RULES)) {
    const real = await classifyKernel(root, rules);
    const { behaviour } = NAT_DEVICES[name as keyof typeof KERNEL_NAT_RULES];
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
  const homes = await buildHomes([rules, rules]);
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
