/** Vectors of whole conversations: real messages with real bodies, many in a row, and errors after good messages. */
import { ascii, header, i32, i64, list as counted, message, obj, prefixed, str, VectorList } from './pieces.ts';
import { shown } from './cases-frames.ts';

const server = ascii('_0');
const aa01 = ascii('aa01');
const bb02 = ascii('bb02');

/** spec/vectors/messages.json: one message of every kind; `decoded[0].value` is the body by its contract. */
export function messageVectors(): VectorList {
  const list = new VectorList();
  basicRoom(list);
  basicReplies(list);
  customizeRoom(list);
  return list;
}

/** spec/vectors/streams.json: several messages in a row. */
export function streamVectors(): VectorList {
  const list = new VectorList();
  rows(list);
  faultsAfterMessages(list);
  return list;
}

type Story = {
  readonly id: string;
  readonly clause: string;
  readonly type: number;
  readonly contract: string | null;
  readonly body: string;
  readonly value: unknown;
  /** From the server to aa01 instead of from aa01 to the server. */
  readonly fromServer?: boolean;
  /** From aa01 to bb02. */
  readonly toUser?: boolean;
  readonly messageId?: number;
  /** Of a type that no sender uses in this edition. */
  readonly reserved?: boolean;
  readonly comment: string;
};

function add(list: VectorList, story: Story): void {
  const { id, clause, type, contract, body, value, fromServer = false, toUser = false, messageId = 7, reserved = false, comment } = story;
  const sourceId = fromServer ? '_0' : 'aa01';
  const destId = fromServer ? 'aa01' : toUser ? 'bb02' : '';
  const client = fromServer ? 8 : 0;
  const parts = { client, type, id: messageId, source: fromServer ? server : aa01, dest: fromServer ? aa01 : toUser ? bb02 : '' };
  const seen = shown({ clientType: client, messageType: type, messageId, sourceId, destId, body, contract, value });
  list.stream({ id, clause, comment, hex: message(parts, body), result: reserved ? 'acceptable' : 'valid', decoded: [seen], flags: reserved ? ['reserved'] : [] });
}

function basicRoom(list: VectorList): void {
  add(list, {
    id: 'logon',
    clause: 'LOG-001',
    type: 9,
    contract: 'ReqLogonContract',
    body: obj(str('FreeUser'), str('pw'), str(null), i32(6)),
    value: { AuthorizedUser: 'FreeUser', Password: 'pw', SystemToken: null, Version: 6 },
    comment: 'logon without a token',
  });
  add(list, {
    id: 'logon-token',
    clause: 'LOG-015',
    type: 9,
    contract: 'ReqLogonContract',
    body: obj(str('FreeUser'), prefixed('c3a4'), str('tok'), i32(6)),
    value: { AuthorizedUser: 'FreeUser', Password: 'ä', SystemToken: 'tok', Version: 6 },
    comment: 'logon with a token',
  });
  add(list, { id: 'get-my-ipe', clause: 'BAS-005', type: 0, contract: null, body: '', value: null, comment: 'type 0 is a message like any other' });
  add(list, { id: 'ping', clause: 'BAS-010', type: 1, contract: 'PingContract', body: obj(i64(123456789012n)), value: { SendTicks: '123456789012' }, comment: 'ping to the server' });
  add(list, { id: 'ping-user', clause: 'BAS-010', type: 1, contract: 'PingContract', body: obj(i64(-1n)), value: { SendTicks: '-1' }, toUser: true, comment: 'ping to a user' });
  add(list, { id: 'ping-ack', clause: 'BAS-010', type: 2, contract: 'PingContract', body: obj(i64(123456789012n)), value: { SendTicks: '123456789012' }, fromServer: true, comment: 'the answer repeats the ticks' });
  add(list, { id: 'heartbeat', clause: 'HBT-001', type: 3, contract: null, body: '', value: null, comment: 'heartbeat' });
  add(list, { id: 'kick-out', clause: 'BAS-001', type: 5, contract: 'KickOutContract', body: obj(str('bb02')), value: { UserBeKickedOut: 'bb02' }, comment: 'kick a user out' });
  add(list, { id: 'get-all-online', clause: 'BAS-009', type: 7, contract: null, body: '', value: null, comment: 'who is online' });
  add(list, { id: 'query-online', clause: 'BAS-007', type: 8, contract: 'QueryOnlineContract', body: obj(str('bb02')), value: { UserID: 'bb02' }, comment: 'is bb02 online' });
  add(list, { id: 'get-user-ipe', clause: 'BAS-006', type: 10, contract: 'QueryIPEContract', body: obj(str('bb02')), value: { UserID: 'bb02' }, comment: 'where is bb02' });
  add(list, { id: 'query-onlines', clause: 'BAS-008', type: 11, contract: 'QueryOnlinesContract', body: obj(counted(2, str('bb02'), str('cc03'))), value: { UserList: ['bb02', 'cc03'] }, comment: 'are they online' });
}

function basicReplies(list: VectorList): void {
  const reply = { fromServer: true } as const;
  add(list, {
    ...reply,
    id: 'logon-succeed',
    clause: 'LOG-003',
    type: 9,
    contract: 'ResLogonContract',
    body: obj(str(null), '00', i32(0), '00', '00'),
    value: { FailureCause: null, GroupRelationEnabled: false, LogonResult: 0, P2PEnabled: false, UseAsP2PServer: false },
    comment: 'logged on',
  });
  add(list, {
    ...reply,
    id: 'logon-failed',
    clause: 'LOG-004',
    type: 9,
    contract: 'ResLogonContract',
    body: obj(prefixed('e5af86e7a081e994'.concat('99e8afaf')), '01', i32(1), '01', '01'),
    value: { FailureCause: '密码错误', GroupRelationEnabled: true, LogonResult: 1, P2PEnabled: true, UseAsP2PServer: true },
    comment: 'refused, with a cause',
  });
  add(list, {
    ...reply,
    id: 'logon-had-logged-on',
    clause: 'REL-006',
    type: 9,
    contract: 'ResLogonContract',
    body: obj(str(null), '00', i32(2), '00', '00'),
    value: { FailureCause: null, GroupRelationEnabled: false, LogonResult: 2, P2PEnabled: false, UseAsP2PServer: false },
    comment: 'somebody is logged on already',
  });
  add(list, {
    ...reply,
    id: 'logon-version',
    clause: 'LOG-006',
    type: 9,
    contract: 'ResLogonContract',
    body: obj(str(null), '00', i32(3), '00', '00'),
    value: { FailureCause: null, GroupRelationEnabled: false, LogonResult: 3, P2PEnabled: false, UseAsP2PServer: false },
    comment: 'versions differ',
  });
  add(list, { ...reply, id: 'my-ipe', clause: 'BAS-005', type: 0, contract: 'UserIpeResContract', body: obj(str('192.168.0.1'), i32(65535)), value: { IP: '192.168.0.1', Port: 65535 }, comment: 'an endpoint' });
  add(list, { ...reply, id: 'heartbeat-answer', clause: 'HBT-003', type: 3, contract: null, body: '', value: null, comment: 'a heartbeat comes back' });
  add(list, { ...reply, id: 'pushed-out', clause: 'REL-003', type: 4, contract: null, body: '', value: null, comment: 'pushed out' });
  add(list, { ...reply, id: 'kicked-out', clause: 'BAS-002', type: 6, contract: null, body: '', value: null, comment: 'kicked out' });
  add(list, { ...reply, id: 'all-online', clause: 'BAS-009', type: 7, contract: 'ResUsersContract', body: obj(counted(2, str('aa01'), str('bb02'))), value: { UserList: ['aa01', 'bb02'] }, comment: 'two users' });
  add(list, { ...reply, id: 'nobody-online', clause: 'BAS-009', type: 7, contract: 'ResUsersContract', body: obj(counted(0)), value: { UserList: [] }, comment: 'an empty list' });
  add(list, { ...reply, id: 'online', clause: 'BAS-007', type: 8, contract: 'ResOnlineContract', body: obj('01'), value: { Online: true }, comment: 'yes' });
  add(list, { ...reply, id: 'user-ipe-offline', clause: 'BAS-006', type: 10, contract: 'UserIpeResContract', body: '', value: null, comment: 'an empty body: offline' });
  add(list, {
    ...reply,
    id: 'onlines',
    clause: 'BAS-008',
    type: 11,
    contract: 'ResOnlinesContract',
    body: obj(counted(2, str('bb02'), '01', str('cc03'), '00')),
    value: {
      Result: [
        ['bb02', true],
        ['cc03', false],
      ],
    },
    comment: 'one of two',
  });
}

function customizeRoom(list: VectorList): void {
  const information = obj(prefixed('cafe'), i32(5));
  const value = { Content: 'cafe', InformationType: 5 };
  add(list, { id: 'information-post', clause: 'CUS-001', type: 100, contract: 'BinaryInformationContract', body: information, value, toUser: true, comment: 'posted to a user' });
  add(list, { id: 'information-send', clause: 'CUS-001', type: 101, contract: 'BinaryInformationContract', body: information, value, comment: 'sent to the server' });
  add(list, { id: 'information-null', clause: 'CUS-002', type: 101, contract: 'BinaryInformationContract', body: obj(i32(-1), i32(-200)), value: { Content: null, InformationType: -200 }, comment: 'null information, negative type' });
  add(list, {
    id: 'information-empty',
    clause: 'CUS-002',
    type: 101,
    contract: 'BinaryInformationContract',
    body: obj(i32(0), i32(-2147483648)),
    value: { Content: '', InformationType: -2147483648 },
    comment: 'empty information, lowest type',
  });
  add(list, { id: 'request', clause: 'QRY-001', type: 102, contract: 'BinaryInformationContract', body: information, value, toUser: true, comment: 'a query' });
  add(list, { id: 'response', clause: 'QRY-002', type: 103, contract: 'BinaryInformationContract', body: obj(prefixed('00'), i32(0)), value: { Content: '00', InformationType: 0 }, fromServer: true, comment: 'an answer' });
  add(list, { id: 'response-null', clause: 'QRY-002', type: 103, contract: 'BinaryInformationContract', body: obj(i32(-1), i32(0)), value: { Content: null, InformationType: 0 }, fromServer: true, comment: 'the answer null' });
  add(list, { id: 'response-threw', clause: 'QRY-001', type: 103, contract: 'BinaryInformationContract', body: '', value: null, fromServer: true, comment: 'an empty body: the handler threw' });
  add(list, { id: 'need-ack', clause: 'ACK-001', type: 104, contract: 'BinaryInformationContract', body: information, value, messageId: 99, comment: 'information to acknowledge' });
  add(list, { id: 'ack', clause: 'ACK-001', type: 105, contract: null, body: '', value: null, fromServer: true, messageId: 99, comment: 'the same id' });
  add(list, {
    id: 'blob-first',
    clause: 'BLB-001',
    type: 106,
    contract: 'BlobFragmentContract',
    body: obj(i32(1), prefixed('0102'), i32(0), i32(7), '00'),
    value: { BlobID: 1, Fragment: '0102', FragmentIndex: 0, InformationType: 7, IsLast: false },
    toUser: true,
    comment: 'first fragment',
  });
  add(list, {
    id: 'blob-last',
    clause: 'BLB-001',
    type: 106,
    contract: 'BlobFragmentContract',
    body: obj(i32(1), prefixed('03'), i32(1), i32(7), '01'),
    value: { BlobID: 1, Fragment: '03', FragmentIndex: 1, InformationType: 7, IsLast: true },
    toUser: true,
    comment: 'last fragment',
  });
  const tagged = obj(prefixed('beef'), str('tag'));
  add(list, {
    id: 'rapid-message',
    clause: 'ENG-001',
    type: 107,
    contract: 'BlobFragmentContract',
    body: obj(i32(-1), prefixed(tagged), i32(0), i32(3), '01'),
    value: { BlobID: -1, Fragment: tagged, FragmentIndex: 0, InformationType: 3, IsLast: true },
    toUser: true,
    comment: 'a message with a tag, in one fragment',
  });
  add(list, { id: 'client-time-request', reserved: true, clause: 'SER-019', type: 108, contract: null, body: '', value: null, fromServer: true, comment: 'asks for the clock' });
  add(list, { id: 'client-time', reserved: true, clause: 'SER-019', type: 109, contract: 'ResGetTimeContract', body: obj(i64(638448264000000000n)), value: { Time: '638448264000000000' }, comment: 'the clock' });
}

function rows(list: VectorList): void {
  const information = (content: string): string => obj(prefixed(content), i32(1));
  const beat = (id: number): string => header({ id });
  list.stream({ id: 'stream-empty', clause: 'FRM-018', comment: 'a stream that ends before it began is in order', hex: '', result: 'valid', decoded: [], flags: ['limit'] });
  list.stream({ id: 'stream-two', clause: 'FRM-001', comment: 'nothing between messages', hex: beat(1) + beat(2), result: 'valid', decoded: [shown({ messageId: 1 }), shown({ messageId: 2 })] });
  list.stream({
    id: 'stream-sizes',
    clause: 'FRM-017',
    comment: 'bodies of different sizes in a row',
    hex: beat(1) + message({ type: 500, id: 2 }, '(01)*100') + beat(3) + message({ type: 500, id: 4 }, '02') + beat(5),
    result: 'valid',
    decoded: [shown({ messageId: 1 }), shown({ messageType: 500, messageId: 2, body: '(01)*100' }), shown({ messageId: 3 }), shown({ messageType: 500, messageId: 4, body: '02' }), shown({ messageId: 5 })],
  });
  list.stream({
    id: 'stream-senders',
    clause: 'FRM-022',
    comment: 'what a server forwards to bb02: senders change from message to message',
    hex:
      message({ type: 101, source: aa01, dest: bb02 }, information('01')) +
      message({ type: 101, source: ascii('aa02'), dest: bb02 }, information('02')) +
      message({ type: 101, source: aa01, dest: bb02 }, information('03')) +
      message({ type: 101, source: ascii('aa'), dest: bb02 }, information('04')),
    result: 'valid',
    decoded: [
      ['aa01', '01'],
      ['aa02', '02'],
      ['aa01', '03'],
      ['aa', '04'],
    ].map(([sourceId, body]) => shown({ messageType: 101, sourceId, destId: 'bb02', body: information(body!) })),
  });
  list.stream({
    id: 'stream-ids-swap',
    clause: 'FRM-013',
    comment: 'sender and destination change places',
    hex: header({ source: aa01, dest: bb02 }) + header({ source: bb02, dest: aa01 }),
    result: 'valid',
    decoded: [shown({ destId: 'bb02' }), shown({ sourceId: 'bb02', destId: 'aa01' })],
  });
  list.stream({
    id: 'stream-unknown-type',
    clause: 'FRM-008',
    comment: 'an unknown type in between is well-formed',
    hex: beat(1) + message({ type: 60000, id: 2 }, 'dead') + beat(3),
    result: 'valid',
    decoded: [shown({ messageId: 1 }), shown({ messageType: 60000, messageId: 2, body: 'dead' }), shown({ messageId: 3 })],
  });
}

function faultsAfterMessages(list: VectorList): void {
  const first = [shown()];
  const bad = (id: string, clause: string, hex: string, kind: string, offset: number, comment: string): void => {
    list.stream({ id, clause, comment, hex: header() + hex, result: 'invalid', decoded: first, error: { kind, offset } });
  };
  bad('stream-then-token', 'SEC-003', header({ token: '00' }), 'InvalidToken', 36, 'what came before is delivered');
  bad('stream-then-stray-byte', 'FRM-001', `00${header()}`, 'InvalidToken', 36, 'one byte between two messages');
  bad('stream-then-client-type', 'SEC-003', header({ client: 200 }), 'InvalidClientType', 37, 'the second message has no such client type');
  bad('stream-then-id', 'FRM-014', header({ sourceLength: 200 }), 'InvalidHeader', 48, 'the second message has an id too long');
  bad('stream-then-negative', 'FRM-010', header({ bodyLength: -5 }), 'InvalidHeader', 40, 'the second message has a negative length');
  bad('stream-then-overflow', 'LIM-006', header({ bodyLength: 99_999_999 }), 'MessageSizeOverflow', 40, 'the second message is too long');
  bad('stream-then-end-1', 'FRM-018', 'e5', 'DataLacked', 37, 'one byte of a second message');
  bad('stream-then-end-header', 'FRM-018', header({ bodyLength: 1 }), 'DataLacked', 72, 'a second message without its body');
  bad('stream-nothing-after-error', 'SEC-003', header({ token: '00' }) + header({ id: 9 }), 'InvalidToken', 36, 'a good message after a bad one is not delivered');
  const short = message({ type: 500, id: 2 }, '0102').slice(0, -2);
  list.stream({
    id: 'stream-length-too-long',
    clause: 'FRM-001',
    comment: 'a body one byte shorter than announced swallows the next token; the header that then begins is wrong',
    hex: short + header({ id: 3 }),
    result: 'invalid',
    decoded: [shown({ messageType: 500, messageId: 2, body: '01e5' })],
    error: { kind: 'InvalidToken', offset: 38 },
  });
}
