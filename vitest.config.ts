import { defineConfig } from 'vitest/config';

/**
 * Tests of what neither changes globals nor holds anything of the machine: their files share one module graph in each
 * worker, which halves their time. All others have a process of their own.
 */
const SHARING = ['core', 'engine', 'fidelity', 'p2p', 'sim', 'spec', 'wire'].map((part) => `test/${part}/**/*.test.ts`);

const common = { testTimeout: 20_000, pool: 'forks' } as const;

export default defineConfig({
  test: {
    reporters: ['default'],
    projects: [
      { test: { ...common, name: 'own', include: ['test/**/*.test.ts'], exclude: SHARING } },
      { test: { ...common, name: 'sharing', include: SHARING, isolate: false } },
    ],
  },
});
