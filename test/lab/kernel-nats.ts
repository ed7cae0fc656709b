/**
 * Four rule sets of the kernel's NAT, each classified by real datagrams (RFC 5780) and printed beside the simulator's device
 * class of the same name, classified by the same code. A difference is a fault.
 *
 * A hairpin that keeps the inner source is not tried: a single inner host cannot see it. Lives are in `kernel-lives.ts`.
 */
import { NAT_DEVICES } from '../../sim/index.ts';
import { classify } from '../../scenarios/nat/classify.ts';
import type { Classification } from '../../scenarios/nat/classify.ts';
import { behind } from '../fidelity/nat/worlds.ts';
import { besideLine } from './beside.ts';
import type { BesideLine } from './beside.ts';
import { buildHomes } from './homes.ts';
import { KERNEL_NAT_RULES } from './kernel-rules.ts';
import { labScript, startStunServer } from './programs.ts';
import { Talking } from './talking.ts';

/** Classifies the kernel's, one after the other, in the order of the rule sets. */
export async function realNats(): Promise<readonly Classification[]> {
  const seen: Classification[] = [];
  for (const rules of Object.values(KERNEL_NAT_RULES)) seen.push(await classifyKernel(rules));
  return seen;
}

/** What was seen beside the simulator's device classes, each under its name. */
export async function linesOfNats(real: readonly Classification[]): Promise<readonly BesideLine[]> {
  const lines: BesideLine[] = [];
  for (const [index, name] of Object.keys(KERNEL_NAT_RULES).entries()) {
    const { behaviour } = NAT_DEVICES[name as keyof typeof KERNEL_NAT_RULES];
    const simulated = cells(await behind([behaviour], classify));
    lines.push({ text: name, isSame: true });
    for (const [at, cell] of cells(real[index]!).entries()) lines.push(besideLine('  ', cell, simulated[at]!));
  }
  return lines;
}

async function classifyKernel(rules: string): Promise<Classification> {
  const homes = await buildHomes([rules, rules]);
  let server: Talking | undefined;
  try {
    const stun = await startStunServer(homes);
    server = stun.server;
    const asker = new Talking(
      homes.first.host,
      labScript('classify.ts', homes.serverAddress, stun.port),
      'the classifier',
    );
    return (await asker.waitFor(({ event }) => event === 'classified')) as unknown as Classification;
  } finally {
    server?.stop();
    await homes.remove();
  }
}

/** What is compared, readable. */
function cells({ mapping, filtering, hairpin, allocation }: Classification): string[] {
  return [`mapping ${mapping}`, `filtering ${filtering}`, `hairpin ${hairpin}`, `ports ${allocation.kind}`];
}
