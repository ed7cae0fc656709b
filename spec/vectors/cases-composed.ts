/** Vectors of lists, dictionaries, objects: counts, order of properties, lengths, nesting. */
import { i16, i32, i64, list as counted, obj, str, u8, VectorList } from './pieces.ts';

const point = { contract: 'ZooPoint' };
const nested = { contract: 'ZooNested' };
const tree = { contract: 'ZooTree' };
const ints = { type: { list: 'int32' } };
const texts = { type: { list: 'string' } };
const grid = { type: { list: { list: 'byte' } } };
const byText = { type: { dict: ['string', 'int32'] } };
const byWide = { type: { dict: ['int64', 'bool'] } };

/** spec/vectors/composed.json */
export function composedVectors(): VectorList {
  const out = new VectorList();
  lists(out);
  dicts(out);
  objects(out);
  order(out);
  zoo(out);
  nestingDepth(out);
  return out;
}

function lists(out: VectorList): void {
  out.valid('list-null', 'SER-013', ints, 'ffffffff', null, 'null is count -1');
  out.valid('list-empty', 'SER-013', ints, '00000000', [], 'empty is count 0, and is not null');
  out.valid('list-one', 'SER-018', ints, counted(1, i32(7)), [7], 'a bare list starts with its count, no object length');
  out.valid('list-three', 'SER-013', ints, counted(3, i32(3), i32(1), i32(2)), [3, 1, 2], 'order is kept');
  out.valid('list-strings', 'SER-013', texts, counted(3, str('a'), str(null), str('')), ['a', null, ''], 'null and empty elements differ');
  out.valid('list-of-lists', 'SER-013', grid, counted(3, counted(2, '0102'), counted(-1), counted(0)), [[1, 2], null, []], 'lists in a list');
  out.invalid('list-count-minus-2', 'SER-013', ints, 'feffffff', 'E_LENGTH', 0, 'only -1 is null', ['limit']);
  out.invalid('list-count-1-of-0', 'SER-027', ints, '01000000', 'E_LENGTH', 0, 'one element announced, none there', ['limit']);
  out.invalid('list-count-2-of-1', 'SER-027', ints, counted(2, i32(1)), 'E_LENGTH', 0, 'two elements announced, one there', ['limit']);
  out.invalid('list-element-cut', 'SER-027', ints, `${counted(1)}010000`, 'E_LENGTH', 0, 'three bytes of an element of four', ['limit']);
  out.invalid('list-count-highest', 'SER-027', ints, 'ffffff7f00000000', 'E_LENGTH', 0, 'two thousand million elements announced; nothing may be allocated', ['limit']);
  out.invalid('list-count-times-4-wraps', 'SER-027', ints, '0000004000000000', 'E_LENGTH', 0, 'count times four wraps round to zero in 32 bits');
  out.invalid('list-trailing', 'SER-017', ints, `${counted(1, i32(7))}00`, 'E_TRAILING', 8, 'a byte follows', ['limit']);
  out.invalid('list-prefix-cut', 'SER-013', ints, '0100', 'E_TRUNCATED', 0, 'the count itself is cut off', ['limit']);
  out.invalid('list-string-cut', 'SER-010', texts, counted(2, str('a'), i32(5), '6161'), 'E_LENGTH', 9, 'the second string is cut off');
  out.invalid('list-inner-count', 'SER-013', grid, counted(1, i32(-7)), 'E_LENGTH', 4, 'count of an inner list');
}

function dicts(out: VectorList): void {
  out.valid('dict-null', 'SER-014', byText, 'ffffffff', null, 'null is count -1');
  out.valid('dict-empty', 'SER-014', byText, '00000000', [], 'empty is count 0, and is not null');
  out.valid('dict-one', 'SER-014', byText, counted(1, str('a'), i32(1)), [['a', 1]], 'key, then value');
  out.valid(
    'dict-order',
    'SER-014',
    byText,
    counted(2, str('b'), i32(1), str('a'), i32(2)),
    [
      ['b', 1],
      ['a', 2],
    ],
    'entries stay in the order they came in',
  );
  out.valid('dict-empty-key', 'SER-014', byText, counted(1, str(''), i32(1)), [['', 1]], 'an empty key is not null');
  out.valid(
    'dict-number-keys',
    'SER-014',
    byWide,
    counted(2, i64(1n), '01', i64(2n ** 60n), '00'),
    [
      ['1', true],
      ['1152921504606846976', false],
    ],
    'int64 keys',
  );
  out.valid(
    'dict-case',
    'SER-014',
    byText,
    counted(2, str('a'), i32(1), str('A'), i32(2)),
    [
      ['a', 1],
      ['A', 2],
    ],
    'keys are case-sensitive',
  );
  out.invalid('dict-null-key', 'SER-026', byText, counted(1, str(null), i32(1)), 'E_NULL_KEY', 4, 'a key is never null');
  out.invalid('dict-duplicate', 'SER-026', byText, counted(2, str('a'), i32(1), str('a'), i32(2)), 'E_DUPLICATE_KEY', 13, 'the same key twice');
  out.invalid('dict-duplicate-same-value', 'SER-026', byText, counted(2, str('a'), i32(1), str('a'), i32(1)), 'E_DUPLICATE_KEY', 13, 'the same entry twice');
  out.invalid('dict-duplicate-number', 'SER-026', byWide, counted(2, i64(5n), '01', i64(5n), '00'), 'E_DUPLICATE_KEY', 13, 'the same int64 key twice');
  out.invalid('dict-count-minus-2', 'SER-014', byText, 'feffffff', 'E_LENGTH', 0, 'only -1 is null', ['limit']);
  out.invalid('dict-count-1-of-0', 'SER-027', byText, '01000000', 'E_LENGTH', 0, 'one entry announced, none there', ['limit']);
  out.invalid('dict-count-highest', 'SER-027', byText, `ffffff7f${str('a')}${i32(1)}`, 'E_LENGTH', 0, 'nothing may be allocated', ['limit']);
  out.invalid('dict-value-missing', 'SER-006', byText, counted(1, str('abcd')), 'E_TRUNCATED', 12, 'a key without a value');
  out.invalid('dict-value-bool', 'SER-005', byWide, counted(1, i64(1n), '02'), 'E_BOOL', 12, 'the value is no bool');
  out.invalid('dict-trailing', 'SER-017', byText, `${counted(0)}00`, 'E_TRAILING', 4, 'a byte follows', ['limit']);
}

function objects(out: VectorList): void {
  out.valid('object-null', 'SER-015', point, 'ffffffff', null, 'null is length -1', ['null']);
  out.valid('object-point', 'SER-015', point, `0c000000${i32(1)}${i32(-1)}`, { X: 1, Y: -1 }, 'the length, 12, counts itself');
  out.valid('object-empty-class', 'SER-015', { contract: 'ZooEmpty' }, '04000000', {}, 'no property: the length alone', ['limit']);
  out.invalid('object-empty-class-byte', 'SER-016', { contract: 'ZooEmpty' }, '0500000000', 'E_OBJECT_LENGTH', 0, 'a byte no property takes', ['limit']);
  for (const length of [0, 1, 2, 3]) {
    out.invalid(`object-length-${length}`, 'SER-015', point, `${i32(length)}${i32(1)}${i32(1)}`, 'E_LENGTH', 0, 'less than the length itself takes', ['limit']);
  }
  out.invalid('object-length-minus-2', 'SER-015', point, `feffffff${i32(1)}${i32(1)}`, 'E_LENGTH', 0, 'only -1 is null', ['limit']);
  out.invalid('object-length-excludes-itself', 'SER-016', point, `08000000${i32(1)}${i32(1)}`, 'E_TRUNCATED', 8, 'a length that does not count itself');
  out.invalid('object-length-one-less', 'SER-016', point, `0b000000${i32(1)}${i32(1)}`, 'E_TRUNCATED', 8, 'one less than the properties take', ['limit']);
  out.invalid('object-length-one-more', 'SER-016', point, `0d000000${i32(1)}${i32(1)}`, 'E_LENGTH', 0, 'one more than is there', ['limit']);
  out.invalid('object-length-covers-more', 'SER-016', point, `0d000000${i32(1)}${i32(1)}00`, 'E_OBJECT_LENGTH', 0, 'a byte inside the object that no property takes', ['limit']);
  out.invalid('object-trailing', 'SER-017', point, `${obj(i32(1), i32(1))}00`, 'E_TRAILING', 12, 'a byte after the object', ['limit']);
  out.invalid('object-length-highest', 'SER-016', point, `ffffff7f${i32(1)}${i32(1)}`, 'E_LENGTH', 0, 'nothing may be allocated', ['limit']);
  out.invalid('object-prefix-cut', 'SER-015', point, '0c0000', 'E_TRUNCATED', 0, 'the length itself is cut off', ['limit']);
  out.invalid('object-null-trailing', 'SER-017', point, 'ffffffff00', 'E_TRAILING', 4, 'a byte after null', ['limit']);
  const both = obj(str('x'), obj(i32(1), i32(2)), obj(i32(3), i32(4)));
  out.valid('object-nested', 'SER-015', nested, both, { Label: 'x', Origin: { X: 1, Y: 2 }, Target: { X: 3, Y: 4 } }, 'nested objects carry a length too');
  out.valid('object-nested-null', 'SER-015', nested, obj(str(null), i32(-1), i32(-1)), { Label: null, Origin: null, Target: null }, 'all null');
  const innerLong = `${i32(32)}${str(null)}${i32(16)}${i32(1)}${i32(2)}${i32(12)}${i32(3)}${i32(4)}`;
  out.invalid('object-inner-too-long', 'SER-016', nested, innerLong, 'E_OBJECT_LENGTH', 8, 'an inner length that reaches into the next property');
  const innerShort = `${i32(32)}${str(null)}${i32(8)}${i32(1)}${i32(2)}${i32(12)}${i32(3)}${i32(4)}`;
  out.invalid('object-inner-too-short', 'SER-016', nested, innerShort, 'E_TRUNCATED', 16, 'an inner length that ends inside a property');
  const outside = `${i32(24)}${str(null)}${i32(16)}${i32(1)}${i32(2)}${i32(-1)}`;
  out.invalid('object-inner-outside', 'SER-016', nested, outside, 'E_OBJECT_LENGTH', 8, 'an inner object that claims what belongs to its neighbour');
  const text = `${i32(12)}${i32(8)}${i32(0)}${i32(0)}`;
  out.invalid('object-string-past-object', 'SER-010', { contract: 'QueryOnlineContract' }, text, 'E_LENGTH', 4, 'a string that leaves its object, though not the body');
}

function order(out: VectorList): void {
  const value = { B: 1, _z: 2, a10: 3, a2: 4, b: 5 };
  out.valid('order-ordinal', 'SER-002', { contract: 'ZooOrder' }, obj('0102030405'), value, 'capitals, underscore, then small letters; a10 before a2');
  const logon = obj(str('FreeUser'), str('pw'), str(null), i32(6));
  const fields = { AuthorizedUser: 'FreeUser', Password: 'pw', SystemToken: null, Version: 6 };
  out.valid('order-logon', 'SER-002', { contract: 'ReqLogonContract' }, logon, fields, 'alphabetical, not as declared');
  const ping = obj(i64(1n));
  out.valid('only-declared', 'SER-003', { contract: 'PingContract' }, ping, { SendTicks: '1' }, 'no names, no tags, no type marks');
}

function zoo(out: VectorList): void {
  const numbers = obj(
    '000000000000e03f', // Double 0.5
    '01', // Flag
    i32(8), // Kind
    '102030', // Paint
    i32(-5), // Plain
    i16(-2), // Short
    '0000c03f', // Single 1.5
    u8(200), // Small
    i64(621355968000000000n), // When
    i64(-(2n ** 60n)), // Wide
  );
  out.valid(
    'zoo-numbers',
    'SER-006',
    { contract: 'ZooNumbers' },
    numbers,
    { Double: 0.5, Flag: true, Kind: 8, Paint: { R: 16, G: 32, B: 48 }, Plain: -5, Short: -2, Single: 1.5, Small: 200, When: '621355968000000000', Wide: '-1152921504606846976' },
    'every type of fixed width in one object',
  );
  const text = obj(i32(2), 'beef', obj(str('A'), i32(0), '0000803f'), i32(1), '00', 'aa', str('t'));
  out.valid('zoo-text', 'SER-009', { contract: 'ZooText' }, text, { Blob: 'beef', Face: { FontFamily: 'A', FontStyle: 0, Size: 1 }, Picture: { IsGif: false, Content: 'aa' }, Text: 't' }, 'every type with a length prefix in one object');
  out.valid('zoo-text-null', 'SER-009', { contract: 'ZooText' }, obj(i32(-1), i32(-1), i32(-1), i32(-1)), { Blob: null, Face: null, Picture: null, Text: null }, 'all null: five times four bytes', ['limit']);
  const lists = obj(counted(1, counted(1, '09')), counted(1, i32(1)), counted(1, i32(3)), counted(2, obj(i32(1), i32(2)), i32(-1)), counted(1, str('s')));
  out.valid('zoo-lists', 'SER-013', { contract: 'ZooLists' }, lists, { Grid: [[9]], Ints: [1], Kinds: [3], Points: [{ X: 1, Y: 2 }, null], Texts: ['s'] }, 'lists of everything');
  const dicts = obj(counted(1, i32(7), str('seven')), counted(1, str('k'), i32(1)), counted(1, i64(9n), '01'), counted(1, str('d'), counted(2, i16(1), i16(-1))));
  out.valid('zoo-dicts', 'SER-014', { contract: 'ZooDicts' }, dicts, { ByNumber: [[7, 'seven']], ByText: [['k', 1]], ByWide: [['9', true]], Deep: [['d', [1, -1]]] }, 'dictionaries with each kind of key');
}

/** A chain of ZooTree objects through Left: `levels` objects, each holding the next. */
function chain(levels: number): { hex: string; decoded: unknown } {
  let hex = i32(-1);
  let decoded: unknown = null;
  for (let i = 0; i < levels; i++) {
    hex = obj(i32(-1), hex, str(null));
    decoded = { Children: null, Left: decoded, Name: null };
  }
  return { hex, decoded };
}

/** A chain through Children: each pair of levels is an object and a list. */
function listChain(objects: number): { hex: string; decoded: unknown } {
  let hex = counted(0);
  let decoded: unknown = [];
  for (let i = 1; i < objects; i++) {
    hex = counted(1, obj(hex, i32(-1), str(null)));
    decoded = [{ Children: decoded, Left: null, Name: null }];
  }
  return { hex: obj(hex, i32(-1), str(null)), decoded: { Children: decoded, Left: null, Name: null } };
}

function nestingDepth(out: VectorList): void {
  for (const levels of [2, 31, 32]) {
    const { hex, decoded } = chain(levels);
    out.valid(`depth-${levels}`, 'SER-023', tree, hex, decoded, `${levels} objects inside each other`, levels === 32 ? ['limit'] : []);
  }
  // In a chain every object begins eight bytes after the one around it: its length, then Children.
  for (const levels of [33, 34, 100]) {
    out.invalid(`depth-${levels}`, 'SER-023', tree, chain(levels).hex, 'E_DEPTH', 8 * 32, `${levels} objects inside each other`, levels === 33 ? ['limit'] : []);
  }
  // Thirty-two objects, the innermost with an empty list: the list is level 33. The innermost object begins 8 * 31 bytes in.
  let withList = obj(counted(0), i32(-1), str(null));
  for (let i = 1; i < 32; i++) withList = obj(i32(-1), withList, str(null));
  out.invalid('depth-list-33', 'SER-023', tree, withList, 'E_DEPTH', 8 * 31 + 4, 'a list, though empty, is a level', ['limit']);
  const deepest = listChain(16);
  out.valid('depth-lists-32', 'SER-023', tree, deepest.hex, deepest.decoded, 'sixteen objects and sixteen lists in turn', ['limit']);
  // An object takes four bytes before its list, a list four before its object: level 33 begins 32 * 4 bytes in.
  out.invalid('depth-lists-34', 'SER-023', tree, listChain(17).hex, 'E_DEPTH', 4 * 32, 'seventeen objects and seventeen lists in turn', ['limit']);
}
