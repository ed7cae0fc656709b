/** Vectors of strings, byte arrays, images and fonts: lengths, nulls, UTF-8. */
import { ascii, i32, obj, prefixed, str, VectorList } from './pieces.ts';

const text = { type: 'string' };
const blob = { type: 'bytes' };
const picture = { type: 'image' };
const face = { type: 'font' };

/** spec/vectors/text.json */
export function textVectors(): VectorList {
  const list = new VectorList();
  strings(list);
  utf8(list);
  byteArrays(list);
  images(list);
  fonts(list);
  return list;
}

function strings(list: VectorList): void {
  list.valid('string-null', 'SER-009', text, 'ffffffff', null, 'null is length -1');
  list.valid('string-empty', 'SER-009', text, '00000000', '', 'empty is length 0, and is not null');
  list.valid('string-a', 'SER-009', text, '0100000061', 'a', 'one letter');
  list.valid('string-hello', 'SER-009', text, '0500000068656c6c6f', 'hello', 'five letters');
  list.valid('string-nul', 'SER-009', text, '03000000610062', 'a\u0000b', 'a zero byte is a character, not an end');
  list.valid('string-controls', 'SER-009', text, '0400000001090a7f', '\u0001\t\n\u007f', 'control characters');
  for (const size of [7, 8, 15, 16, 31, 32, 63, 64, 65, 127, 128, 255, 256, 1000, 1025, 4096, 4097]) {
    list.valid(`string-length-${size}`, 'SER-009', text, `${i32(size)}(78)*${size}`, 'x'.repeat(size), 'lengths where implementations change their ways');
  }
  list.invalid('string-length-minus-2', 'SER-010', text, 'feffffff', 'E_LENGTH', 0, 'only -1 is null', ['limit']);
  list.invalid('string-length-lowest', 'SER-010', text, '00000080', 'E_LENGTH', 0, 'most negative length', ['limit']);
  list.invalid('string-length-1-of-0', 'SER-010', text, '01000000', 'E_LENGTH', 0, 'one byte announced, none there', ['limit']);
  list.invalid('string-length-5-of-4', 'SER-010', text, `05000000${ascii('hell')}`, 'E_LENGTH', 0, 'one byte too few', ['limit']);
  list.invalid('string-length-highest', 'SER-010', text, 'ffffff7f61', 'E_LENGTH', 0, 'two gigabytes announced; nothing may be allocated', ['limit']);
  list.invalid('string-length-wraps', 'SER-010', text, 'fcffff7f61', 'E_LENGTH', 0, 'length plus four wraps round a signed 32-bit number');
  list.invalid('string-length-16m', 'SER-010', text, '0000000161', 'E_LENGTH', 0, 'a length with its bytes the wrong way round');
  for (const size of [1, 2, 3]) {
    list.invalid(`string-prefix-${size}`, 'SER-010', text, 'ff'.repeat(size), 'E_TRUNCATED', 0, 'the length itself is cut off', ['limit']);
  }
  list.invalid('string-trailing', 'SER-017', text, '010000006161', 'E_TRAILING', 5, 'a byte follows', ['limit']);
  list.invalid('string-null-trailing', 'SER-017', text, 'ffffffff00', 'E_TRAILING', 4, 'a byte follows null', ['limit']);
}

function utf8(list: VectorList): void {
  const good: readonly (readonly [string, string, string, string])[] = [
    ['2-byte-first', 'c280', '\u0080', 'first code point of two bytes'],
    ['2-byte-last', 'dfbf', '\u07ff', 'last code point of two bytes'],
    ['3-byte-first', 'e0a080', '\u0800', 'first code point of three bytes'],
    ['3-byte-last', 'efbfbf', '\uffff', 'last code point of three bytes, a noncharacter'],
    ['before-surrogates', 'ed9fbf', '\ud7ff', 'last before the surrogates'],
    ['after-surrogates', 'ee8080', '\ue000', 'first after the surrogates'],
    ['4-byte-first', 'f0908080', '\u{10000}', 'first code point of four bytes'],
    ['4-byte-last', 'f48fbfbf', '\u{10ffff}', 'last code point there is'],
    ['umlaut', 'c3a4c3b6c3bc', 'äöü', 'two bytes each'],
    ['chinese', 'e4bda0e5a5bd', '你好', 'three bytes each'],
    ['emoji', 'f09f9880', '😀', 'four bytes, two UTF-16 units'],
    ['mixed', '61c3a4e4bda0f09f98807a', 'aä你😀z', 'one, two, three, four and one bytes'],
    ['bom', 'efbbbf61', '\ufeffa', 'a byte order mark is kept'],
    ['combining', '65cc81', 'e\u0301', 'no normalisation'],
    ['replacement', 'efbfbd', '\ufffd', 'the replacement character itself is an ordinary one'],
  ];
  for (const [name, hex, value, comment] of good) list.valid(`utf8-${name}`, 'SER-009', text, prefixed(hex), value, comment);
  const bad: readonly (readonly [string, string, string])[] = [
    ['continuation-alone', '80', 'a continuation byte without a start'],
    ['continuation-last-alone', 'bf', 'a continuation byte without a start'],
    ['fe', 'fe', 'never occurs in UTF-8'],
    ['ff', 'ff', 'never occurs in UTF-8'],
    ['overlong-nul-2', 'c080', 'overlong zero'],
    ['overlong-7f-2', 'c1bf', 'overlong 0x7F'],
    ['overlong-3-first', 'e08080', 'overlong zero in three bytes'],
    ['overlong-3-last', 'e09fbf', 'overlong 0x7FF'],
    ['overlong-4-first', 'f0808080', 'overlong zero in four bytes'],
    ['overlong-4-last', 'f08fbfbf', 'overlong 0xFFFF'],
    ['surrogate-first', 'eda080', 'high surrogate U+D800'],
    ['surrogate-last', 'edbfbf', 'low surrogate U+DFFF'],
    ['surrogate-pair', 'eda0bdedb880', 'a pair of surrogates of three bytes each is not a code point'],
    ['above-10ffff', 'f4908080', 'U+110000'],
    ['f5', 'f5808080', 'starts above U+10FFFF'],
    ['5-byte', 'f888808080', 'five-byte form of old'],
    ['cut-2', 'c3', 'second byte missing'],
    ['cut-3-1', 'e4', 'two bytes missing'],
    ['cut-3-2', 'e4bd', 'third byte missing'],
    ['cut-4-3', 'f09f98', 'fourth byte missing'],
    ['cut-2-then-letter', 'c361', 'a letter where the second byte should be'],
    ['cut-3-then-letter', 'e4bd61', 'a letter where the third byte should be'],
    ['cut-4-then-letter', 'f09f9861', 'a letter where the fourth byte should be'],
    ['latin1', '6de47a', 'Latin-1 text sent by mistake'],
    ['after-ascii', `${'61'.repeat(40)}ff`, 'the last byte of many'],
    ['before-ascii', `ff${'61'.repeat(40)}`, 'the first byte of many'],
    ['utf16', 'fffe6100', 'UTF-16 sent by mistake'],
  ];
  for (const [name, hex, comment] of bad) list.invalid(`utf8-${name}`, 'SER-011', text, prefixed(hex), 'E_UTF8', 4, comment);
  // The byte after the text is 0x80, the low byte of the next length: a reader that looks past the end finds a whole character.
  const past = obj(prefixed('c3'), `${i32(128)}(61)*128`, str(null), i32(6));
  list.invalid('utf8-cut-then-continuation', 'SER-011', { contract: 'ReqLogonContract' }, past, 'E_UTF8', 8, 'a character may not be completed from beyond its text');
}

function byteArrays(list: VectorList): void {
  list.valid('bytes-null', 'SER-012', blob, 'ffffffff', null, 'null is length -1');
  list.valid('bytes-empty', 'SER-012', blob, '00000000', '', 'empty is length 0, and is not null');
  list.valid('bytes-all-ff', 'SER-012', blob, prefixed('ffffffff'), 'ffffffff', 'content that looks like a null');
  list.valid('bytes-not-utf8', 'SER-012', blob, prefixed('c0feff80'), 'c0feff80', 'bytes are not text');
  for (const size of [1, 47, 48, 49, 64, 65, 1024]) {
    list.valid(`bytes-length-${size}`, 'SER-012', blob, `${i32(size)}(a5)*${size}`, `(a5)*${size}`, 'lengths where implementations change their ways');
  }
  list.invalid('bytes-length-minus-2', 'SER-012', blob, 'feffffff', 'E_LENGTH', 0, 'only -1 is null', ['limit']);
  list.invalid('bytes-length-1-of-0', 'SER-012', blob, '01000000', 'E_LENGTH', 0, 'one byte announced, none there', ['limit']);
  list.invalid('bytes-length-highest', 'SER-012', blob, 'ffffff7f00', 'E_LENGTH', 0, 'two gigabytes announced; nothing may be allocated', ['limit']);
  list.invalid('bytes-prefix-3', 'SER-012', blob, '000000', 'E_TRUNCATED', 0, 'the length itself is cut off', ['limit']);
  list.invalid('bytes-trailing', 'SER-017', blob, '01000000ffff', 'E_TRAILING', 5, 'a byte follows', ['limit']);
}

function images(list: VectorList): void {
  list.valid('image-null', 'SER-022', picture, 'ffffffff', null, 'null, and no isGif byte after it');
  list.valid('image-gif', 'SER-022', picture, `0600000001${ascii('GIF89a')}`, { IsGif: true, Content: '474946383961' }, 'length counts the content only');
  list.valid('image-other', 'SER-022', picture, `040000000089504e47`, { IsGif: false, Content: '89504e47' }, 'not a gif');
  list.valid('image-empty', 'SER-022', picture, '0000000000', { IsGif: false, Content: '' }, 'no content, but the isGif byte is there');
  list.invalid('image-null-with-flag', 'SER-017', picture, 'ffffffff00', 'E_TRAILING', 4, 'null has no isGif byte', ['limit']);
  list.invalid('image-flag-2', 'SER-005', picture, '0000000002', 'E_BOOL', 4, 'isGif is a bool');
  list.invalid('image-flag-missing', 'SER-022', picture, '00000000', 'E_TRUNCATED', 4, 'the isGif byte is missing', ['limit']);
  list.invalid('image-content-short', 'SER-022', picture, '040000000089504e', 'E_TRUNCATED', 4, 'content and isGif do not both fit', ['limit']);
  list.invalid('image-length-long', 'SER-022', picture, '0500000000aa', 'E_LENGTH', 0, 'length beyond the end', ['limit']);
  list.invalid('image-length-minus-2', 'SER-022', picture, 'feffffff00', 'E_LENGTH', 0, 'only -1 is null', ['limit']);
}

function fonts(list: VectorList): void {
  list.valid('font-null', 'SER-021', face, 'ffffffff', null, 'null font');
  const arial = obj(str('Arial'), i32(1), '00001841');
  list.valid('font-arial', 'SER-021', face, arial, { FontFamily: 'Arial', FontStyle: 1, Size: 9.5 }, 'bold, 9.5 points');
  const nameless = obj(str(null), i32(0), '00000000');
  list.valid('font-no-family', 'SER-021', face, nameless, { FontFamily: null, FontStyle: 0, Size: 0 }, 'the family may be null');
  list.invalid('font-no-size', 'SER-016', face, obj(str('Arial'), i32(1)), 'E_TRUNCATED', 17, 'Size is missing');
  list.invalid('font-length-excludes-itself', 'SER-016', face, `${i32(17)}${str('Arial')}${i32(1)}00001841`, 'E_TRUNCATED', 17, 'the length does not count itself');
}
