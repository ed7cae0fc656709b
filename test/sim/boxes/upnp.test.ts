import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../../sim/index.ts';
import { GATEWAY, aHome } from './home.ts';
import { ControlPoint } from './upnp-client.ts';

const SECOND = 1_000_000;
const DEVICE = 'urn:schemas-upnp-org:device:InternetGatewayDevice:1';
const SERVICE = 'urn:schemas-upnp-org:service:WANIPConnection:1';

/** A control point on each of two hosts, and a wish for port 7000. */
function twoPoints(...parts: Parameters<typeof aHome>) {
  const home = aHome(...parts);
  const [point, other] = [home.inside, home.beside].map((host) => new ControlPoint(host, GATEWAY));
  home.wait();
  const wish = {
    NewRemoteHost: '',
    NewExternalPort: 7_000,
    NewProtocol: 'UDP',
    NewInternalPort: 4_000,
    NewInternalClient: '192.168.1.3',
    NewEnabled: 1,
    NewPortMappingDescription: 'a &lt;game&gt;',
    NewLeaseDuration: 600,
  };
  const key = { NewRemoteHost: '', NewExternalPort: 7_000, NewProtocol: 'UDP' };
  const own = home.inside.platform().localAddresses()[0]!;
  const theirs = home.beside.platform().localAddresses()[0]!;
  return { ...home, point: point!, other: other!, wish: { ...wish, NewInternalClient: own }, key, theirs };
}

describe('UPnP discovery', () => {
  it('a search by multicast finds the gateway, and nothing else in the LAN answers', () => {
    const { point } = twoPoints();
    const [answer, ...more] = point.search(DEVICE);
    expect(more).toEqual([]);
    expect(answer).toContain('HTTP/1.1 200 OK\r\n');
    expect(answer).toContain(`ST: ${DEVICE}\r\n`);
    expect(answer).toContain('LOCATION: http://192.168.1.1:5000/rootDesc.xml\r\n');
    expect(point.search('ssdp:all')).toHaveLength(6);
    expect(point.search('urn:schemas-upnp-org:device:Printer:1')).toEqual([]);
  });

  it('version 2 is found by who looks for version 1', () => {
    const { point } = twoPoints({ upnpVersion: 2 });
    expect(point.search(DEVICE)).toHaveLength(1);
    expect(point.search(DEVICE.replace(':1', ':2'))).toHaveLength(1);
  });

  it('tells of itself when it starts, to those who joined the group', () => {
    const { inside, beside, lan, wait } = twoPoints();
    const heard: string[] = [];
    for (const host of [inside, beside]) {
      host.platform().bindUdp({ port: 1_900 }, { onMessage: () => heard.push(host.name) });
    }
    inside.groups.join(parseAddress('239.255.255.250'));
    lan.gateway!.host.crash();
    lan.gateway!.host.restart();
    wait();
    expect(heard).toEqual(Array.from({ length: 6 }, () => 'inside'));
  });

  it('the description names the service and its control address', () => {
    const { point } = twoPoints();
    const { status, body } = point.get('/rootDesc.xml')!;
    expect(status).toBe(200);
    expect(body).toContain(`<serviceType>${SERVICE}</serviceType>`);
    expect(body).toContain('<controlURL>/ctl/IPConn</controlURL>');
    const actions = [...point.get('/WANIPCn.xml')!.body.matchAll(/<action><name>(\w+)</g)].map(([, name]) => name);
    expect(actions).toContain('AddPortMapping');
    expect(actions).not.toContain('AddAnyPortMapping');
    expect(point.get('/nothing')!.status).toBe(404);
    expect(point.http('SUBSCRIBE /evt/IPConn HTTP/1.1\r\n\r\n')!.status).toBe(501);
    expect(point.http('what\r\n\r\n')!.status).toBe(400);
  });
});

describe('UPnP WANIPConnection', () => {
  it('tells address and status', () => {
    const { point, external } = twoPoints();
    expect(point.call('GetExternalIPAddress')).toEqual({ NewExternalIPAddress: external });
    expect(point.call('GetStatusInfo')).toMatchObject({ NewConnectionStatus: 'Connected' });
    expect(point.call('GetNATRSIPStatus')).toEqual({ NewRSIPAvailable: '0', NewNATEnabled: '1' });
  });

  it('AddPortMapping lets strangers in for the lease; the entry is listed, renewed and deleted', () => {
    const { point, wish, key, knock, wait } = twoPoints();
    expect(point.call('AddPortMapping', wish)).toEqual({});
    expect(knock(7_000)).toEqual(['inside']);
    const rest = {
      NewInternalPort: '4000',
      NewInternalClient: wish.NewInternalClient,
      NewEnabled: '1',
      NewPortMappingDescription: wish.NewPortMappingDescription,
    };
    wait(99 * SECOND);
    const asText = { ...key, NewExternalPort: '7000' };
    expect(point.call('GetGenericPortMappingEntry', { NewPortMappingIndex: 0 })).toMatchObject({ ...asText, ...rest });
    expect(point.call('GetSpecificPortMappingEntry', key)).toMatchObject({ ...rest, NewLeaseDuration: '501' });
    expect(point.call('AddPortMapping', wish)).toEqual({});
    wait(590 * SECOND);
    expect(knock(7_000)).toEqual(['inside']);
    expect(point.call('DeletePortMapping', key)).toEqual({});
    expect(knock(7_000)).toEqual([]);
  });

  it('a lease of 0 is for good', () => {
    const { point, wish, key, knock, wait, lan } = twoPoints();
    point.call('AddPortMapping', { ...wish, NewLeaseDuration: 0 });
    wait(20 * 3_600 * SECOND);
    expect(knock(7_000)).toEqual(['inside']);
    expect(point.call('GetSpecificPortMappingEntry', key)).toMatchObject({ NewLeaseDuration: '0' });
    expect(lan.nat.mappings()[0]!.expiresAtMicros).toBe(Infinity);
  });

  it('a remote host is a filter', () => {
    const { point, wish, knock } = twoPoints();
    point.call('AddPortMapping', { ...wish, NewRemoteHost: '198.18.0.99' });
    expect(knock(7_000)).toEqual([]);
    point.call('AddPortMapping', { ...wish, NewRemoteHost: '198.18.0.2' });
    expect(knock(7_000)).toEqual(['inside']);
  });

  it('errors: 713, 714, 718, 606, 402, 716, 732, 401, 501', () => {
    const { point, other, wish, key, theirs, inside } = twoPoints({ entriesMax: 1 });
    expect(point.call('GetGenericPortMappingEntry', { NewPortMappingIndex: 0 })).toBe(713);
    expect(point.call('DeletePortMapping', key)).toBe(714);
    expect(point.call('GetSpecificPortMappingEntry', key)).toBe(714);
    expect(point.call('AddPortMapping', { ...wish, NewInternalClient: theirs })).toBe(606);
    expect(point.call('AddPortMapping', { ...wish, NewExternalPort: 80 })).toBe(606);
    expect(point.call('AddPortMapping', { ...wish, NewProtocol: 'SCTP' })).toBe(402);
    expect(point.call('AddPortMapping', { ...wish, NewExternalPort: 70_000 })).toBe(402);
    expect(point.call('AddPortMapping', { ...wish, NewExternalPort: 0 })).toBe(716);
    expect(point.call('AddPortMapping', { ...wish, NewInternalPort: 0 })).toBe(732);
    expect(point.call('AddAnyPortMapping', wish)).toBe(401);
    expect(point.call('AddPortMapping', wish)).toEqual({});
    expect(other.call('AddPortMapping', { ...wish, NewInternalClient: theirs })).toBe(718);
    expect(other.call('DeletePortMapping', key)).toBe(606);
    expect(point.call('AddPortMapping', { ...wish, NewExternalPort: 7_001 })).toBe(501);
    expect(inside.isUp).toBe(true);
  });

  it('725: permanent leases only', () => {
    const { point, wish, knock } = twoPoints({ permanentLeasesOnly: true });
    expect(point.call('AddPortMapping', wish)).toBe(725);
    expect(point.call('AddPortMapping', { ...wish, NewLeaseDuration: 0 })).toEqual({});
    expect(knock(7_000)).toEqual(['inside']);
  });

  it('version 2: any port, ranges, a week at most and for 0, no room', () => {
    const { point, other, wish, key, theirs } = twoPoints({ upnpVersion: 2, entriesMax: 2 });
    expect(point.call('AddPortMapping', { ...wish, NewLeaseDuration: 0 }, 2)).toEqual({});
    expect(point.call('GetSpecificPortMappingEntry', key, 2)).toMatchObject({ NewLeaseDuration: '604800' });
    expect(point.call('AddPortMapping', { ...wish, NewLeaseDuration: 604_801 }, 2)).toBe(402);
    const given = other.call('AddAnyPortMapping', { ...wish, NewInternalClient: theirs }, 2);
    expect(given).toEqual({ NewReservedPort: '4000' });
    expect(point.call('AddPortMapping', { ...wish, NewExternalPort: 7_001 }, 2)).toBe(728);
    const range = { NewStartPort: 6_000, NewEndPort: 8_000, NewProtocol: 'UDP', NewManage: 0 };
    expect(other.call('DeletePortMappingRange', range, 2)).toBe(606);
    expect(point.call('DeletePortMappingRange', range, 2)).toEqual({});
    expect(point.call('DeletePortMappingRange', range, 2)).toBe(730);
    expect(point.call('DeletePortMappingRange', { ...range, NewEndPort: 1 }, 2)).toBe(733);
  });

  it('garblesXml: descriptions and answers end in the middle', () => {
    const { point } = twoPoints({ lies: { garblesXml: true } });
    expect(point.get('/rootDesc.xml')!.body).not.toContain('</root>');
    expect(point.call('GetExternalIPAddress')).toEqual({});
  });

  it('neverAnswers: the connection opens, and nothing comes', () => {
    const { point } = twoPoints({ lies: { neverAnswers: true } });
    expect(point.search(DEVICE)).toEqual([]);
    expect(point.get('/rootDesc.xml')).toBeUndefined();
  });
});
