/**
 * `npm run lab`: two real clients behind two real NATs send each other a file directly, and the server's own interface
 * proves that it did not carry it. Then the kernel beside the simulator: four rule sets classified by real datagrams, which
 * kinds of homes reach which, how long sessions live, what lost TCP segments cost, and what a host tells its programs of
 * interfaces, addresses and firewalls.
 *
 * Everything lives in network namespaces and is removed at the end. Needs root, iproute2 and nftables; where they are
 * missing or not allowed it says so and exits with 0, because nothing was found wrong.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { printBeside } from './beside.ts';
import { runFileBetweenHomes } from './file-between-homes.ts';
import { buildHomes, whyNot } from './homes.ts';
import { linesOfHosts, realHosts } from './kernel-hosts.ts';
import { LIVES_TITLE, linesOfLives, realLives } from './kernel-lives.ts';
import { linesOfNats, realNats } from './kernel-nats.ts';
import { linesOfLosses, realLosses } from './kernel-losses.ts';
import { linesOfPairs, realPairs } from './kernel-pairs.ts';

const FILE_BYTES = 8 * 2 ** 20;

const reason = await whyNot();
if (reason === undefined) {
  await lab();
  await printBeside({
    title: 'kernel NATs by real datagrams | simulated device classes:',
    measured: await realNats(),
    measureAgain: realNats,
    linesOf: linesOfNats,
  });
  // Real time passes side by side; nothing else may run while the simulator does.
  const [pairs, lives, losses] = await Promise.all([realPairs(), realLives(), realLosses()]);
  await printBeside({
    title: 'pairs of homes, the real engine behind the kernel | the same in the simulator:',
    measured: pairs,
    measureAgain: realPairs,
    linesOf: linesOfPairs,
  });
  await printBeside({
    title: LIVES_TITLE,
    measured: lives,
    measureAgain: realLives,
    linesOf: linesOfLives,
  });
  await printBeside({
    title: 'five TCP segments, some lost once: how long until the receiver has all | simulated Linux host:',
    measured: losses,
    measureAgain: realLosses,
    linesOf: linesOfLosses,
  });
  // Not beside the others: it starts many processes at once.
  await printBeside({
    title: 'what a program is told by its host | simulated:',
    measured: await realHosts(),
    measureAgain: realHosts,
    linesOf: linesOfHosts,
  });
} else console.log(`lab: skipped, because ${reason}`);

async function lab(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'esf-lab-'));
  const homes = await buildHomes();
  try {
    const file = join(folder, 'file.bin');
    const bytes = randomBytes(FILE_BYTES);
    writeFileSync(file, bytes);
    const seen = await runFileBetweenHomes(homes, { file, folder });
    const wanted = createHash('sha256').update(bytes).digest('hex');
    const faults = [
      ...(seen.protocol === 'udp' ? [] : [`the channel was ${seen.protocol}, not a direct one over UDP`]),
      ...(seen.sha256 === wanted ? [] : [`the file that arrived has the hash ${seen.sha256}, ${wanted} was sent`]),
      ...(seen.serverBytes < FILE_BYTES / 10 ? [] : [`the server carried ${seen.serverBytes} bytes`]),
    ];
    const megabytes = (count: number): string => `${(count / 1e6).toFixed(2)} MB`;
    console.log(`file of ${megabytes(FILE_BYTES)} between two homes behind nftables masquerade:`);
    console.log(`  channel ${seen.protocol}, ${(seen.millis / 1000).toFixed(2)} s from logon to the last byte`);
    console.log(`  over the server's interface: ${megabytes(seen.serverBytes)}`);
    for (const fault of faults) console.error(`  FAULT: ${fault}`);
    if (faults.length > 0) process.exitCode = 1;
  } finally {
    await homes.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}
