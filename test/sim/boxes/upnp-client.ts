/** The least UPnP control point: searches, fetches descriptions and calls actions, one after the other, in virtual time. */
import type { Host, World } from '../../../sim/index.ts';
import type { UdpSocket } from '../../../spec/platform.ts';
import { bytesOf, dial } from '../helpers.ts';

export type HttpReply = { readonly status: number; readonly body: string };

/** Fields, an error code, or nothing. */
export type UpnpReply = Readonly<Record<string, string>> | number | undefined;

const GROUP = { address: '239.255.255.250', port: 1_900 };
const PATIENCE_MICROS = 200_000;

/** A control point on one host. */
export class ControlPoint {
  /** Datagrams that came to the searching socket. */
  readonly found: string[] = [];
  readonly #host: Host;
  readonly #gateway: string;
  readonly #socket: UdpSocket;

  constructor(host: Host, gateway: string) {
    this.#host = host;
    this.#gateway = gateway;
    const onMessage = (bytes: Uint8Array): unknown => this.found.push(String.fromCharCode(...bytes));
    this.#socket = host.platform().bindUdp({ port: 0 }, { onMessage });
  }

  /** Gives what answered a search. */
  search(target: string): readonly string[] {
    const before = this.found.length;
    const lines = [
      'M-SEARCH * HTTP/1.1',
      'HOST: 239.255.255.250:1900',
      'MAN: "ssdp:discover"',
      'MX: 1',
      `ST: ${target}`,
    ];
    this.#socket.send(bytesOf([...lines, '', ''].join('\r\n')), GROUP);
    this.#wait();
    return this.found.slice(before);
  }

  get(path: string): HttpReply | undefined {
    return this.http(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
  }

  /** Calls an action; gives the fields of its answer, or the error code. Undefined when none came. */
  call(action: string, given: Readonly<Record<string, string | number>> = {}, version = 1): UpnpReply {
    const service = `urn:schemas-upnp-org:service:WANIPConnection:${version}`;
    const fields = Object.entries(given).map(([name, value]) => `<${name}>${value}</${name}>`);
    const body = `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><u:${action} xmlns:u="${service}">${fields.join('')}</u:${action}></s:Body></s:Envelope>`;
    const head = [`POST /ctl/IPConn HTTP/1.1`, 'Host: x', `SOAPAction: "${service}#${action}"`];
    const reply = this.http([...head, `Content-Length: ${body.length}`, '', body].join('\r\n'));
    if (reply === undefined) return undefined;
    const error = /<errorCode>(\d+)</.exec(reply.body)?.[1];
    if (error !== undefined) return Number(error);
    const answered = [...reply.body.matchAll(/<(New\w+)>([^<]*)</g)];
    return Object.fromEntries(answered.map(([, name = '', value = '']) => [name, value]));
  }

  http(request: string): HttpReply | undefined {
    const recorder = dial(this.#host.platform(), this.#gateway, 5_000);
    recorder.connection!.write(bytesOf(request));
    this.#wait();
    const found = /^HTTP\/1\.1 (\d+) .*?\r\n\r\n(.*)$/s.exec(recorder.text);
    return found === null ? undefined : { status: Number(found[1]), body: found[2]! };
  }

  #wait(): void {
    const { world }: { world: World } = this.#host;
    world.runUntil(world.nowMicros + PATIENCE_MICROS);
  }
}
