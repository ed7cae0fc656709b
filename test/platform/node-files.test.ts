/** The user's files on a real disk: what is written is there, and a folder given as root is never left. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FileFailure, FileHandle } from '../../spec/platform.ts';
import { createNodeFiles } from '../../impl/platform/node-files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'files-'));
  mkdirSync(join(folder, 'root'));
  writeFileSync(join(folder, 'secret'), 'secret');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function opened(result: FileHandle | FileFailure): FileHandle {
  if ('code' in result) throw new Error(result.detail);
  return result;
}

const HOSTILE = [
  '../secret',
  'a/../../secret',
  '..',
  'a\0b',
  'C:\\x',
  '..\\secret',
  'a:b',
  './x',
  'link/secret',
  'dangling',
];

test.each(HOSTILE)('nothing is read, written, renamed or removed under %j', (path) => {
  symlinkSync(folder, join(folder, 'root', 'link'));
  symlinkSync(join(folder, 'new'), join(folder, 'root', 'dangling'));
  const files = createNodeFiles(join(folder, 'root'));
  writeFileSync(join(folder, 'root', 'own'), 'own');
  expect(files.stat(path)).toBeUndefined();
  expect(files.listFolder(path)).toBeUndefined();
  expect(files.openToRead(path)).toMatchObject({ code: 'badPath' });
  expect(files.openToWrite(path, 0)).toMatchObject({ code: 'badPath' });
  expect(files.makeFolder(path)).toMatchObject({ code: 'badPath' });
  expect(files.rename('own', path)).toMatchObject({ code: 'badPath' });
  expect(files.rename(path, 'own2')).toMatchObject({ code: 'badPath' });
  expect(files.remove(path)).toMatchObject({ code: 'badPath' });
  expect(readdirSync(folder).sort()).toEqual(['root', 'secret']);
  expect(files.open()).toBe(0);
});

test('a path from the root is taken from the root of the folder', () => {
  const files = createNodeFiles(join(folder, 'root'));
  const file = opened(files.openToWrite('/a/b.bin', 0));
  expect(file.write(0, Uint8Array.of(1, 2, 3))).toBeUndefined();
  file.close();
  file.close();
  expect(existsSync(join(folder, 'root', 'a', 'b.bin'))).toBe(true);
  expect([files.absolute('a//b.bin'), files.absolute('/a/b.bin')]).toEqual(['/a/b.bin', '/a/b.bin']);
  expect(files.stat('a')).toMatchObject({ kind: 'folder', sizeBytes: 0 });
  expect(files.stat('a/b.bin')).toMatchObject({ kind: 'file', sizeBytes: 3 });
});

test('ranges are read and written where they belong, and what is to stay stays', async () => {
  const files = createNodeFiles(join(folder, 'root'));
  const first = opened(files.openToWrite('x', 0));
  first.write(0, Uint8Array.of(0, 1, 2, 3, 4, 5));
  first.close();
  const second = opened(files.openToWrite('x', 4));
  second.write(4, Uint8Array.of(9, 8, 7));
  second.close();
  const file = opened(files.openToRead('x'));
  expect(files.open()).toBe(1);
  const read = (at: number, length: number): Promise<unknown> =>
    new Promise((resolve) => file.read(at, length, resolve));
  expect(await read(0, 100)).toEqual(Uint8Array.of(0, 1, 2, 3, 9, 8, 7));
  expect(await read(3, 2)).toEqual(Uint8Array.of(3, 9));
  expect(await read(7, 5)).toEqual(new Uint8Array(0));
  let called = false;
  file.read(0, 7, () => (called = true));
  file.close();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect([called, files.open()]).toEqual([false, 0]);
  expect(files.rename('x', 'y')).toBeUndefined();
  expect(files.listFolder('')).toEqual(['y']);
  expect(files.remove('y')).toBeUndefined();
  expect(files.remove('y')).toBeUndefined();
  expect(files.openToRead('y')).toMatchObject({ code: 'notFound' });
});
