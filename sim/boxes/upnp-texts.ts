/** The texts of a UPnP gateway: device and service descriptions, SOAP answers and faults. Pure. */
import { UPNP_ERROR, upnpActions } from './upnp-actions.ts';
import type { UpnpError } from './upnp-actions.ts';

/** What is searched for and told, by version. */
export type UpnpNames = { readonly device: string; readonly service: string; readonly uuid: string };

export const DESCRIPTION_PATH = '/rootDesc.xml';
export const SERVICE_PATH = '/WANIPCn.xml';
export const CONTROL_PATH = '/ctl/IPConn';
const HEAD = '<?xml version="1.0"?>\r\n';

/** `name` makes the device's own number, which is made up but always the same. */
export function upnpNames(version: 1 | 2, name: string): UpnpNames {
  let number = 0;
  for (const character of name) number = (Math.imul(number, 31) + character.charCodeAt(0)) | 0;
  return {
    device: `urn:schemas-upnp-org:device:InternetGatewayDevice:${version}`,
    service: `urn:schemas-upnp-org:service:WANIPConnection:${version}`,
    uuid: `uuid:${(number >>> 0).toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`,
  };
}

/** The devices in the box, each in the other, and the one service: everything that can be searched for. */
export function searchTargets(version: 1 | 2, { device, service, uuid }: UpnpNames): readonly string[] {
  const inner = ['WANDevice', 'WANConnectionDevice'].map((name) => `urn:schemas-upnp-org:device:${name}:${version}`);
  return ['upnp:rootdevice', uuid, device, ...inner, service];
}

/** The device description. */
export function deviceText(version: 1 | 2, name: string): string {
  const { service, uuid } = upnpNames(version, name);
  const device = (type: string, inner: string): string =>
    [
      `<device><deviceType>urn:schemas-upnp-org:device:${type}:${version}</deviceType>`,
      `<friendlyName>${escaped(name)}</friendlyName><manufacturer>simulated</manufacturer>`,
      `<modelName>simulated</modelName><UDN>${uuid}</UDN>${inner}</device>`,
    ].join('');
  const serviceList = [
    `<serviceList><service><serviceType>${service}</serviceType>`,
    '<serviceId>urn:upnp-org:serviceId:WANIPConn1</serviceId>',
    `<SCPDURL>${SERVICE_PATH}</SCPDURL><controlURL>${CONTROL_PATH}</controlURL>`,
    '<eventSubURL>/evt/IPConn</eventSubURL></service></serviceList>',
  ].join('');
  const list = (text: string): string => `<deviceList>${text}</deviceList>`;
  const connection = device('WANConnectionDevice', serviceList);
  const root = device('InternetGatewayDevice', list(device('WANDevice', list(connection))));
  const version10 = '<specVersion><major>1</major><minor>0</minor></specVersion>';
  return `${HEAD}<root xmlns="urn:schemas-upnp-org:device-1-0">${version10}${root}</root>`;
}

/** The service description: actions and their arguments, all of them strings. */
export function serviceText(version: 1 | 2): string {
  const argument = (name: string, direction: 'in' | 'out'): string =>
    `<argument><name>${name}</name><direction>${direction}</direction><relatedStateVariable>${name.slice(3)}</relatedStateVariable></argument>`;
  const actions = upnpActions(version).map(({ name, takes, gives }) => {
    const list = [...takes.map((each) => argument(each, 'in')), ...gives.map((each) => argument(each, 'out'))].join('');
    return `<action><name>${name}</name><argumentList>${list}</argumentList></action>`;
  });
  const names = new Set(upnpActions(version).flatMap(({ takes, gives }) => [...takes, ...gives]));
  const variables = [...names].map(
    (name) => `<stateVariable sendEvents="no"><name>${name.slice(3)}</name><dataType>string</dataType></stateVariable>`,
  );
  const body = `<actionList>${actions.join('')}</actionList><serviceStateTable>${variables.join('')}</serviceStateTable>`;
  const version10 = '<specVersion><major>1</major><minor>0</minor></specVersion>';
  return `${HEAD}<scpd xmlns="urn:schemas-upnp-org:service-1-0">${version10}${body}</scpd>`;
}

/** What an action gave. */
export function answerText(service: string, action: string, given: Readonly<Record<string, string>>): string {
  const parts = Object.entries(given).map(([name, value]) => `<${name}>${escaped(value)}</${name}>`);
  return envelope(`<u:${action}Response xmlns:u="${service}">${parts.join('')}</u:${action}Response>`);
}

/** Why an action failed. */
export function faultText(error: UpnpError): string {
  const [code, description] = UPNP_ERROR[error];
  const detail = `<UPnPError xmlns="urn:schemas-upnp-org:control-1-0"><errorCode>${code}</errorCode><errorDescription>${description}</errorDescription></UPnPError>`;
  return envelope(
    `<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail>${detail}</detail></s:Fault>`,
  );
}

/** The text of an element in a SOAP body, without its namespace; empty when there is none. */
export function elementText(body: string, name: string): string {
  const found = new RegExp(`<(?:\\w+:)?${name}(?:\\s[^>]*)?>([^<]*)</`).exec(body);
  return unescaped(found?.[1]?.trim() ?? '');
}

function envelope(body: string): string {
  const names =
    'xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"';
  return `${HEAD}<s:Envelope ${names}><s:Body>${body}</s:Body></s:Envelope>`;
}

const ENTITIES = [
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&apos;'],
] as const;

function escaped(text: string): string {
  return ENTITIES.reduce((whole, [character, entity]) => whole.replaceAll(character, entity), text);
}

function unescaped(text: string): string {
  return ENTITIES.reduceRight((whole, [character, entity]) => whole.replaceAll(entity, character), text);
}
