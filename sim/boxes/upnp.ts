/**
 * UPnP's InternetGatewayDevice on a gateway: it answers searches (SSDP), tells of itself when it starts, serves its
 * descriptions over HTTP and obeys SOAP. What the actions do is in `upnp-actions.ts`. No eventing: SUBSCRIBE gets 501.
 */
import type { Platform } from '../../spec/platform.ts';
import { formatAddress, parseAddress } from '../address.ts';
import type { Address } from '../address.ts';
import type { Groups } from '../multicast.ts';
import { bytesOfText, textOf } from './bytes.ts';
import { headersOf, serveHttp } from './http.ts';
import type { HttpAnswer, HttpRequest } from './http.ts';
import type { Leases } from './leases.ts';
import { upnpActions } from './upnp-actions.ts';
import type { UpnpError } from './upnp-actions.ts';
import {
  CONTROL_PATH,
  DESCRIPTION_PATH,
  SERVICE_PATH,
  answerText,
  deviceText,
  elementText,
  faultText,
  searchTargets,
  serviceText,
  upnpNames,
} from './upnp-texts.ts';

/** Where searches go, and announcements (UPnP Device Architecture 1.0 section 1). */
const GROUP = { address: '239.255.255.250', port: 1_900 } as const;
const HTTP_PORT = 5_000;
const SERVER = 'simulated/1.0 UPnP/1.0 gateway/1.0';
const VALID_SECS = 1_800;

/** Serves until the process of the platform ends. `address` is the gateway's own. */
export function serveUpnp(platform: Platform, leases: Leases, address: Address, groups: Groups): void {
  const { settings, nat } = leases;
  const { upnpVersion: version, lies } = settings;
  const names = upnpNames(version, nat.name);
  const targets = searchTargets(version, names);
  const location = `http://${formatAddress(address)}:${HTTP_PORT}${DESCRIPTION_PATH}`;
  const told = (target: string): string[] => [
    `CACHE-CONTROL: max-age=${VALID_SECS}`,
    `LOCATION: ${location}`,
    `SERVER: ${SERVER}`,
    `USN: ${target === names.uuid ? target : `${names.uuid}::${target}`}`,
  ];
  const found = (target: string): string =>
    ['HTTP/1.1 200 OK', `ST: ${target}`, 'EXT:', ...told(target), '', ''].join('\r\n');
  const alive = (target: string): string => {
    const host = `HOST: ${GROUP.address}:${GROUP.port}`;
    return ['NOTIFY * HTTP/1.1', host, `NT: ${target}`, 'NTS: ssdp:alive', ...told(target), '', ''].join('\r\n');
  };
  groups.join(parseAddress(GROUP.address));
  const later = (action: () => void): void => {
    if (lies.neverAnswers === true) return;
    if (lies.answerDelayMicros === undefined) action();
    else platform.setTimer(lies.answerDelayMicros, action);
  };
  const announce = (): void => {
    for (const target of targets) socket.send(bytesOfText(alive(target)), GROUP);
  };
  const socket = platform.bindUdp(
    { port: GROUP.port },
    {
      onListening: () => later(announce),
      onMessage: (bytes, from) => {
        const wanted = targetsOf(textOf(bytes), targets);
        later(() => wanted.forEach((target) => socket.send(bytesOfText(found(target)), from)));
      },
    },
  );
  serveHttp(platform, HTTP_PORT, (request, from, answer) => {
    const given = answerUpnp(leases, names.service, request, parseAddress(from.address));
    later(() => answer(lies.garblesXml === true ? garbled(given) : given));
  });
}

/** What a search asks for, of what there is; a search for version 1 of something finds version 2 (section 1.2.2). */
function targetsOf(text: string, targets: readonly string[]): readonly string[] {
  const [first = '', ...lines] = text.split('\r\n');
  const headers = headersOf(lines);
  if (!first.startsWith('M-SEARCH * HTTP/1.1') || headers.get('man') !== '"ssdp:discover"') return [];
  const wanted = headers.get('st') ?? '';
  if (wanted === 'ssdp:all') return targets;
  const isFound = targets.some((target) => target === wanted || target.replace(/:2$/, ':1') === wanted);
  return isFound ? [wanted] : [];
}

function answerUpnp(leases: Leases, service: string, request: HttpRequest, client: Address): HttpAnswer {
  const { upnpVersion } = leases.settings;
  const { method, target } = request;
  if (method === 'GET' && target === DESCRIPTION_PATH) return xml(200, 'OK', deviceText(upnpVersion, leases.nat.name));
  if (method === 'GET' && target === SERVICE_PATH) return xml(200, 'OK', serviceText(upnpVersion));
  if (method === 'POST' && target === CONTROL_PATH) return answerControl(leases, service, request, client);
  if (method === 'SUBSCRIBE') return { status: 501, reason: 'Not Implemented' };
  return { status: 404, reason: 'Not Found' };
}

function answerControl(leases: Leases, service: string, request: HttpRequest, client: Address): HttpAnswer {
  const [asked = '', name = ''] = (request.headers.get('soapaction') ?? '').replaceAll('"', '').split('#');
  const isOurs = asked === service || asked === service.replace(/:2$/, ':1');
  const action = upnpActions(leases.settings.upnpVersion).find((each) => each.name === name);
  if (!isOurs || action === undefined) return fault('invalidAction');
  const given = action.act(leases, client, (argument) => elementText(request.body, argument));
  return typeof given === 'string' ? fault(given) : xml(200, 'OK', answerText(asked, name, given));
}

function fault(error: UpnpError): HttpAnswer {
  return xml(500, 'Internal Server Error', faultText(error));
}

function xml(status: number, reason: string, body: string): HttpAnswer {
  return { status, reason, headers: { 'Content-Type': 'text/xml; charset="utf-8"', Server: SERVER, Ext: '' }, body };
}

/** Cut off in the middle, as by a box that ran out of memory. */
function garbled(answer: HttpAnswer): HttpAnswer {
  return { ...answer, body: (answer.body ?? '').slice(0, Math.floor((answer.body ?? '').length / 2)) };
}
