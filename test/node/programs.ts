/**
 * Programs that are run twice: by the real Node of this machine over loopback, and on a virtual host. Each gets a `log` per
 * actor and calls `done`; what it wrote must be the same.
 *
 * They are texts, because they must see nothing but what their process gives them.
 */
export const PROGRAMS: Readonly<Record<string, string>> = {
  'callbacks, ticks and promises in a data handler': `
    const net = require('net');
    module.exports = (log, done) => {
      const server = net.createServer((socket) => socket.end('x'));
      server.listen(0, '127.0.0.1', () => {
        const client = net.connect(server.address().port, '127.0.0.1');
        client.on('data', () => {
          Promise.resolve().then(() => { log.client('promise'); process.nextTick(() => log.client('tick of promise')); });
          process.nextTick(() => { log.client('tick'); Promise.resolve().then(() => log.client('promise of tick')); });
          queueMicrotask(() => log.client('microtask'));
          setTimeout(() => { log.client('timeout'); client.destroy(); server.close(done); }, 20);
          setImmediate(() => { log.client('immediate'); process.nextTick(() => log.client('tick of immediate')); });
          setImmediate(() => log.client('second immediate'));
          log.client('sync');
        });
      });
    };`,
  'the life of a connection, closed by the client': `
    const net = require('net');
    module.exports = (log, done) => {
      const names = ['lookup', 'connect', 'ready', 'data', 'end', 'finish', 'error', 'close'];
      const server = net.createServer((socket) => {
        for (const name of names) socket.on(name, (value) => log.server(name + (typeof value === 'boolean' ? value : '')));
        socket.on('data', (data) => socket.write('echo ' + data));
        log.server(socket.readyState + ' ' + socket.remoteFamily + ' ' + socket.connecting + ' ' + socket.pending);
      });
      server.listen(0, '127.0.0.1', () => {
        const client = net.connect({ port: server.address().port, host: '127.0.0.1' });
        log.client(client.readyState + ' ' + client.connecting + ' ' + client.pending);
        for (const name of names) client.on(name, (value) => log.client(name + (typeof value === 'boolean' ? value : '')));
        client.on('data', (data) => { log.client(String(data)); client.end(); });
        client.on('connect', () => log.client(client.readyState + ' ' + client.remoteAddress + ' ' + client.pending));
        client.on('close', () => {
          log.client(client.destroyed + ' ' + client.bytesRead + ' ' + client.bytesWritten + ' ' + client.readyState);
          server.close(() => { log.server('server closed'); done(); });
        });
        client.write('hello', () => log.client('written'));
      });
    };`,
  'half-open connections': `
    const net = require('net');
    module.exports = (log, done) => {
      let open = 2;
      const closed = () => { if ((open -= 1) === 0) server.close(done); };
      const server = net.createServer({ allowHalfOpen: true }, (socket) => {
        socket.on('end', () => { log.server('end ' + socket.readyState); socket.end('late'); });
        socket.on('close', (hadError) => { log.server('close ' + hadError); closed(); });
        socket.resume();
      });
      server.listen(0, '127.0.0.1', () => {
        const client = net.connect({ port: server.address().port, host: '127.0.0.1', allowHalfOpen: true });
        client.on('data', (data) => log.client(String(data)));
        client.on('end', () => log.client('end ' + client.writable));
        client.on('close', (hadError) => { log.client('close ' + hadError); closed(); });
        client.end('early');
      });
    };`,
  'a refused connection': `
    const net = require('net');
    module.exports = (log, done) => {
      const server = net.createServer();
      server.listen(0, '127.0.0.1', () => {
        const { port } = server.address();
        server.close(() => {
          const client = net.connect(port, '127.0.0.1');
          client.on('error', (error) => log.client([
            error.code, error.errno, error.syscall, error.address, error.port === port,
            error.message === 'connect ECONNREFUSED 127.0.0.1:' + port, client.connecting, client.destroyed,
          ].join(' ')));
          client.on('close', (hadError) => { log.client('close ' + hadError); done(); });
        });
      });
    };`,
  'a reset': `
    const net = require('net');
    module.exports = (log, done) => {
      const server = net.createServer((socket) => {
        socket.on('error', (error) => log.server(error.code + ' ' + error.syscall + ' ' + error.errno));
        socket.on('close', (hadError) => { log.server('close ' + hadError); server.close(done); });
        socket.on('data', () => undefined);
      });
      server.listen(0, '127.0.0.1', () => {
        const client = net.connect(server.address().port, '127.0.0.1', () => client.resetAndDestroy());
        client.on('close', (hadError) => log.client('close ' + hadError));
      });
    };`,
  'destroy after write': `
    const net = require('net');
    module.exports = (log, done) => {
      const server = net.createServer((socket) => {
        let text = '';
        socket.on('data', (data) => (text += data));
        socket.on('end', () => log.server('end after ' + text));
        socket.on('close', (hadError) => { log.server('close ' + hadError); server.close(done); });
      });
      server.listen(0, '127.0.0.1', () => {
        const client = net.connect(server.address().port, '127.0.0.1', () => {
          client.write('last words');
          client.destroy();
          client.write('too late', (error) => log.client(error.code));
        });
        client.on('error', (error) => log.client('error ' + error.code));
        client.on('close', (hadError) => log.client('close ' + hadError));
      });
    };`,
  'much data, slowly read': `
    const net = require('net');
    module.exports = (log, done) => {
      const size = 3_000_000;
      let open = 2;
      const closed = () => { if ((open -= 1) === 0) server.close(done); };
      const server = net.createServer((socket) => {
        let got = 0;
        socket.pause();
        setTimeout(() => socket.resume(), 30);
        socket.on('data', (data) => {
          got += data.length;
          socket.pause();
          setImmediate(() => socket.resume());
        });
        socket.on('end', () => { log.server('got ' + got); closed(); });
      });
      server.listen(0, '127.0.0.1', () => {
        const client = net.connect(server.address().port, '127.0.0.1', () => {
          let sent = 0;
          const fill = () => {
            while (sent < size) {
              sent += 50_000;
              if (!client.write(Buffer.alloc(50_000, 1))) { client.once('drain', fill); return; }
            }
            client.end();
          };
          fill();
        });
        client.on('finish', () => log.client('finish ' + client.bytesWritten));
        client.on('close', (hadError) => { log.client('close ' + hadError); closed(); });
      });
    };`,
  'an idle timeout': `
    const net = require('net');
    module.exports = (log, done) => {
      const server = net.createServer((socket) => socket.resume());
      server.listen(0, '127.0.0.1', () => {
        const client = net.connect(server.address().port, '127.0.0.1');
        client.setTimeout(60);
        let writes = 0;
        const beat = setInterval(() => { client.write('.'); if ((writes += 1) === 4) clearInterval(beat); }, 20);
        client.on('timeout', () => { log.client('timeout after ' + writes + ' ' + client.timeout); client.destroy(); });
        client.on('close', () => { log.client('close'); server.close(done); });
      });
    };`,
  'servers: a port in use, connections, limits': `
    const net = require('net');
    module.exports = (log, done) => {
      const server = net.createServer();
      log.server(server.listening + ' ' + server.address());
      server.on('close', () => log.server('close'));
      server.listen({ port: 0, host: '127.0.0.1' }, () => {
        const { port, address, family } = server.address();
        log.server([typeof port, address, family, server.listening].join(' '));
        try { server.listen(0); } catch (error) { log.server(error.code); }
        const second = net.createServer();
        second.on('error', (error) => {
          log.second([error.code, error.syscall, error.address, error.port === port, second.listening].join(' '));
          const client = net.connect(port, '127.0.0.1');
          server.on('connection', (socket) => {
            server.getConnections((error, count) => {
              log.server('connections ' + count);
              server.close((problem) => { log.server('closed ' + problem); 
                server.close((problem) => { log.server(problem.code); done(); }); });
              log.server('closing ' + server.listening);
              setTimeout(() => client.end(), 20);
              socket.resume();
            });
          });
        });
        second.listen(port, '127.0.0.1');
      });
    };`,
  datagrams: `
    const dgram = require('dgram');
    module.exports = (log, done) => {
      const server = dgram.createSocket('udp4', (message, from) => {
        log.server([message, from.family, from.size, from.address, typeof from.port].join(' '));
        if (String(message) === 'end') { client.close(); server.close(); }
      });
      try { server.address(); } catch (error) { log.server(error.code + ' ' + error.syscall); }
      server.on('close', () => { log.server('close'); done(); });
      const client = dgram.createSocket({ type: 'udp4' });
      client.on('close', () => {
        log.client('close');
        try { client.send('x', 1, '127.0.0.1'); } catch (error) { log.client(error.code); }
      });
      server.bind(0, '127.0.0.1', () => {
        const { port, address, family } = server.address();
        log.server([typeof port, address, family].join(' '));
        try { server.bind(1); } catch (error) { log.server(error.code); }
        const steps = [
          (next) => client.send('text', port, '127.0.0.1', next),
          (next) => client.send(Buffer.from('0123456789'), 2, 3, port, '127.0.0.1', next),
          (next) => client.send(['a', Buffer.from('b'), new Uint8Array([99])], port, '127.0.0.1', next),
          (next) => client.send(Buffer.alloc(70_000), port, '127.0.0.1', (error) => next(error)),
          (next) => client.connect(port, '127.0.0.1', next),
          (next) => client.send('connected', next),
          (next) => { try { client.send('x', 5, '127.0.0.1'); } catch (error) { log.client(error.code); } next(); },
          (next) => client.send(Buffer.from('0123456789'), 1, 2, next),
          (next) => { client.disconnect(); next(); },
          (next) => client.send('end', port, '127.0.0.1', next),
        ];
        const run = () => steps.shift()?.((error, bytes) => {
          log.client(error ? error.code + ' ' + error.syscall : String(bytes));
          setTimeout(run, 5);
        });
        run();
      });
    };`,
  timers: `
    const { promisify } = require('util');
    const later = require('timers/promises');
    module.exports = async (log, done) => {
      setTimeout(() => log.timers('40'), 40);
      setTimeout((a, b) => log.timers('10 ' + a + b), 10, 'x', 'y');
      setTimeout(() => log.timers('cleared'), 15)[Symbol.toPrimitive]();
      const cleared = setTimeout(() => log.timers('never'), 5);
      clearTimeout(cleared);
      const byId = setTimeout(() => log.timers('never'), 5);
      clearTimeout(+byId);
      setImmediate(() => log.timers('immediate'));
      clearImmediate(setImmediate(() => log.timers('never')));
      log.timers(typeof setTimeout(() => undefined, 1).hasRef() + ' ' + setTimeout(() => undefined, 1).unref().hasRef());
      let beats = 0;
      const beat = setInterval(() => { if ((beats += 1) === 3) { clearInterval(beat); log.timers('beats'); } }, 20);
      const refreshed = setTimeout(() => log.timers('refreshed'), 30);
      setTimeout(() => refreshed.refresh(), 20);
      try { setTimeout('text'); } catch (error) { log.timers(error.name + ' ' + error.code); }
      log.timers(await promisify(setTimeout)(100, 'promisified'));
      log.timers(await later.setTimeout(1, 'value') + ' ' + await later.setImmediate('now'));
      const signal = AbortSignal.timeout(10);
      await later.setTimeout(1000, '', { signal }).catch((error) => log.timers(error.name + ' ' + error.code));
      log.timers(signal.reason.name);
      let count = 0;
      for await (const value of later.setInterval(5, 'again')) { log.timers(value); if ((count += 1) === 2) break; }
      done();
    };`,
  'streams over a socket': `
    const net = require('net');
    const { pipeline, Transform } = require('stream');
    const { once } = require('events');
    module.exports = async (log, done) => {
      const upper = () => new Transform({ transform(chunk, _, next) { next(null, String(chunk).toUpperCase()); } });
      const server = net.createServer((socket) => {
        pipeline(socket, upper(), socket, (error) => { log.server('pipeline ' + error); server.close(); });
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const client = new net.Socket();
      client.setEncoding('utf8');
      client.connect({ port: server.address().port, host: '127.0.0.1' });
      client.cork();
      client.write('one ');
      client.write('two');
      client.uncork();
      client.end();
      let text = '';
      for await (const part of client) text += part;
      log.client(text + ' ' + (client instanceof net.Socket) + ' ' + (client instanceof require('stream').Duplex));
      if (server.listening) await once(server, 'close');
      done();
    };`,
};
