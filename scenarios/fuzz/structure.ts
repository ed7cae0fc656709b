/**
 * Smaller forms of an input that keep its lengths true: values replaced by null, elements taken out, objects replaced by
 * one of their own kind inside them, whole messages left out.
 *
 * Works as far as the input can be read; behind the first fault the minimiser has only bytes.
 */
import { bodyOf, contracts } from '../../spec/grammar/index.ts';
import { headerBytes } from '../../spec/limits.ts';
import { FrameDecoder, walkBody, type WalkStep } from '../../impl/wire/index.ts';
import type { FieldType } from '../../spec/grammar/index.ts';
import { bodyTarget, type FuzzInput, type StreamInput } from './model.ts';

/** An int32 that counts the bytes from `start` to `end`, or some of them. */
type LengthField = { readonly at: number; readonly start: number; readonly end: number };
/** A value in the bytes; values of equal `label` can stand for each other. */
type Part = { readonly start: number; readonly end: number; readonly label: string };
/** An element of the list whose count is at `countAt`. */
type Element = { readonly start: number; readonly end: number; readonly countAt: number };

type Structure = {
  readonly lengths: LengthField[];
  readonly parts: Part[];
  readonly elements: Element[];
  readonly messages: Part[];
};

const NULL = Uint8Array.of(0xff, 0xff, 0xff, 0xff);

/** Candidates, the largest savings first. */
export function reductions(input: FuzzInput): readonly Uint8Array[] {
  const { bytes } = input;
  const structure = structureOf(input);
  const candidates: Uint8Array[] = structure.messages.map(({ start, end }) =>
    replaced(bytes, start, end, new Uint8Array(0), []),
  );
  for (const { start, end, countAt } of structure.elements) {
    const smaller = replaced(bytes, start, end, new Uint8Array(0), structure.lengths);
    addToInt32(smaller, countAt, -1);
    candidates.push(smaller);
  }
  for (const outer of structure.parts) {
    if (outer.end - outer.start > 4) candidates.push(replaced(bytes, outer.start, outer.end, NULL, structure.lengths));
    const isInside = (part: Part): boolean =>
      part.label === outer.label && part.start > outer.start && part.end < outer.end;
    for (const inner of [structure.parts.find(isInside), structure.parts.findLast(isInside)]) {
      if (inner === undefined) continue;
      const hoisted = bytes.subarray(inner.start, inner.end);
      candidates.push(replaced(bytes, outer.start, outer.end, hoisted, structure.lengths));
    }
  }
  return candidates.sort((a, b) => a.length - b.length);
}

function replaced(
  bytes: Uint8Array,
  start: number,
  end: number,
  by: Uint8Array,
  lengths: readonly LengthField[],
): Uint8Array {
  const result = new Uint8Array(bytes.length - (end - start) + by.length);
  result.set(bytes.subarray(0, start));
  result.set(by, start);
  result.set(bytes.subarray(end), start + by.length);
  for (const field of lengths) {
    const isAround = field.at < start && field.start <= start && field.end >= end;
    if (isAround) addToInt32(result, field.at, by.length - (end - start));
  }
  return result;
}

function addToInt32(bytes: Uint8Array, at: number, change: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setInt32(at, view.getInt32(at, true) + change, true);
}

function structureOf(input: FuzzInput): Structure {
  const structure: Structure = { lengths: [], parts: [], elements: [], messages: [] };
  if (input.kind === 'body') addBody(structure, bodyTarget(input.target).type, input.bytes, 0);
  else addMessages(structure, input);
  return structure;
}

function addMessages(structure: Structure, { bytes, limits, isFromServer }: StreamInput): void {
  const headerSize = headerBytes(limits.userIdBytesMax);
  let start = 0;
  new FrameDecoder(limits).push(bytes, (frame) => {
    const end = start + headerSize + frame.bodyLength;
    structure.messages.push({ start, end, label: 'message' });
    structure.lengths.push({ at: start + 4, start: start + headerSize, end });
    const expected = bodyOf(frame.messageType, isFromServer);
    if (expected !== null && expected !== undefined) {
      addBody(structure, { object: expected.contract }, bytes.subarray(start + headerSize, end), start + headerSize);
    }
    start = end;
  });
}

function addBody(structure: Structure, type: FieldType, body: Uint8Array, base: number): void {
  const steps: WalkStep[] = [];
  walkBody(type, contracts, body, (step) => steps.push(step));
  steps.forEach((step, index) => {
    const start = base + step.offset;
    if (step.value === 'null') return;
    const count = Number(step.value);
    if (/^object .* length$/.test(step.what)) {
      structure.lengths.push({ at: start, start: start + 4, end: start + count });
      structure.parts.push({ start, end: start + count, label: step.what });
    } else if (step.what.endsWith('length')) {
      structure.parts.push({
        start,
        end: start + 4 + count + (step.what.startsWith('image') ? 1 : 0),
        label: step.what,
      });
    } else if (step.what.endsWith('count')) {
      const inside = steps
        .slice(index + 1)
        .filter(
          ({ path }) =>
            path.startsWith(`${step.path}[`) ||
            path.startsWith(`${step.path}.key(`) ||
            path.startsWith(`${step.path}.value(`),
        );
      const end = base + Math.max(step.offset + 4, ...inside.map((each) => each.offset + each.length));
      structure.parts.push({ start, end, label: `${step.what} ${step.path}` });
      if (step.what.startsWith('list')) addElements(structure, step, inside, base, end);
    }
  });
}

function addElements(
  structure: Structure,
  list: WalkStep,
  inside: readonly WalkStep[],
  base: number,
  end: number,
): void {
  const starts = inside
    .filter(
      ({ path, offset }, index) =>
        /^\[\d+\]$/.test(path.slice(list.path.length)) &&
        inside.findIndex((each) => each.path === path) === index &&
        offset >= 0,
    )
    .map(({ offset }) => base + offset);
  starts.forEach((start, index) => {
    structure.elements.push({ start, end: starts[index + 1] ?? end, countAt: base + list.offset });
  });
}
