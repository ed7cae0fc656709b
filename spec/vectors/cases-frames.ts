/** Vectors of the header: every field at its limits, every kind of invalid message, the order of checks. */
import { ascii, byteCount, header, i32, message, u8, VectorList } from './pieces.ts';
import type { HeaderParts } from './pieces.ts';

/** A message as `decoded` shows it; defaults are those of `header`. */
export function shown(parts: Readonly<Record<string, unknown>> = {}): unknown {
  return { clientType: 0, messageType: 3, messageId: 1, sourceId: 'aa01', destId: '', body: '', ...parts };
}

/** spec/vectors/frames.json */
export function frameVectors(): VectorList {
  const list = new VectorList();
  fields(list);
  ids(list);
  tokens(list);
  bodyLengths(list);
  sizes(list);
  checkOrder(list);
  userIdLimits(list);
  userIdLimitsDiffer(list);
  return list;
}

function good(list: VectorList, id: string, clause: string, hex: string, seen: Readonly<Record<string, unknown>>, comment: string, flags: string[] = []): void {
  list.stream({ id, clause, comment, flags, hex, result: 'valid', decoded: [shown(seen)] });
}

function bad(list: VectorList, id: string, clause: string, hex: string, kind: string, offset: number, comment: string, flags: string[] = []): void {
  list.stream({ id, clause, comment, flags, hex, result: 'invalid', decoded: [], error: { kind, offset } });
}

function fields(list: VectorList): void {
  good(list, 'frame-heartbeat', 'FRM-001', 'e50003000000000001000000046161303100000000000000000000000000000000000000', {}, 'a heartbeat, spelled out: 36 bytes, empty body (FRM-021)');
  for (let client = 0; client <= 8; client++) {
    good(list, `client-type-${client}`, 'FRM-005', header({ client }), { clientType: client }, 'a client type of this generation', client === 8 ? ['limit'] : []);
  }
  for (const client of [9, 10, 127, 128, 255]) {
    bad(list, `client-type-${client}`, 'FRM-006', header({ client }), 'InvalidClientType', 1, 'no such client type', client === 9 ? ['limit'] : []);
  }
  for (const type of [0, 1, 99, 255, 256, 4660, 32767, 32768, 65535]) {
    const flags = type === 65535 ? ['limit'] : [];
    good(list, `message-type-${type}`, 'FRM-007', header({ type }), { messageType: type }, 'message types are unsigned; unknown ones are well-formed (FRM-008)', flags);
  }
  for (const id of [0, 1, -1, 305419896, 2147483647, -2147483648]) {
    const flags = Math.abs(id) > 2e9 ? ['limit'] : [];
    good(list, `message-id-${id}`, 'FRM-011', header({ id }), { messageId: id }, 'message ids are signed and may be any', flags);
  }
}

function ids(list: VectorList): void {
  const source = (hex: string): string => header({ source: hex });
  good(list, 'source-empty', 'FRM-013', source(''), { sourceId: '' }, 'an empty id is well-formed; the layer above judges it');
  good(list, 'source-10', 'FRM-013', source(ascii('abcdefghij')), { sourceId: 'abcdefghij' }, 'one byte below N');
  good(list, 'source-11', 'FRM-013', source(ascii('abcdefghijk')), { sourceId: 'abcdefghijk' }, 'exactly N bytes, no padding', ['limit']);
  good(list, 'source-case', 'LIM-010', source(ascii('Aa01')), { sourceId: 'Aa01' }, 'ids are case-sensitive');
  good(list, 'source-hash', 'LIM-009', source(ascii('1#abc001')), { sourceId: '1#abc001' }, 'other than digits and letters');
  good(list, 'source-chinese', 'FRM-013', source('e5bca0e4b889'), { sourceId: '张三' }, 'the length counts bytes, not characters');
  good(list, 'source-chinese-full', 'FRM-013', source('e5bca0e4b8893132333435'), { sourceId: '张三12345' }, 'eleven bytes, seven characters', ['limit']);
  good(list, 'dest-server', 'FRM-016', header({ dest: ascii('_0') }), { destId: '_0' }, 'the server by name');
  good(list, 'dest-user', 'FRM-013', header({ dest: ascii('bb02') }), { destId: 'bb02' }, 'another user');
  good(list, 'dest-11', 'FRM-013', header({ dest: ascii('ABCDEFGHIJK') }), { destId: 'ABCDEFGHIJK' }, 'exactly N bytes', ['limit']);
  good(list, 'source-server', 'FRM-016', header({ source: ascii('_0'), dest: ascii('aa01'), client: 8 }), { clientType: 8, sourceId: '_0', destId: 'aa01' }, 'what a server sends');
  list.stream({ id: 'source-padding-dirty', clause: 'FRM-015', comment: 'padding that is not zero is ignored', flags: ['nonCanonical'], hex: header({ sourcePadding: 'ffffffffffffff' }), result: 'acceptable', decoded: [shown()] });
  bad(list, 'source-utf8-cut-then-padding', 'FRM-014', header({ source: 'c3', sourcePadding: '80' }), 'InvalidHeader', 13, 'a character may not be completed from the padding');
  for (const length of [12, 13, 127, 128, 255]) {
    bad(list, `source-length-${length}`, 'FRM-014', header({ sourceLength: length }), 'InvalidHeader', 12, 'longer than N', length === 12 ? ['limit'] : []);
    bad(list, `dest-length-${length}`, 'FRM-014', header({ destLength: length }), 'InvalidHeader', 24, 'longer than N', length === 12 ? ['limit'] : []);
  }
  for (const [name, hex] of [
    ['latin1', 'e4e4'],
    ['overlong', 'c080'],
    ['surrogate', 'eda080'],
    ['cut', '61e4bd'],
    ['ff', 'ffff'],
  ] as const) {
    bad(list, `source-utf8-${name}`, 'FRM-014', source(hex), 'InvalidHeader', 13, 'the id is not UTF-8');
    bad(list, `dest-utf8-${name}`, 'FRM-014', header({ dest: hex }), 'InvalidHeader', 25, 'the id is not UTF-8');
  }
}

function tokens(list: VectorList): void {
  for (const token of ['00', '01', '7f', '80', 'e4', 'e6', '5e', 'ff']) {
    bad(list, `token-${token}`, 'FRM-004', header({ token }), 'InvalidToken', 0, 'another start token', token === 'e4' || token === 'e6' ? ['limit'] : []);
  }
  bad(list, 'token-alone', 'FRM-004', '47', 'InvalidToken', 0, 'judged at the first byte, without waiting for a header', ['early']);
  bad(list, 'token-http', 'FRM-004', ascii('GET / HTTP/1.1'), 'InvalidToken', 0, 'somebody speaks HTTP', ['early']);
  bad(list, 'token-tls', 'FRM-004', '16030100c8010000c40303', 'InvalidToken', 0, 'somebody speaks TLS', ['early']);
  bad(list, 'client-type-alone', 'FRM-006', 'e509', 'InvalidClientType', 1, 'judged at the second byte', ['early', 'limit']);
}

function bodyLengths(list: VectorList): void {
  good(list, 'body-1', 'FRM-009', message({ type: 500 }, 'aa'), { messageType: 500, body: 'aa' }, 'a body of one byte');
  good(list, 'body-256', 'FRM-009', message({ type: 500 }, '(ab)*256'), { messageType: 500, body: '(ab)*256' }, 'the second byte of the length counts');
  good(list, 'body-like-header', 'FRM-001', message({ type: 500 }, header()), { messageType: 500, body: header() }, 'a body that looks like a message is a body');
  for (const [name, length] of [
    ['minus-1', -1],
    ['minus-2', -2],
    ['lowest', -2147483648],
    ['minus-36', -36],
  ] as const) {
    bad(list, `body-length-${name}`, 'FRM-010', header({ bodyLength: length }), 'InvalidHeader', 4, 'a negative body length', name === 'minus-1' || name === 'lowest' ? ['limit'] : []);
  }
  list.stream({
    id: 'body-not-expected',
    clause: 'FRM-023',
    comment: 'a heartbeat has no body; one that is there is ignored',
    flags: ['nonCanonical'],
    hex: message({}, 'deadbeef'),
    result: 'acceptable',
    decoded: [shown({ body: 'deadbeef' })],
  });
  // Cut short anywhere, a stream is DataLacked; the offset is where it ends.
  for (const size of [1, 2, 3, 4, 11, 12, 13, 24, 35]) {
    bad(list, `header-cut-${size}`, 'FRM-018', header().slice(0, 2 * size), 'DataLacked', size, 'the stream ends inside the header', size === 1 || size === 35 ? ['limit'] : []);
  }
  bad(list, 'body-missing', 'FRM-018', header({ bodyLength: 5 }), 'DataLacked', 36, 'the stream ends before the body', ['limit']);
  bad(list, 'body-cut', 'FRM-018', `${header({ bodyLength: 5 })}01020304`, 'DataLacked', 40, 'the stream ends one byte before the end of the body', ['limit']);
}

function sizes(list: VectorList): void {
  const limit = (bytes: number): { messageBytesMax: number } => ({ messageBytesMax: bytes });
  const body = (count: number): string => `(5a)*${count}`;
  const add = (id: string, clause: string, hex: string, seen: Readonly<Record<string, unknown>>, max: number, comment: string): void => {
    list.stream({ id, clause, comment, flags: ['limit'], hex, result: 'valid', decoded: [shown(seen)], ...limit(max) });
  };
  const over = (id: string, bodyLength: number, max: number, comment: string): void => {
    list.stream({ id, clause: 'LIM-006', comment, flags: ['limit', 'early'], hex: header({ type: 500, bodyLength }), result: 'invalid', decoded: [], error: { kind: 'MessageSizeOverflow', offset: 4 }, ...limit(max) });
  };
  add('size-exact-64', 'LIM-008', message({ type: 500 }, body(28)), { messageType: 500, body: body(28) }, 64, 'exactly the limit of 64 bytes');
  add('size-below-64', 'LIM-008', message({ type: 500 }, body(27)), { messageType: 500, body: body(27) }, 64, 'one below the limit');
  add('size-header-only', 'LIM-008', header(), {}, 36, 'the limit is a header and nothing more');
  add('size-exact-default', 'LIM-008', message({ type: 500 }, body(1_048_540)), { messageType: 500, body: body(1_048_540) }, 1_048_576, 'exactly the default limit');
  over('size-over-64', 29, 64, 'one above the limit: refused at the header, before any body');
  over('size-over-header-only', 1, 36, 'one above');
  over('size-over-default', 1_048_541, 1_048_576, 'one above the default limit');
  over('size-body-is-limit', 1_048_576, 1_048_576, 'the limit includes the header');
  over('size-highest', 2_147_483_647, 1_048_576, 'two gigabytes announced; nothing may be allocated');
  over('size-wraps', 2_147_483_647 - 35, 1_048_576, 'header plus body wraps round a signed 32-bit number');
}

function checkOrder(list: VectorList): void {
  const wrong = { bodyLength: -1, sourceLength: 12 } as const satisfies HeaderParts;
  bad(list, 'order-token-first', 'FRM-020', header({ token: '00', client: 9, ...wrong }), 'InvalidToken', 0, 'everything is wrong: the token names the kind');
  bad(list, 'order-client-type-second', 'FRM-020', header({ client: 9, ...wrong }), 'InvalidClientType', 1, 'client type before ids');
  bad(list, 'order-ids-third', 'FRM-020', header(wrong), 'InvalidHeader', 12, 'ids before body length: the offset is that of the id');
  bad(list, 'order-source-before-dest', 'FRM-020', header({ sourceLength: 12, destLength: 12 }), 'InvalidHeader', 12, 'sender before destination');
  bad(list, 'order-ids-before-size', 'FRM-020', header({ bodyLength: 2_147_483_647, destLength: 12 }), 'InvalidHeader', 24, 'ids before size');
  bad(list, 'order-client-type-early', 'FRM-020', 'e5ff', 'InvalidClientType', 1, 'two bytes are enough', ['early']);
  bad(list, 'order-incomplete-header', 'FRM-020', header(wrong).slice(0, 2 * 35), 'DataLacked', 35, 'nothing but token and client type is judged before the header is complete');
}

function userIdLimits(list: VectorList): void {
  const cases: readonly (readonly [number, string, string])[] = [
    [1, 'a', ''],
    [2, 'ab', '_0'],
    [10, 'abcdefghij', ''],
    [20, 'abcdefghijklmnopqrst', 'bb02'],
    [255, 'u'.repeat(255), '_0'],
  ];
  for (const [n, source, dest] of cases) {
    list.stream({
      id: `n-${n}`,
      clause: 'LIM-002',
      comment: `N = ${n}: the header takes ${12 + 2 * (1 + n)} bytes`,
      flags: ['limit'],
      userIdBytesMax: n,
      hex: header({ n, source: ascii(source), dest: ascii(dest) }),
      result: 'valid',
      decoded: [shown({ sourceId: source, destId: dest })],
    });
  }
  list.stream({
    id: 'n-1-server',
    clause: 'FRM-031',
    comment: 'where N = 1 the name of the server does not fit and is left empty',
    flags: ['limit'],
    userIdBytesMax: 1,
    hex: header({ n: 1, client: 8, source: '', dest: ascii('a') }),
    result: 'valid',
    decoded: [shown({ clientType: 8, sourceId: '', destId: 'a' })],
  });
  list.stream({
    id: 'n-1-too-long',
    clause: 'FRM-014',
    comment: 'two bytes where N = 1',
    flags: ['limit'],
    userIdBytesMax: 1,
    hex: header({ n: 1, source: ascii('a'), sourceLength: 2 }),
    result: 'invalid',
    decoded: [],
    error: { kind: 'InvalidHeader', offset: 12 },
  });
}

function userIdLimitsDiffer(list: VectorList): void {
  list.stream({
    id: 'n-differs-receiver-longer',
    clause: 'LIM-004',
    comment: 'a sender with N = 11 and a receiver with N = 20: the header never completes',
    flags: [],
    userIdBytesMax: 20,
    hex: header(),
    result: 'invalid',
    decoded: [],
    error: { kind: 'DataLacked', offset: 36 },
  });
  // With N = 4 the destination begins at 17, inside the padding; the header ends at 22 and what follows is no token.
  list.stream({
    id: 'n-differs-receiver-shorter',
    clause: 'LIM-004',
    comment: 'a sender with N = 11 and a receiver with N = 4: padding where the next token should be',
    flags: [],
    userIdBytesMax: 4,
    hex: header(),
    result: 'invalid',
    decoded: [shown()],
    error: { kind: 'InvalidToken', offset: 22 },
  });
  const twoBytes = u8(1) + i32(0);
  list.stream({
    id: 'n-differs-body',
    clause: 'LIM-004',
    comment: 'as before, with a body: the body is never reached',
    flags: [],
    userIdBytesMax: 20,
    hex: message({ type: 500 }, twoBytes),
    result: 'invalid',
    decoded: [],
    error: { kind: 'DataLacked', offset: 36 + byteCount(twoBytes) },
  });
}
