/** Disks of hosts: what a process is told, what is left after the power went, and that a disk in order changes nothing. */
import { describe, expect, it } from 'vitest';
import { Faults } from '../../sim/index.ts';
import type { Fault } from '../../sim/index.ts';
import { aPair } from './helpers.ts';

const CONTENT = Uint8Array.from({ length: 1_000 }, (_, index) => index & 255);

function diskOf(...script: readonly Fault[]) {
  const pair = aPair();
  const faults = new Faults(pair.world);
  for (const fault of script) faults.apply(fault);
  return { ...pair, faults, files: pair.alice.platform().files };
}

function write(files: ReturnType<typeof diskOf>['files'], isClosed = true): string {
  const handle = files.openToWrite('a', 0);
  if ('code' in handle) return handle.code;
  const failure = handle.write(0, CONTENT);
  if (isClosed) handle.close();
  return failure?.code ?? 'written';
}

describe('the disk of a host', () => {
  it('is full until it is mended, and says so', () => {
    const { faults, files } = diskOf({ fault: 'diskFull', host: 'alice' });
    expect(write(files)).toBe('full');
    faults.apply({ fault: 'diskMend', host: 'alice' });
    expect(write(files)).toBe('written');
    expect(files.stat('a')?.sizeBytes).toBe(CONTENT.length);
  });

  it('fails so many of a thousand operations, and no others', () => {
    const { files } = diskOf({ fault: 'diskFailing', host: 'alice', perMille: 250 });
    const failed = Array.from({ length: 4_000 }, () => files.rename('x', 'y')?.code).filter(
      (code) => code === 'failed',
    );
    // Three standard deviations of 4,000 draws at a quarter are 82.
    expect(Math.abs(failed.length - 1_000)).toBeLessThan(82);
  });

  it('is slow to read, not to write, and a closed handle hears nothing', () => {
    const { world, files } = diskOf({ fault: 'diskSlow', host: 'alice', micros: 50_000 });
    expect(write(files)).toBe('written');
    const ended: number[] = [];
    const [read, closed] = [files.openToRead('a'), files.openToRead('a')];
    if ('code' in read || 'code' in closed) throw new Error('the file cannot be read');
    read.read(0, 10, () => ended.push(world.nowMicros));
    closed.read(0, 10, () => ended.push(-1));
    closed.close();
    world.runUntil(1_000_000);
    expect(ended).toEqual([50_000]);
  });

  it('keeps a part of the write that was under way when the power went, and all that was closed', () => {
    const sizes = [false, true].map((isClosed) => {
      const { alice, faults, files } = diskOf();
      write(files, isClosed);
      faults.apply({ fault: 'crash', host: 'alice', store: 'tear' });
      alice.restart();
      return alice.platform().files.stat('a')!.sizeBytes;
    });
    expect(sizes[0]).toBeLessThan(CONTENT.length);
    expect(sizes[1]).toBe(CONTENT.length);
  });

  it('draws nothing while it is in order', () => {
    const { world, files } = diskOf();
    const before = world.digest();
    write(files);
    expect(world.digest()).toBe(before);
    expect(world.stream('disk:alice').uint32()).toBe(aPair().world.stream('disk:alice').uint32());
  });
});
