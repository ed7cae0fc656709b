import { describe, expect, it } from 'vitest';
import { Host, Internet, Router, World, connectNodes, parseAddress, parsePrefix } from '../../sim/index.ts';
import type { HostOptions, NetworkInterface } from '../../sim/index.ts';
import { Recorder, bytesOf, dial, listen } from './helpers.ts';

const SECOND = 1_000_000;
const SERVER = '192.0.2.1';

/** A client with two ways to a server: `10.1.0.2` by the first interface, `10.2.0.2` by the second, 1 ms each. */
function aMultihomedClient(options: HostOptions = {}): {
  readonly world: World;
  readonly client: Host;
  readonly server: Host;
  readonly router: Router;
  readonly first: NetworkInterface;
  readonly second: NetworkInterface;
  /** Addresses and ways of what arrives at the server. */
  readonly seen: string[];
} {
  const world = new World({ seed: 1 });
  const [client, server, router] = [
    new Host(world, 'client', options),
    new Host(world, 'server'),
    new Router(world, 'router'),
  ];
  const seen: string[] = [];
  const ways = ['10.1.0', '10.2.0'].map((network) => {
    const { left, right, link } = connectNodes(
      { node: client, address: parseAddress(`${network}.2`) },
      { node: router, address: parseAddress(`${network}.1`) },
    );
    router.routes.addHost(left.address, right);
    link.forward.addTap(() => seen.push(network));
    return left;
  });
  const last = connectNodes({ node: server, address: parseAddress(SERVER) }, { node: router, address: 1 });
  router.routes.addHost(parseAddress(SERVER), last.right);
  return { world, client, server, router, first: ways[0]!, second: ways[1]!, seen };
}

type Datagrams = { readonly events: string[]; send(): void };

/** A UDP socket of the client that says hello to the server, which echoes. */
function datagrams(client: Host, address?: string): Datagrams {
  const events: string[] = [];
  const socket = client.platform().bindUdp(address === undefined ? { port: 0 } : { port: 0, address }, {
    onMessage: () => events.push('answer'),
    onError: (code) => events.push(code),
  });
  return {
    events,
    send: () => {
      socket.send(bytesOf('hello'), { address: SERVER, port: 7 });
    },
  };
}

function echo(server: Host, from: string[]): void {
  const socket = server.platform().bindUdp(
    { port: 7 },
    {
      onMessage: (bytes, sender) => {
        from.push(sender.address);
        socket.send(bytes.slice(), sender);
      },
    },
  );
}

describe('a host with two interfaces', () => {
  it('prefers the first, or the lower metric, and takes its address as the source', () => {
    const { world, client, server, second, seen } = aMultihomedClient();
    const from: string[] = [];
    echo(server, from);
    const udp = datagrams(client);
    udp.send();
    world.runUntil(SECOND);
    expect(client.platform().localAddresses()).toEqual(['10.1.0.2', '10.2.0.2']);
    client.network.setMetric(second, 0);
    client.network.setMetric(client.interfaces[0]!, 100);
    expect(client.platform().localAddresses()).toEqual(['10.2.0.2', '10.1.0.2']);
    udp.send();
    world.runUntil(2 * SECOND);
    expect([from, seen, udp.events]).toEqual([
      ['10.1.0.2', '10.2.0.2'],
      ['10.1.0', '10.2.0'],
      ['answer', 'answer'],
    ]);
  });

  it('takes the longest prefix, of equal ones the lowest metric, of equal metrics the older', () => {
    const { world, client, first, second, seen } = aMultihomedClient();
    const ask = (): void => {
      datagrams(client).send();
      world.runUntil(world.nowMicros + 1000);
    };
    client.addRoute(parsePrefix('192.0.0.0/16'), second, 50);
    ask();
    client.addRoute(parsePrefix('192.0.0.0/16'), first, 50);
    ask();
    client.addRoute(parsePrefix('192.0.0.0/16'), first, 10);
    ask();
    client.addRoute(parsePrefix('192.0.2.0/24'), second, 99);
    ask();
    client.network.setInterface(second, 'down');
    ask();
    world.runUntil(SECOND);
    expect(seen).toEqual(['10.2.0', '10.2.0', '10.1.0', '10.2.0', '10.1.0']);
  });

  it.each([
    ['weak', '10.1.0'],
    ['strong', '10.2.0'],
  ] as const)('bound to the second address, %s: leaves by %s (RFC 1122 3.3.4.2)', (hostModel, way) => {
    const { world, client, server, seen } = aMultihomedClient({ hostModel });
    const from: string[] = [];
    echo(server, from);
    const udp = datagrams(client, '10.2.0.2');
    world.runUntil(1);
    udp.send();
    world.runUntil(SECOND);
    expect([from, seen, udp.events]).toEqual([['10.2.0.2'], [way], ['answer']]);
  });

  it.each([
    ['weak', ['connected']],
    ['strong', ['timedOut']],
  ] as const)('asked for one address over the other interface, %s: %j', (hostModel, events) => {
    const { world, client, server, router, first, second } = aMultihomedClient({ hostModel });
    // The router sends what is for the second address over the first link.
    router.routes.addHost(second.address, first.peer!);
    listen(client.platform(), 80, [], '10.2.0.2');
    const asking = dial(server.platform(), '10.2.0.2', 80);
    world.runUntil(200 * SECOND);
    expect(asking.events).toEqual(events);
  });

  it('says what the kernel says when an interface is down', () => {
    const { world, client, server, first, second } = aMultihomedClient();
    echo(server, []);
    const [free, bound] = [datagrams(client), datagrams(client, '10.2.0.2')];
    world.runUntil(1);
    client.network.setInterface(second, 'down');
    expect(client.platform().localAddresses()).toEqual(['10.1.0.2']);
    // The address is still one of the host: sent over the other interface, and the answer finds no way back.
    bound.send();
    free.send();
    world.runUntil(SECOND);
    expect([free.events, bound.events]).toEqual([['answer'], []]);
    client.network.setInterface(first, 'down');
    expect(client.platform().localAddresses()).toEqual([]);
    free.send();
    bound.send();
    const dialled = dial(client.platform(), SERVER, 80);
    const itself = dial(client.platform(), '10.1.0.2', 80);
    world.runUntil(2 * SECOND);
    expect([free.events, bound.events]).toEqual([['answer', 'ENETUNREACH'], ['ENETUNREACH']]);
    expect([dialled.events, itself.events]).toEqual([['unreachable'], ['refused']]);
    client.network.setInterface(first, 'up');
    free.send();
    world.runUntil(3 * SECOND);
    expect(free.events).toEqual(['answer', 'ENETUNREACH', 'answer']);
  });

  it('says what the kernel says when an address is gone', () => {
    const { world, client, second } = aMultihomedClient();
    const bound = datagrams(client, '10.2.0.2');
    world.runUntil(1);
    client.network.setAddress(second, 'gone');
    bound.send();
    const late = datagrams(client, '10.2.0.2');
    const dialled = new Recorder();
    client.platform().connectTcp({ remote: { address: SERVER, port: 80 }, localAddress: '10.2.0.2' }, dialled);
    world.runUntil(SECOND);
    expect([bound.events, late.events, dialled.events]).toEqual([['ENETUNREACH'], ['EADDRNOTAVAIL'], ['localError']]);
  });

  it('does not take the interface of another host', () => {
    const { client, server } = aMultihomedClient();
    expect(() => client.network.setInterface(server.interfaces[0]!, 'down')).toThrow("belongs to 'server'");
    expect(() => client.addRoute(parsePrefix('10.0.0.0/8'), client.interfaces[0]!, -1)).toThrow('metric is -1');
  });
});

describe('a TCP connection whose address goes away', () => {
  function aConnection(options: HostOptions = {}): ReturnType<typeof aMultihomedClient> & {
    readonly dialled: Recorder;
    readonly accepted: Recorder[];
  } {
    const network = aMultihomedClient(options);
    const accepted: Recorder[] = [];
    listen(network.server.platform(), 80, accepted);
    const dialled = dial(network.client.platform(), SERVER, 80);
    network.world.runUntil(SECOND);
    expect(dialled.events).toEqual(['connected']);
    return { ...network, dialled, accepted };
  }

  it('says nothing, sends nothing, and times out', () => {
    const { world, client, first, seen, dialled, accepted } = aConnection();
    client.network.setAddress(first, 'gone');
    dialled.connection!.write(bytesOf('late'));
    const before = seen.length;
    world.runUntil(90 * SECOND);
    expect([dialled.events, seen.length - before]).toEqual([['connected'], 0]);
    world.runUntil(300 * SECOND);
    expect(dialled.events).toEqual(['connected', 'timedOut']);
    expect([accepted[0]!.events, accepted[0]!.text]).toEqual([[], '']);
  });

  it('goes on when the address comes back in time', () => {
    const { world, client, first, dialled, accepted } = aConnection();
    client.network.setAddress(first, 'gone');
    dialled.connection!.write(bytesOf('late'));
    accepted[0]!.connection!.write(bytesOf('lost at first'));
    world.runUntil(20 * SECOND);
    client.network.setAddress(first, 'held');
    world.runUntil(60 * SECOND);
    expect([accepted[0]!.text, dialled.text]).toEqual(['late', 'lost at first']);
  });

  it('ends at once where the system destroys sockets of a lost network', () => {
    const { world, client, first, dialled, accepted } = aConnection({ onAddressLoss: 'abort' });
    client.network.setAddress(first, 'gone');
    expect(dialled.events).toEqual(['connected']);
    world.runUntil(SECOND + 10);
    expect(dialled.events).toEqual(['connected', 'localError']);
    expect([client.openResources().connections, accepted[0]!.events]).toEqual([0, []]);
  });
});

describe('a host renumbered by its network', () => {
  it('sends nothing from the old address any more', () => {
    const world = new World({ seed: 1 });
    const internet = new Internet(world);
    const [client, server] = [internet.host('client'), internet.host('server')];
    const accepted: Recorder[] = [];
    listen(server.platform(), 80, accepted);
    const dialled = dial(client.platform(), server, 80);
    world.runUntil(SECOND);
    internet.renumber(client);
    dialled.connection!.write(bytesOf('late'));
    const again = dial(client.platform(), server, 80);
    world.runUntil(200 * SECOND);
    expect([dialled.events, again.events]).toEqual([['connected', 'timedOut'], ['connected']]);
    expect(accepted.map(({ text }) => text)).toEqual(['', '']);
  });
});
