/**
 * A plain Node program that says what a host lets its processes do, one word per question. The same text runs on the kernel and
 * on a virtual host, so a difference in its words is a difference between the two. Text and types only.
 */

/** What the program exports. `from` is the local address to bind to. */
export type HostProgram = {
  /** A datagram to the echo: `answer`, `silence`, or the code of the error. */
  send(to: Target): Promise<string>;
  /** A TCP connection, closed again: `connected`, or the code of the error. */
  connect(to: Target): Promise<string>;
  /** Keeps a socket or a connection for what follows: `bound`, `connected`, or a code. */
  bind(to: Target): Promise<string>;
  keep(to: Target): Promise<string>;
  /** A datagram from the socket that was kept: as `send`. */
  sendKept(to: Target): Promise<string>;
  /** Something over the connection that was kept, without waiting for an answer: `written`. */
  write(): Promise<string>;
  /** How that went: `answer`, or the code of the error that ended the connection. */
  answer(): Promise<string>;
};

export type Target = { readonly host: string; readonly port: number; readonly from?: string };

/** CommonJS. Waits at most twelve seconds for a connection, half of one for a datagram. */
export const HOST_PROGRAM = `
const net = require('node:net');
const dgram = require('node:dgram');
let socket, connection, fate;

const bind = (from) => new Promise((resolve) => {
  const made = dgram.createSocket('udp4');
  made.once('error', (error) => resolve(error.code));
  made.bind({ port: 0, address: from }, () => resolve(made));
});
const ask = (from, { port, host }) => new Promise((resolve) => {
  const late = setTimeout(() => resolve('silence'), 500);
  const done = (word) => { clearTimeout(late); resolve(word); };
  from.once('message', () => done('answer'));
  from.once('error', (error) => done(error.code));
  from.send('x', port, host, (error) => { if (error) done(error.code); });
});
const dial = ({ host, port, from }) => new Promise((resolve) => {
  const made = net.connect({ host, port, localAddress: from });
  const late = setTimeout(() => { made.destroy(); resolve('nothing'); }, 12000);
  made.once('connect', () => { clearTimeout(late); resolve(made); });
  made.once('error', (error) => { clearTimeout(late); resolve(error.code); });
});

module.exports = {
  async send(to) {
    const made = await bind(to.from);
    if (typeof made === 'string') return made;
    const word = await ask(made, to);
    made.close();
    return word;
  },
  async connect(to) {
    const made = await dial(to);
    if (typeof made === 'string') return made;
    made.destroy();
    return 'connected';
  },
  async bind(to) {
    const made = await bind(to.from);
    if (typeof made === 'string') return made;
    socket = made;
    return 'bound';
  },
  async sendKept(to) {
    return ask(socket, to);
  },
  async keep(to) {
    const made = await dial(to);
    if (typeof made === 'string') return made;
    connection = made;
    fate = new Promise((resolve) => {
      connection.on('data', () => resolve('answer'));
      connection.on('error', (error) => resolve(error.code));
      connection.on('close', () => resolve('close'));
    });
    return 'connected';
  },
  async write() {
    connection.write('x');
    return 'written';
  },
  async answer() {
    const word = await fate;
    connection.destroy();
    return word;
  },
};
`;
