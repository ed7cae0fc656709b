/** What a program sees on a virtual host is what it sees on the Node that runs this test. */
import { createRequire } from 'node:module';
import { networkInterfaces } from 'node:os';
import { compileFunction } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { PROGRAMS } from './programs.ts';
import { PROGRAMS6 } from './programs6.ts';
import { twoProcesses } from './worlds.ts';

type Logs = Record<string, string[]>;
type Program = (log: Record<string, (line: string) => void>, done: () => void) => unknown;

function logsOf(play: (log: Record<string, (line: string) => void>) => Promise<void>): Promise<Logs> {
  const logs: Logs = {};
  const log = new Proxy<Record<string, (line: string) => void>>(
    {},
    { get: (_, actor: string) => (line: string) => (logs[actor] ??= []).push(line) },
  );
  return play(log).then(() => logs);
}

function onThisMachine(source: string): Promise<Logs> {
  const module = { exports: undefined as unknown };
  const compiled = compileFunction(source, ['require', 'module']) as (...parts: unknown[]) => void;
  compiled(createRequire(import.meta.url), module);
  return logsOf((log) => new Promise((resolve) => (module.exports as Program)(log, resolve)));
}

function onAVirtualHost(source: string, prefix6?: string): Promise<Logs> {
  const { world, alice } = twoProcesses(1, undefined, prefix6);
  return world.run(() =>
    logsOf((log) => {
      const program = alice.evaluate(source) as Program;
      return new Promise<void>((resolve) => {
        alice.enter(() => {
          program(log, resolve);
        });
      });
    }),
  );
}

describe('a program sees the same as on the real Node', () => {
  it.each(Object.entries(PROGRAMS))('%s', async (_name, source) => {
    const real = await onThisMachine(source);
    const virtual = await onAVirtualHost(source);
    expect(Object.values(real).flat().length).toBeGreaterThan(1);
    expect(virtual).toEqual(real);
  });
});

/** Whether there is a ::1 on this machine. */
const hasIpv6 = Object.values(networkInterfaces()).some((each) => each?.some(({ address }) => address === '::1'));

describe.skipIf(!hasIpv6)('a program of IPv6 sees the same as on the real Node', () => {
  it.each(Object.entries(PROGRAMS6))('%s', async (_name, source) => {
    const real = await onThisMachine(source);
    const virtual = await onAVirtualHost(source, '2001:db8::/32');
    expect(Object.values(real).flat().length).toBeGreaterThan(1);
    expect(virtual).toEqual(real);
  });
});
