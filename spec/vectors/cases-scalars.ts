/** Vectors of the types of fixed width: bool, integers, floats, enum, DateTime, Color. */
import { i16, i32, i64, u8, VectorList } from './pieces.ts';

const flag = { type: 'bool' };
const byte = { type: 'byte' };
const short = { type: 'int16' };
const int = { type: 'int32' };
const wide = { type: 'int64' };
const single = { type: 'float32' };
const double = { type: 'float64' };
const kind = { type: { enum: 'LogonResult' } };
const when = { type: 'dateTime' };
const paint = { type: 'color' };

/** spec/vectors/scalars.json */
export function scalarVectors(): VectorList {
  const list = new VectorList();
  bools(list);
  integers(list);
  wides(list);
  floats(list);
  enumsDatesColors(list);
  truncations(list);
  return list;
}

function bools(list: VectorList): void {
  list.valid('bool-false', 'SER-004', flag, '00', false, 'false is 0');
  list.valid('bool-true', 'SER-004', flag, '01', true, 'true is 1');
  for (const value of [2, 3, 0x7f, 0x80, 0xff]) {
    list.invalid(`bool-${value}`, 'SER-005', flag, u8(value), 'E_BOOL', 0, `${value} is no bool, although many runtimes take it for true`);
  }
}

function integers(list: VectorList): void {
  for (const value of [0, 1, 127, 128, 254, 255]) {
    list.valid(`byte-${value}`, 'SER-006', byte, u8(value), value, 'bytes are unsigned', value % 255 === 0 ? ['limit'] : []);
  }
  for (const value of [0, 1, -1, 255, 256, -256, 32767, -32768]) {
    list.valid(`int16-${value}`, 'SER-006', short, i16(value), value, 'two bytes, lowest first', Math.abs(value) > 30000 ? ['limit'] : []);
  }
  for (const value of [0, 1, -1, 255, 65536, 305419896, -305419896]) {
    list.valid(`int32-${value}`, 'SER-006', int, i32(value), value, 'four bytes, lowest first');
  }
  list.valid('int32-byte-order', 'SER-001', int, '01020304', 0x04030201, 'the first byte is the lowest');
  list.valid('int16-byte-order', 'SER-001', short, '0102', 0x0201, 'the first byte is the lowest');
  list.valid('int32-highest', 'SER-006', int, 'ffffff7f', 2147483647, 'largest int32', ['limit']);
  list.valid('int32-lowest', 'SER-006', int, '00000080', -2147483648, 'smallest int32', ['limit']);
}

/** int64 is decimal text in `decoded`, because JSON numbers lose digits. */
function wides(list: VectorList): void {
  const cases: readonly (readonly [string, bigint, string])[] = [
    ['zero', 0n, 'zero'],
    ['one', 1n, 'one'],
    ['minus-one', -1n, 'all bits set'],
    ['2-31', 2n ** 31n, 'does not fit int32'],
    ['minus-2-31', -(2n ** 31n), 'lowest int32'],
    ['minus-2-31-1', -(2n ** 31n) - 1n, 'does not fit int32'],
    ['2-32', 2n ** 32n, 'low half is zero'],
    ['2-32-1', 2n ** 32n - 1n, 'low half is all ones'],
    ['minus-2-32', -(2n ** 32n), 'low half is zero, negative'],
    ['unix-now', 1700000000123n, 'a time in milliseconds'],
    ['safe-max', 2n ** 53n - 1n, 'largest integer a double counts exactly'],
    ['safe-max-1', 2n ** 53n, 'first integer beyond what a double counts exactly'],
    ['safe-max-2', 2n ** 53n + 1n, 'a double would round this one'],
    ['safe-min', -(2n ** 53n) + 1n, 'smallest integer a double counts exactly'],
    ['safe-min-1', -(2n ** 53n), 'first integer below what a double counts exactly'],
    ['safe-min-2', -(2n ** 53n) - 1n, 'a double would round this one'],
  ];
  for (const [name, value, comment] of cases) {
    list.valid(`int64-${name}`, 'SER-006', wide, i64(value), String(value), comment);
  }
  list.valid('int64-highest', 'SER-006', wide, 'ffffffffffffff7f', '9223372036854775807', 'largest int64', ['limit']);
  list.valid('int64-lowest', 'SER-006', wide, '0000000000000080', '-9223372036854775808', 'smallest int64', ['limit']);
  list.valid('int64-byte-order', 'SER-001', wide, '0102030405060708', '578437695752307201', 'the first byte is the lowest');
}

function floats(list: VectorList): void {
  const singles: readonly (readonly [string, string, number | string])[] = [
    ['zero', '00000000', 0],
    ['minus-zero', '00000080', '-0'],
    ['one', '0000803f', 1],
    ['minus-two', '000000c0', -2],
    ['half', '0000003f', 0.5],
    ['max', 'ffff7f7f', 3.4028234663852886e38],
    ['smallest', '01000000', 1.401298464324817e-45],
    ['infinity', '0000807f', 'Infinity'],
    ['minus-infinity', '000080ff', '-Infinity'],
  ];
  for (const [name, hex, value] of singles) list.valid(`float32-${name}`, 'SER-006', single, hex, value, 'IEEE 754 single');
  const doubles: readonly (readonly [string, string, number | string])[] = [
    ['zero', '0000000000000000', 0],
    ['minus-zero', '0000000000000080', '-0'],
    ['one', '000000000000f03f', 1],
    ['minus-two', '00000000000000c0', -2],
    ['tenth', '9a9999999999b93f', 0.1],
    ['max', 'ffffffffffffef7f', 1.7976931348623157e308],
    ['smallest', '0100000000000000', 5e-324],
    ['infinity', '000000000000f07f', 'Infinity'],
    ['minus-infinity', '000000000000f0ff', '-Infinity'],
  ];
  for (const [name, hex, value] of doubles) list.valid(`float64-${name}`, 'SER-006', double, hex, value, 'IEEE 754 double');
  list.acceptable('float32-nan', 'SER-006', single, '0000c07f', 'NaN', 'NaN has many forms; which one comes back is not fixed');
  list.acceptable('float32-nan-payload', 'SER-006', single, '010080ff', 'NaN', 'a NaN with payload and sign is still NaN');
  list.acceptable('float64-nan', 'SER-006', double, '000000000000f87f', 'NaN', 'NaN has many forms');
  list.acceptable('float64-nan-negative', 'SER-006', double, '000000000000f8ff', 'NaN', 'the NaN some processors make');
}

function enumsDatesColors(list: VectorList): void {
  for (const value of [0, 1, 2, 3]) {
    list.valid(`enum-${value}`, 'SER-007', kind, i32(value), value, 'an enum is an int32');
  }
  for (const value of [4, -1, 2147483647, -2147483648]) {
    list.acceptable(`enum-undefined-${value}`, 'SER-008', kind, i32(value), value, 'no such value; the codec lets it pass as a number');
  }
  list.valid('datetime-zero', 'SER-019', when, i64(0n), '0', '0001-01-01T00:00:00Z', ['limit']);
  list.valid('datetime-unix-epoch', 'SER-019', when, i64(621355968000000000n), '621355968000000000', '1970-01-01T00:00:00Z');
  list.valid('datetime-one-tick', 'SER-019', when, i64(1n), '1', '100 ns after the beginning');
  list.valid('datetime-2024', 'SER-019', when, i64(638448264000000000n), '638448264000000000', '2024-02-29T18:00:00Z');
  list.valid('datetime-max', 'SER-019', when, i64(3155378975999999999n), '3155378975999999999', '9999-12-31T23:59:59.9999999Z', ['limit']);
  list.acceptable('datetime-negative', 'SER-019', when, i64(-1n), '-1', 'before the first day; the codec passes every int64');
  list.valid('color-red', 'SER-020', paint, 'ff0000', { R: 255, G: 0, B: 0 }, 'red comes first');
  list.valid('color-green', 'SER-020', paint, '00ff00', { R: 0, G: 255, B: 0 }, 'green comes second');
  list.valid('color-blue', 'SER-020', paint, '0000ff', { R: 0, G: 0, B: 255 }, 'blue comes last; there is no alpha');
  list.invalid('color-with-alpha', 'SER-017', paint, 'ff0000ff', 'E_TRAILING', 3, 'a fourth byte is not part of a colour');
}

function truncations(list: VectorList): void {
  const cases: readonly (readonly [string, { type: unknown }, number, string])[] = [
    ['byte', byte, 1, 'SER-006'],
    ['int16', short, 2, 'SER-006'],
    ['int32', int, 4, 'SER-006'],
    ['int64', wide, 8, 'SER-006'],
    ['float32', single, 4, 'SER-006'],
    ['float64', double, 8, 'SER-006'],
    ['enum', kind, 4, 'SER-007'],
    ['datetime', when, 8, 'SER-019'],
    ['color', paint, 3, 'SER-020'],
  ];
  for (const [name, of, size, clause] of cases) {
    if (size > 1) list.invalid(`${name}-short`, clause, of, '00'.repeat(size - 1), 'E_TRUNCATED', 0, 'one byte less than the type takes', ['limit']);
    list.invalid(`${name}-long`, 'SER-017', of, '00'.repeat(size + 1), 'E_TRAILING', size, 'one byte more than the type takes', ['limit']);
  }
  list.invalid('bool-long', 'SER-017', flag, '0100', 'E_TRAILING', 1, 'one byte more than the type takes', ['limit']);
}
