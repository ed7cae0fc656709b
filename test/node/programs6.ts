/** The same of IPv6: what a dual-stack machine answers at `::`, `::1` and in the mapped form. Ports differ, so none is logged. */
export const PROGRAMS6: Readonly<Record<string, string>> = {
  'a connection over ::1': `
    const net = require('net');
    module.exports = (log, done) => {
      const server = net.createServer((socket) => {
        log.server([socket.remoteAddress, socket.remoteFamily, socket.localAddress, socket.localFamily].join(' '));
        socket.end('bye');
      });
      server.listen(0, '::1', () => {
        const { address, family, port } = server.address();
        log.server(address + ' ' + family);
        const client = net.connect({ port, host: '::1' });
        client.on('connect', () => {
          const { address: own, family: ownFamily } = client.address();
          log.client([client.remoteAddress, client.remoteFamily, own, ownFamily].join(' '));
        });
        client.on('data', (bytes) => log.client(String(bytes)));
        client.on('close', () => { server.close(); done(); });
      });
    };`,
  'a server without an address takes both families': `
    const net = require('net');
    module.exports = (log, done) => {
      const server = net.createServer((socket) => {
        log.server([socket.remoteAddress, socket.remoteFamily, socket.localAddress].join(' '));
        socket.end();
      });
      server.listen(0, () => {
        const { address, family, port } = server.address();
        log.server(address + ' ' + family);
        const dial = (host, next) => {
          const client = net.connect({ port, host });
          client.on('connect', () => log.client(client.remoteAddress + ' ' + client.remoteFamily));
          client.resume();
          client.on('close', next);
        };
        dial('127.0.0.1', () => dial('::1', () => dial('::ffff:127.0.0.1', () => { server.close(); done(); })));
      });
    };`,
  'a server for IPv6 only, and ports that clash': `
    const net = require('net');
    module.exports = (log, done) => {
      const server = net.createServer();
      server.listen({ port: 0, host: '::', ipv6Only: true }, () => {
        const { port } = server.address();
        const refused = net.connect({ port, host: '127.0.0.1' });
        refused.on('error', (error) => {
          log.client([error.code, error.syscall, error.address].join(' '));
          const beside = net.createServer();
          beside.listen(port, '0.0.0.0', () => {
            log.server('0.0.0.0 beside it');
            const third = net.createServer();
            third.on('error', (clash) => {
              log.server([clash.code, clash.syscall, clash.address].join(' '));
              beside.close(); server.close(); done();
            });
            third.listen(port, '::');
          });
        });
      });
    };`,
  'a port of ::1 that nobody listens at': `
    const net = require('net');
    module.exports = (log, done) => {
      const server = net.createServer().listen(0, '::1', () => {
        const { port } = server.address();
        server.close(() => {
          log.client('closed');
          net.connect({ port, host: '::1' }).on('error', (error) => {
            log.client([error.code, error.syscall, error.address].join(' '));
            done();
          });
        });
      });
    };`,
  'datagrams over both families': `
    const dgram = require('dgram');
    module.exports = (log, done) => {
      const server = dgram.createSocket('udp6');
      const only = dgram.createSocket({ type: 'udp6', ipv6Only: true });
      const four = dgram.createSocket('udp4');
      const six = dgram.createSocket('udp6');
      let left = 3;
      server.on('message', (message, from) => {
        log.server([message, from.address, from.family, from.size].join(' '));
        left -= 1;
        if (left === 0) { for (const each of [server, only, four, six]) each.close(); done(); }
      });
      server.bind(0, () => {
        const { address, family, port } = server.address();
        log.server(address + ' ' + family);
        only.bind({ address: '::' }, () => {
          log.only(only.address().address);
          four.send('four', port, '127.0.0.1', () =>
            six.send('six', port, '::1', () =>
              six.send('mapped', port, '::ffff:127.0.0.1', (error) => log.six(String(error)))));
        });
      });
    };`,
  'datagrams to the other family': `
    const dgram = require('dgram');
    module.exports = (log, done) => {
      const four = dgram.createSocket('udp4');
      const six = dgram.createSocket('udp6');
      const bound = dgram.createSocket('udp4');
      bound.on('error', (error) => {
        log.bound([error.code, error.syscall, error.address].join(' '));
        four.send('x', 9, '::1', (first) => {
          log.four([first.code, first.syscall, first.address].join(' '));
          six.send('x', 9, '127.0.0.1', (second) => {
            log.six([second.code, second.syscall, second.address].join(' '));
            four.close(); six.close(); done();
          });
        });
      });
      bound.bind(0, '::1');
    };`,
  'a datagram socket that is connected over ::1': `
    const dgram = require('dgram');
    module.exports = (log, done) => {
      const server = dgram.createSocket('udp6', (message, from) => {
        log.server([message, from.address, from.family].join(' '));
        server.send('answer', from.port, from.address);
      });
      server.bind(0, '::1', () => {
        const client = dgram.createSocket('udp6');
        client.on('message', (message) => {
          log.client([message, client.remoteAddress().family, client.remoteAddress().address].join(' '));
          client.close(); server.close(); done();
        });
        client.connect(server.address().port, () => client.send('question'));
      });
    };`,
  'addresses that are looked up': `
    const dns = require('dns');
    module.exports = (log, done) => {
      dns.lookup('::1', (_, address, family) => {
        log.dns(address + ' ' + family);
        dns.lookup('::1', { all: true, family: 4 }, (_error, all) => {
          log.dns(JSON.stringify(all));
          dns.promises.lookup('2001:db8::1').then((one) => { log.dns(JSON.stringify(one)); done(); });
        });
      });
    };`,
};
