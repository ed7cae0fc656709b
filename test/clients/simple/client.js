/**
 * A client of one file, as somebody might write it in an afternoon, as a program on a simulated host.
 *
 * It logs on, sends, asks, acknowledges and beats. It declares `reconnect` and does not reconnect; it believes every byte it
 * reads, knows no limit, and lets a silent server be. It is there to fail: reports/outside.md says in which clauses.
 * `esf validate --adapter "node test/clients/simple/client.js" --simulated`.
 */
import { readSync, writeSync } from 'node:fs';

const [HEARTBEAT, PUSHED_OUT, LOGON] = [3, 4, 9];
const [POST, SEND, REQUEST, RESPONSE, NEED_ACK, ACK] = [100, 101, 102, 103, 104, 105];
const RESULTS = ['Succeed', 'Failed', 'HadLoggedOn', 'VersionMismatched'];

// ---- lines

const chunk = Buffer.alloc(65536);
let held = Buffer.alloc(0);

function readLine() {
  for (;;) {
    const end = held.indexOf(10);
    if (end >= 0) {
      const line = JSON.parse(held.subarray(0, end).toString());
      held = held.subarray(end + 1);
      return line;
    }
    const length = readSync(0, chunk);
    if (length === 0) process.exit(0);
    held = Buffer.concat([held, chunk.subarray(0, length)]);
  }
}

function write(line) {
  let bytes = Buffer.from(`${JSON.stringify(line)}\n`);
  while (bytes.length > 0) bytes = bytes.subarray(writeSync(1, bytes));
}

// ---- bytes

function int32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

const NULL = int32(-1);
const withLength = (bytes) => (bytes === null ? NULL : Buffer.concat([int32(bytes.length), bytes]));
const text = (value) => withLength(value === null ? null : Buffer.from(value));
const hex = (bytes) => (bytes === null ? null : bytes.toString('hex'));
const unhex = (value) => (value === null ? null : Buffer.from(value, 'hex'));
/** A contract: its length counts itself. */
const object = (...fields) => Buffer.concat([int32(4 + Buffer.concat(fields).length), ...fields]);
const informationBody = (type, info) => object(withLength(info), int32(type));

function readInformation(body) {
  const length = body.readInt32LE(4);
  const end = 8 + Math.max(0, length);
  return { info: length < 0 ? null : body.subarray(8, end), type: body.readInt32LE(end) };
}

function readLogonAnswer(body) {
  const length = body.readInt32LE(4);
  const end = 8 + Math.max(0, length);
  return {
    failureCause: length < 0 ? null : body.toString('utf8', 8, end),
    logonResult: RESULTS[body.readInt32LE(end + 1)],
  };
}

// ---- the client

class Failed extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

class Client {
  constructor(inst, config, clock) {
    this.inst = inst;
    this.config = config;
    this.clock = clock;
    this.waiting = new Map();
    this.received = Buffer.alloc(0);
    this.lastId = 0;
    this.connections = 0;
    this.connected = false;
    this.userID = '';
  }

  report(ev, members) {
    write({ ev, inst: this.inst, ...members });
  }

  idField(id) {
    const bytes = Buffer.from(id);
    return Buffer.concat([Buffer.from([bytes.length]), bytes], 1 + this.config.maxLengthOfUserID);
  }

  message(type, id, target, body = Buffer.alloc(0)) {
    const fixed = Buffer.from([0xe5, this.config.clientType, type & 0xff, type >> 8]);
    const parts = [fixed, int32(body.length), int32(id), this.idField(this.userID), this.idField(target ?? ''), body];
    write({ do: 'send', conn: this.connections, bytes: Buffer.concat(parts).toString('base64') });
  }

  /** Sends something that is answered; `reply` is a request of the harness. */
  ask(type, reply, target, body) {
    const id = ++this.lastId;
    const timer = 1000 + id;
    const secs = this.config.waitResponseTimeoutInSecs;
    if (secs > 0) write({ do: 'timer', timer, atMicros: this.clock.now + Math.round(secs * 1e6) });
    this.waiting.set(id, { ...reply, timer });
    if (type === LOGON) this.logonId = id;
    else this.message(type, id, target, body);
  }

  settle(id, answer) {
    const asked = this.waiting.get(id);
    if (asked === undefined) return;
    this.waiting.delete(id);
    write({ do: 'clear', timer: asked.timer });
    write({ id: asked.id, ...answer });
  }

  logon(request) {
    this.userID = request.userID;
    this.password = request.password;
    write({ do: 'connect', conn: ++this.connections, address: request.address, port: request.port });
    this.ask(LOGON, request);
  }

  need() {
    if (!this.connected) throw new Failed('E_DISCONNECTED', 'there is no connection');
  }

  onNet(event) {
    switch (event.net) {
      case 'connected': {
        const { authorizedUser, systemToken, version } = this.config;
        const body = object(text(authorizedUser), text(this.password), text(systemToken), int32(version));
        this.message(LOGON, this.logonId, null, body);
        break;
      }
      case 'data':
        this.received = Buffer.concat([this.received, Buffer.from(event.bytes, 'base64')]);
        this.cut();
        break;
      case 'ended':
        write({ do: 'end', conn: event.conn });
        break;
      case 'closed':
        this.lost();
        break;
      case 'timer':
        this.onTimer(event.timer);
    }
  }

  onTimer(timer) {
    if (timer === 1) this.beat();
    else this.settle(timer - 1000, { failed: { code: 'E_TIMEOUT', message: 'Timeout waiting for reply !' } });
  }

  beat() {
    if (!this.connected) return;
    this.message(HEARTBEAT, ++this.lastId, null);
    this.planBeat();
  }

  planBeat() {
    const secs = this.config.heartBeatSpanInSecs;
    if (secs > 0) write({ do: 'timer', timer: 1, atMicros: this.clock.now + Math.round(secs * 1e6) });
  }

  lost() {
    const was = this.connected;
    this.connected = false;
    this.received = Buffer.alloc(0);
    write({ do: 'clear', timer: 1 });
    const code = was ? 'E_DISCONNECTED' : 'E_CONNECT';
    for (const id of [...this.waiting.keys()]) this.settle(id, { failed: { code, message: 'the connection is gone' } });
    if (was && !this.isPushedOut) this.report('connectionInterrupted');
  }

  cut() {
    const header = 12 + 2 * (1 + this.config.maxLengthOfUserID);
    while (this.received.length >= header) {
      const size = header + this.received.readInt32LE(4);
      if (this.received.length < size) return;
      const message = this.received.subarray(0, size);
      this.received = this.received.subarray(size);
      const source = message.toString('utf8', 13, 13 + message[12]);
      this.take(message.readUInt16LE(2), message.readInt32LE(8), source, message.subarray(header));
    }
  }

  take(type, id, from, body) {
    const source = from === '' || from === '_0' ? null : from;
    if (type === LOGON) this.onLogon(id, readLogonAnswer(body));
    else if (type === SEND || type === POST || type === NEED_ACK) {
      if (type === NEED_ACK) this.message(ACK, id, source);
      const { info, type: informationType } = readInformation(body);
      this.report('information', { source, informationType, info: hex(info) });
    } else if (type === REQUEST) this.onQuery(id, source, readInformation(body));
    else if (type === RESPONSE) this.onResponse(id, source, body);
    else if (type === ACK) this.settle(id, { ok: {} });
    else if (type === PUSHED_OUT) {
      this.isPushedOut = true;
      this.report('beingPushedOut');
      write({ do: 'end', conn: this.connections });
    }
  }

  onLogon(id, answer) {
    this.connected = answer.logonResult === 'Succeed';
    this.isPushedOut = false;
    this.settle(id, { ok: answer });
    if (this.connected) this.planBeat();
    else write({ do: 'end', conn: this.connections });
  }

  onResponse(id, source, body) {
    if (body.length > 0) {
      this.settle(id, { ok: { info: hex(readInformation(body).info) } });
      return;
    }
    const type = this.waiting.get(id)?.informationType;
    const message = `There is an exception occured when ${source ?? 'server'} handing the query of ${type}.`;
    this.settle(id, { failed: { code: 'E_HANDLING', message } });
  }

  onQuery(id, source, { info, type }) {
    this.report('query', { source, informationType: type, info: hex(info) });
    if (type === 4) return;
    let answer = info;
    if (type === 3) answer = null;
    if (type === 5 && info !== null) answer = Buffer.from(info).reverse();
    if (type === 7 && info !== null) answer = Buffer.concat([info, info]);
    this.message(RESPONSE, id, source, type === 2 ? Buffer.alloc(0) : informationBody(type, answer));
  }
}

// ---- verbs

const VERBS = {
  logon: (client, request) => client.logon(request),
  send(client, request) {
    client.need();
    const body = informationBody(request.informationType, unhex(request.info));
    client.message(request.post ? POST : SEND, ++client.lastId, request.target, body);
    return { sent: true };
  },
  query(client, request) {
    client.need();
    client.ask(REQUEST, request, request.target, informationBody(request.informationType, unhex(request.info)));
  },
  sendCertainly(client, request) {
    client.need();
    client.ask(NEED_ACK, request, request.target, informationBody(request.informationType, unhex(request.info)));
  },
  connected: (client) => ({ connected: client.connected }),
  closeConnection(client) {
    client.need();
    write({ do: 'end', conn: client.connections });
    client.lost();
    return {};
  },
  close(client) {
    if (client.connected) write({ do: 'end', conn: client.connections });
    client.connected = false;
    write({ do: 'clear', timer: 1 });
    for (const id of [...client.waiting.keys()]) {
      client.settle(id, { failed: { code: 'E_CLOSED', message: 'closed' } });
    }
    return {};
  },
};

const HELLO = {
  protocol: 1,
  implementation: { name: 'a client of one file', version: '1', language: 'JavaScript' },
  features: ['logon', 'send', 'query', 'ack', 'heartbeat', 'relogon', 'reconnect'],
  maxConcurrency: 1,
  simulated: 1,
  reusable: true,
};

let client;
const clock = { now: 0 };

function answer(request) {
  const { id, cmd } = request;
  if (cmd === 'hello') return write({ id, ok: HELLO });
  if (cmd === 'open') {
    client = new Client(request.inst, request.config, clock);
    return write({ id, ok: {} });
  }
  if (!Object.hasOwn(VERBS, cmd)) return write({ id, unsupported: { reason: `unknown verb ${cmd}` } });
  try {
    const ok = VERBS[cmd](client, request);
    if (ok !== undefined) write({ id, ok });
  } catch (error) {
    if (error instanceof Failed) write({ id, failed: { code: error.code, message: error.message } });
    else write({ id, fault: { message: error.message, trace: error.stack } });
  }
}

for (;;) {
  const line = readLine();
  clock.now = line.now;
  if (line.cmd !== undefined) answer(line);
  else if (line.net === 'start' || line.net === 'stop') client = undefined;
  else client?.onNet(line);
  write({ idle: true });
}
