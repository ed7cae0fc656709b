/** Every always-on law: silent on an honest record, and named with its clause once it is broken. */
import { beforeEach, describe, expect, test } from 'vitest';
import { Journal } from '../../scenarios/attach/journal.ts';
import type { Channel, SendRecord } from '../../scenarios/attach/journal.ts';
import type { ServerEvent } from '../../scenarios/attach/server-subject.ts';
import { checkAllAnswered, checkInvariants } from '../../scenarios/runner/invariants.ts';

let journal: Journal;
let alice = 0;
let bob = 0;
let server = 0;

beforeEach(() => {
  journal = new Journal(() => 0);
  server = journal.addSubject('server', 'server', 'server').index;
  alice = journal.addSubject('alice', 'client', 'alice').index;
  bob = journal.addSubject('bob', 'client', 'bob').index;
});

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

function sends(info: Uint8Array | null, channel: Channel = 'information', subject = alice): SendRecord {
  return journal.sent({ subject, source: 'alice', target: 'bob', channel, informationType: 7, info, tag: null });
}

function gets(info: Uint8Array | null, subject = bob): void {
  const delivery = {
    source: 'alice',
    receiver: 'bob',
    channel: 'information',
    informationType: 7,
    info,
    tag: null,
  } as const;
  journal.delivered({ subject, ...delivery });
}

function serverSaw(...events: Partial<ServerEvent>[]): void {
  for (const event of events) journal.serverEvent(server, { atMicros: 0, ...event } as ServerEvent);
}

const connected = { kind: 'someOneConnected', userID: 'alice' } as const;
const disconnected = { kind: 'someOneDisconnected', userID: 'alice', disconnectedType: 'NetworkInterrupted' } as const;
const information = { kind: 'information', source: 'alice', informationType: 7, info: null } as const;

const clauses = (): string[] => checkInvariants(journal).map((broken) => broken.clause);

describe('deliveries', () => {
  test('what was sent arrives once, in order, and some of it may be lost', () => {
    for (const value of [1, 2, 3, 2]) sends(bytes(value));
    gets(bytes(1));
    gets(bytes(3));
    gets(bytes(2));
    expect(clauses()).toEqual([]);
  });

  test('CUS-002 a second delivery', () => {
    sends(bytes(1));
    gets(bytes(1));
    gets(bytes(1));
    expect(clauses()).toEqual(['CUS-002']);
    expect(checkInvariants(journal)[0]?.message).toMatch(/more often than it was sent/);
  });

  test('CUS-002 a second delivery to another connection of the same user', () => {
    const other = journal.addSubject('bob', 'client', 'bob-2').index;
    sends(bytes(1));
    gets(bytes(1));
    gets(bytes(1), other);
    expect(clauses()).toEqual(['CUS-002']);
  });

  test('CUS-002 something that was never sent', () => {
    sends(bytes(1));
    gets(bytes(2));
    expect(checkInvariants(journal)[0]?.message).toMatch(/never sent/);
  });

  test('CUS-002 null is not empty', () => {
    sends(null);
    gets(bytes());
    expect(clauses()).toEqual(['CUS-002']);
  });

  test('CUS-004 disorder', () => {
    for (const value of [1, 2]) sends(bytes(value));
    gets(bytes(2));
    gets(bytes(1));
    expect(clauses()).toEqual(['CUS-004']);
  });

  test('plain information may overtake a blob, and a null blob arrives empty', () => {
    sends(bytes(9, 9), 'blob');
    sends(bytes(1));
    gets(bytes(1));
    gets(bytes(9, 9));
    sends(null, 'blob');
    gets(bytes());
    expect(clauses()).toEqual([]);
  });

  test('BLB-004 a part of a blob', () => {
    sends(bytes(1, 2, 3, 4), 'blob');
    gets(bytes(3, 4));
    expect(clauses()).toEqual(['BLB-004']);
  });

  test('ENG-001 a tagged message twice', () => {
    const message = { source: 'alice', informationType: 7, info: bytes(1), tag: 't', channel: 'message' } as const;
    journal.sent({ subject: alice, target: 'bob', ...message });
    journal.delivered({ subject: bob, receiver: 'bob', ...message });
    expect(clauses()).toEqual([]);
    journal.delivered({ subject: bob, receiver: 'bob', ...message });
    expect(clauses()).toEqual(['ENG-001']);
  });

  test('a message with another tag was never sent', () => {
    const message = { source: 'alice', informationType: 7, info: bytes(1), channel: 'message' } as const;
    journal.sent({ subject: alice, target: 'bob', tag: null, ...message });
    journal.delivered({ subject: bob, receiver: 'bob', tag: '', ...message });
    expect(clauses()).toEqual(['ENG-001']);
  });

  test('ACK-001 acknowledged, but never delivered', () => {
    const sent = sends(bytes(1));
    expect(clauses()).toEqual([]);
    sent.acknowledged = true;
    expect(clauses()).toEqual(['ACK-001']);
    gets(bytes(1));
    expect(clauses()).toEqual([]);
  });

  test('nothing is concluded about a name that a raw peer spoke for', () => {
    journal.rawNames.add('alice');
    gets(bytes(1));
    expect(clauses()).toEqual([]);
  });
});

describe('the server', () => {
  test('connections of one user follow each other', () => {
    serverSaw(connected, information, disconnected, connected, disconnected);
    expect(clauses()).toEqual([]);
  });

  test('REL-001 two connections at once', () => {
    serverSaw(connected, connected);
    expect(clauses()).toEqual(['REL-001']);
  });

  test('RCN-009 a disconnect too many', () => {
    serverSaw(connected, disconnected, disconnected);
    expect(clauses()).toEqual(['RCN-009']);
  });

  test.each([
    information,
    { kind: 'query', source: 'alice', informationType: 7, info: null },
    { kind: 'messageReceived', source: 'alice', informationType: 7, info: null, tag: null },
    { kind: 'informationReceived', sourceID: 'alice', destID: 'bob', informationType: 7, content: null },
    { kind: 'transmitFailed', sourceID: 'alice', destID: 'bob', informationType: 7, content: null },
  ] as const)('SEC-004 $kind before a logon', (event) => {
    serverSaw(event, connected);
    expect(clauses()).toContain('SEC-004');
  });

  test('two servers are judged apart', () => {
    const other = journal.addSubject('server', 'server', 'server-2').index;
    serverSaw(connected);
    journal.serverEvent(other, { atMicros: 0, ...connected });
    expect(clauses()).toEqual([]);
  });
});

describe('the end', () => {
  const answered = (): string[] => checkAllAnswered(journal).map((broken) => broken.clause);

  test('QRY-008 a callback called twice', () => {
    const ask = journal.asked(alice, 'query', 'alice asks bob', true);
    ask.settledCount = 1;
    ask.callbackCount = 2;
    expect(clauses()).toEqual(['QRY-008']);
  });

  test('QRY-008, ACK-005 never ended, or without its callback', () => {
    const ask = journal.asked(alice, 'query', 'alice asks bob', true);
    expect(answered()).toEqual(['QRY-008']);
    ask.settledCount = 1;
    expect(answered()).toEqual(['QRY-008']);
    ask.callbackCount = 1;
    expect(answered()).toEqual([]);
    journal.asked(bob, 'ack', 'bob sends certainly', false);
    expect(answered()).toEqual(['ACK-005']);
  });

  test('a crashed host owes nothing', () => {
    journal.asked(alice, 'query', 'alice asks bob', true);
    journal.subjects[alice]!.gone = true;
    expect(answered()).toEqual([]);
  });

  test.each(['timer', 'socket'])('ENG-005 a %s left over', (resource) => {
    journal.leftOvers.push({ subject: 'alice', resource, count: 1 });
    expect(clauses()).toEqual(['ENG-005']);
  });
});
