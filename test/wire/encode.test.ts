/** What the sending side refuses, and that what it gives out stays as it is. */
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  codecs,
  compactPropertySerializer,
  defineContract,
  defineType,
  encodeFrame,
  encodeMessage,
  FrameDecoder,
  LocalProtocolError,
} from '../../impl/wire/index.ts';
import type { Codec, FrameHeader } from '../../impl/wire/index.ts';
import type { ContractOf, FieldType } from '../../spec/grammar/index.ts';

const header: FrameHeader = { clientType: 0, messageType: 101, messageId: 1, sourceId: 'aa01', destId: '' };
const limits = { userIdBytesMax: 11, messageBytesMax: 1000 };

function refused(act: () => unknown): { code: string; clause: string; message: string } {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(LocalProtocolError);
    const { code, clause, message } = error as LocalProtocolError;
    expect(message).toContain(code);
    expect(message).toContain(clause);
    return { code, clause, message };
  }
  throw new Error('it was not refused');
}

const wrongValues: readonly (readonly [FieldType, unknown, string])[] = [
  ['bool', 1, 'SER-004'],
  ['bool', null, 'SER-004'],
  ['byte', -1, 'SER-006'],
  ['byte', 256, 'SER-006'],
  ['byte', 1.5, 'SER-006'],
  ['int16', 32_768, 'SER-006'],
  ['int16', -32_769, 'SER-006'],
  ['int32', 2 ** 31, 'SER-006'],
  ['int32', -(2 ** 31) - 1, 'SER-006'],
  ['int32', NaN, 'SER-006'],
  ['int32', '1', 'SER-006'],
  ['int32', 1n, 'SER-006'],
  ['int32', undefined, 'SER-006'],
  ['int64', 2 ** 53, 'SER-006'],
  ['int64', 0.5, 'SER-006'],
  ['int64', 2n ** 63n, 'SER-006'],
  ['int64', -(2n ** 63n) - 1n, 'SER-006'],
  ['int64', '1', 'SER-006'],
  ['float32', '1', 'SER-006'],
  ['float64', null, 'SER-006'],
  ['float64', 1n, 'SER-006'],
  ['dateTime', 5, 'SER-019'],
  ['dateTime', 2n ** 63n, 'SER-019'],
  ['color', { R: 0, G: 0, B: 256 }, 'SER-020'],
  ['color', null, 'SER-020'],
  ['string', 5, 'SER-009'],
  ['string', '\ud800', 'SER-009'],
  ['string', 'a\udc00b', 'SER-009'],
  ['string', '\udc00\udc00', 'SER-009'],
  ['string', '\ud800\ud800', 'SER-009'],
  ['string', `${'x'.repeat(2000)}\ud83d`, 'SER-009'],
  ['bytes', 'aa', 'SER-012'],
  ['bytes', [1, 2], 'SER-012'],
  ['image', { Content: new Uint8Array(1) }, 'SER-022'],
  ['image', { IsGif: true, Content: 'aa' }, 'SER-022'],
  ['font', { FontFamily: 'A', FontStyle: 0, Size: '9' }, 'SER-006'],
  [{ enum: 'LogonResult' }, 'Succeed', 'SER-007'],
  [{ list: 'int32' }, 'abc', 'SER-013'],
  [{ list: 'int32' }, new Set([1]), 'SER-013'],
  [{ list: 'byte' }, [1, 2, 300], 'SER-006'],
  [{ dict: ['string', 'int32'] }, { a: 1 }, 'SER-014'],
  [{ dict: ['string', 'int32'] }, new Map([[null, 1]]), 'SER-026'],
  [{ dict: ['int64', 'int32'] }, new Map<unknown, unknown>([[1, 1], [1n, 2]]), 'SER-026'], // prettier-ignore
  [{ object: 'ZooPoint' }, 7, 'SER-015'],
  [{ object: 'ZooPoint' }, { X: 1 }, 'SER-006'],
];

describe('values that are not of the type', () => {
  test.each(wrongValues)('%j refuses %s', (type, value, clause) => {
    const codec = defineType(type) as Codec<unknown>;
    expect(refused(() => codec.encode(value))).toMatchObject({ code: 'E_ARGUMENT', clause });
    expect(refused(() => codec.sizeOf(value))).toMatchObject({ code: 'E_ARGUMENT', clause });
  });

  test('the message says where, what was wanted and what was there', () => {
    const value = { Grid: null, Ints: null, Kinds: null, Points: [null, { X: 1, Y: 2.5 }], Texts: null };
    const { message } = refused(() => codecs.ZooLists.encode(value));
    expect(message).toBe(
      'Points[1].Y must be an integer from -2147483648 to 2147483647, got 2.5 (E_ARGUMENT, SER-006)',
    );
  });

  test('a missing property of a kind that has a null is null', () => {
    const bytes = codecs.BinaryInformationContract.encode({
      InformationType: 1,
    } as ContractOf<'BinaryInformationContract'>);
    expect(codecs.BinaryInformationContract.decode(bytes)).toEqual({
      ok: true,
      value: { Content: null, InformationType: 1 },
    });
  });

  test('an int64 may be given as bigint although it comes back as a number', () => {
    expect(codecs.PingContract.decode(codecs.PingContract.encode({ SendTicks: 5n }))).toEqual({
      ok: true,
      value: { SendTicks: 5 },
    });
  });
});

type Tree = NonNullable<ContractOf<'ZooTree'>>;
const leaf = (): Tree => ({ Children: null, Left: null, Name: 'n' });

describe('SER-024 cycles and SER-023 depth', () => {
  test('an object in itself', () => {
    const tree = leaf();
    tree.Left = tree;
    expect(refused(() => codecs.ZooTree.encode(tree)).clause).toBe('SER-024');
  });

  test('an object in its own list, several levels down', () => {
    const tree = leaf();
    tree.Children = [{ ...leaf(), Left: { ...leaf(), Children: [tree] } }];
    expect(refused(() => codecs.ZooTree.encode(tree))).toMatchObject({ code: 'E_ARGUMENT', clause: 'SER-024' });
  });

  test('the same object twice, not inside itself, is no cycle', () => {
    const shared = leaf();
    const tree = { ...leaf(), Left: shared, Children: [shared, shared] };
    expect(codecs.ZooTree.decode(codecs.ZooTree.encode(tree))).toEqual({ ok: true, value: tree });
    expect(codecs.ZooTree.sizeOf(tree)).toBe(codecs.ZooTree.encode(tree).length);
  });

  test('thirty-two levels pass, thirty-three do not', () => {
    let tree = leaf();
    for (let level = 2; level <= 32; level++) tree = { ...leaf(), Left: tree };
    expect(codecs.ZooTree.decode(codecs.ZooTree.encode(tree)).ok).toBe(true);
    expect(refused(() => codecs.ZooTree.encode({ ...leaf(), Left: tree })).clause).toBe('SER-023');
  });

  test('a small value that unfolds into a huge one stops at the limit', () => {
    let tree = leaf();
    for (let level = 2; level <= 15; level++)
      tree = { ...leaf(), Children: [tree, tree, tree, tree, tree, tree, tree, tree], Left: tree };
    expect(refused(() => codecs.ZooTree.encode(tree, 100_000))).toMatchObject({ code: 'E_MESSAGE_SIZE' });
  });
});

describe('frames', () => {
  test.each([
    [{ clientType: 9 }, 'E_ARGUMENT', 'FRM-005'],
    [{ clientType: -1 }, 'E_ARGUMENT', 'FRM-005'],
    [{ messageType: 65_536 }, 'E_ARGUMENT', 'FRM-007'],
    [{ messageType: 1.5 }, 'E_ARGUMENT', 'FRM-007'],
    [{ messageId: 2 ** 31 }, 'E_ARGUMENT', 'FRM-011'],
    [{ sourceId: 'abcdefghijkl' }, 'E_USER_ID', 'LIM-003'],
    [{ destId: '张三张三' }, 'E_USER_ID', 'LIM-003'],
    [{ destId: '\ud800' }, 'E_USER_ID', 'FRM-013'],
    [{ destId: '\udc00\udc00' }, 'E_USER_ID', 'FRM-013'],
    [{ sourceId: 5 as unknown as string }, 'E_ARGUMENT', 'FRM-013'],
  ])('%j is refused', (part, code, clause) => {
    expect(refused(() => encodeFrame({ ...header, ...part }, null, 11))).toMatchObject({ code, clause });
    const message = (): Uint8Array =>
      encodeMessage({ ...header, ...part }, codecs.PingContract, { SendTicks: 1 }, limits);
    expect(refused(message)).toMatchObject({ code, clause });
  });

  test.each([0, 256, 1.5, NaN])('N = %s is refused', (n) => {
    expect(refused(() => encodeFrame(header, null, n)).clause).toBe('LIM-002');
    expect(refused(() => new FrameDecoder({ userIdBytesMax: n, messageBytesMax: 1000 })).clause).toBe('LIM-002');
  });

  test('a limit below a header is refused', () => {
    expect(refused(() => new FrameDecoder({ userIdBytesMax: 11, messageBytesMax: 35 })).clause).toBe('LIM-005');
  });

  test('LIM-007 exactly the limit is sent, one byte more is refused, with and without a codec', () => {
    const info = (size: number): ContractOf<'BinaryInformationContract'> => ({
      Content: new Uint8Array(size),
      InformationType: 1,
    });
    expect(encodeMessage(header, codecs.BinaryInformationContract, info(1000 - 36 - 12), limits)).toHaveLength(1000);
    const over = refused(() => encodeMessage(header, codecs.BinaryInformationContract, info(1001 - 36 - 12), limits));
    expect(over).toMatchObject({ code: 'E_MESSAGE_SIZE', clause: 'LIM-007' });
    expect(over.message).toContain('1001');
    expect(over.message).toContain('1000');
    expect(encodeFrame(header, new Uint8Array(964), 11, 1000)).toHaveLength(1000);
    expect(refused(() => encodeFrame(header, new Uint8Array(965), 11, 1000)).code).toBe('E_MESSAGE_SIZE');
  });

  test('FRM-016 where N = 1 the server is the empty id', () => {
    const bytes = encodeFrame({ ...header, sourceId: '_0', destId: 'a' }, null, 1);
    let fromServer: boolean | undefined;
    new FrameDecoder({ userIdBytesMax: 1, messageBytesMax: 100 }).push(
      bytes,
      (frame) => void (fromServer = frame.sourceIsServer()),
    );
    expect(fromServer).toBe(true);
  });

  test('null is an empty body, the null of the type is not', () => {
    expect(encodeMessage(header, codecs.PingContract, null, limits)).toHaveLength(36);
    expect(codecs.PingContract.encode(null)).toEqual(Uint8Array.of(255, 255, 255, 255));
  });
});

describe('what was given out', () => {
  test('stays as it is, however much is encoded afterwards', () => {
    const kept = Array.from({ length: 5000 }, (_, k) => ({
      k,
      bytes: codecs.QueryOnlineContract.encode({ UserID: `user${k}` }),
    }));
    for (let k = 0; k < 2000; k++) encodeFrame(header, new Uint8Array(100).fill(0xee), 11);
    for (const { k, bytes } of kept)
      expect(codecs.QueryOnlineContract.decode(bytes)).toEqual({ ok: true, value: { UserID: `user${k}` } });
  });

  test('a refused value leaves no trace in what follows', () => {
    const before = codecs.PingContract.encode({ SendTicks: 1 }).slice();
    expect(() => codecs.ZooLists.encode({ Texts: ['x'.repeat(100), 5] } as never)).toThrow();
    expect(codecs.PingContract.encode({ SendTicks: 1 })).toEqual(before);
  });

  test('FRM-013 padding is zero although a refused value wrote there before', () => {
    const clean = Buffer.from(encodeFrame(header, null, 255)).toString('hex');
    expect(clean.slice(-2 * 250)).toBe('00'.repeat(250));
    for (let k = 0; k < 5; k++) {
      expect(() =>
        codecs.ZooLists.encode({
          Grid: null,
          Ints: null,
          Kinds: null,
          Points: null,
          Texts: ['z'.repeat(900), 5],
        } as never),
      ).toThrow();
      expect(Buffer.from(encodeFrame(header, null, 255)).toString('hex')).toBe(clean);
    }
  });

  test.each([65_530, 65_536, 100_000, 1_000_000])('a value of %i bytes outgrows the block and is whole', (size) => {
    const bytes = new Uint8Array(size).map((_, k) => k * 31);
    const value = { BlobID: 1, Fragment: bytes, FragmentIndex: 2, InformationType: 3, IsLast: true };
    for (let k = 0; k < 3; k++) {
      const result = codecs.BlobFragmentContract.decode(codecs.BlobFragmentContract.encode(value));
      // Comparing large arrays element by element takes the assertion library half a minute.
      expect(result.ok && Buffer.compare(result.value.Fragment!, bytes)).toBe(0);
      expect(result).toMatchObject({
        ok: true,
        value: { BlobID: 1, FragmentIndex: 2, InformationType: 3, IsLast: true },
      });
    }
    const list = Array.from({ length: size / 50 }, (_, k) => `user number ${k} of a list that grows the block`);
    expect(codecs.ResUsersContract.decode(codecs.ResUsersContract.encode({ UserList: list }))).toEqual({
      ok: true,
      value: { UserList: list },
    });
  });

  const oneOfEach: readonly (readonly [FieldType, unknown])[] = [
    ['bool', true],
    ['byte', 7],
    ['int16', -2],
    ['int32', -3],
    ['int64', -4],
    ['int64', 2n ** 62n],
    ['float32', 1.5],
    ['float64', -1.5],
    ['string', null],
    ['string', 'text'],
    ['string', '€😀'],
    ['string', '€€'],
    ['string', 'x'.repeat(5000)],
    ['bytes', null],
    ['bytes', Uint8Array.of(1, 2, 3)],
    ['dateTime', 5n],
    ['color', { R: 1, G: 2, B: 3 }],
    ['font', { FontFamily: 'A', FontStyle: 1, Size: 2 }],
    ['image', null],
    ['image', { IsGif: true, Content: Uint8Array.of(9, 8, 7) }],
    [{ enum: 'ClientType' }, 3],
    [{ list: 'byte' }, [1, 2, 3, 4, 5]],
    [{ list: 'int32' }, null],
    [{ list: 'color' }, [{ R: 1, G: 2, B: 3 }, { R: 4, G: 5, B: 6 }]], // prettier-ignore
    [{ dict: ['string', 'bool'] }, new Map([['k', true], ['l', false]])], // prettier-ignore
    [{ dict: ['int64', 'int16'] }, new Map([[1, 2]])],
    [{ object: 'ZooNested' }, { Label: 'l', Origin: { X: 1, Y: 2 }, Target: null }],
    [{ object: 'ZooEmpty' }, {}],
    [{ object: 'ZooPoint' }, null],
  ];

  test.each(oneOfEach)('%j is whole wherever a block ends', (type, value) => {
    const codec = defineType(type) as Codec<unknown>;
    const filler = defineType('bytes');
    const expected = Buffer.from(codec.encode(value)).toString('hex');
    for (let left = 0; left <= expected.length / 2 + 2; left += expected.length > 1000 ? 97 : 1) {
      // One value brings the block to where exactly `left` bytes remain of it.
      const last = filler.encode(new Uint8Array(0));
      const remaining = last.buffer.byteLength - last.byteOffset - last.length;
      if (remaining >= left + 4) filler.encode(new Uint8Array(remaining - left - 4));
      expect(Buffer.from(codec.encode(value)).toString('hex')).toBe(expected);
      expect(
        Buffer.from(encodeMessage(header, codec, value, { ...limits, messageBytesMax: 10_000 })).toString('hex', 36),
      ).toBe(value === null ? '' : expected);
    }
  });

  test('a getter that encodes something itself does not disturb the value around it', () => {
    let inner: Uint8Array | undefined;
    const value = {
      get UserID(): string {
        inner = codecs.PingContract.encode({ SendTicks: 77 });
        return 'outer';
      },
    };
    const outer = codecs.QueryOnlineContract.encode(value);
    expect(codecs.QueryOnlineContract.decode(outer)).toEqual({ ok: true, value: { UserID: 'outer' } });
    expect(codecs.PingContract.decode(inner!)).toEqual({ ok: true, value: { SendTicks: 77 } });
  });

  test('a decoded value owns its bytes', () => {
    const bytes = codecs.BinaryInformationContract.encode({
      Content: new Uint8Array(100).fill(7),
      InformationType: 1,
    }).slice();
    const result = codecs.BinaryInformationContract.decode(bytes);
    bytes.fill(0);
    expect(result.ok && result.value.Content).toEqual(new Uint8Array(100).fill(7));
  });
});

describe("contracts of one's own", () => {
  const person = defineContract(
    { Name: 'string', Born: 'int32', Home: { object: 'Address' }, Friends: { list: { object: 'Self' } } },
    { Address: { Street: 'string', Number: 'int16' } },
  );
  const value = {
    Name: 'a',
    Born: 1990,
    Home: { Street: 's', Number: 5 },
    Friends: [null, { Name: 'b', Born: 1, Home: null, Friends: null }],
  };

  test('SER-002 are written in ordinal order, and may name each other and themselves', () => {
    const bytes = compactPropertySerializer.serialize(person, value);
    expect(compactPropertySerializer.deserialize(person, bytes)).toEqual({ ok: true, value });
    expect(Buffer.from(bytes).readInt32LE(0)).toBe(bytes.length);
    expect(Buffer.from(bytes).readInt32LE(4)).toBe(1990); // Born comes before Friends, Home, Name.
  });

  test('a wrong type or name is refused with the name of the property', () => {
    expect(refused(() => defineContract({ Age: 'int33' as never })).message).toContain('Age');
    expect(refused(() => defineContract({ ['__proto__']: 'int32' })).clause).toBe('SER-003');
    expect(() => defineContract({ Home: { object: 'Nowhere' } })).toThrow(/Nowhere/);
  });

  test('values have the type the data says', () => {
    expectTypeOf<ContractOf<'ReqLogonContract'>>().toEqualTypeOf<{
      AuthorizedUser: string | null;
      Password: string | null;
      SystemToken: string | null;
      Version: number;
    }>();
    expectTypeOf<ContractOf<'ResOnlinesContract'>['Result']>().toEqualTypeOf<Map<string, boolean> | null>();
    expectTypeOf<ContractOf<'PingContract'>['SendTicks']>().toEqualTypeOf<number | bigint>();
    const decoded = person.decode(person.encode(value));
    if (decoded.ok) expectTypeOf(decoded.value.Home).toEqualTypeOf<{ Street: string | null; Number: number } | null>();
    expect(decoded.ok).toBe(true);
  });
});
