/**
 * A captive portal in front of a NAT, as hotels have it: until an inner host has logged on, whatever it sends outwards ends
 * here, but for connections to port 80 of anybody, which the portal's own host answers with a redirect to its page.
 *
 * Opening `/login` of the portal logs the host on, for a time or for good. TLS is not intercepted: such connections end
 * unanswered, as does UDP. Names resolve all the while, because names are not packets here.
 */
import { formatAddress } from '../address.ts';
import type { Address } from '../address.ts';
import { checkInteger } from '../errors.ts';
import type { Host } from '../host.ts';
import type { Nat } from '../nat/nat.ts';
import type { NetworkInterface } from '../node.ts';
import { PROTOCOL } from '../packet.ts';
import type { Packet } from '../packet.ts';
import type { Lan } from '../topology.ts';
import { serveHttp } from './http.ts';
import type { HttpAnswer } from './http.ts';

export type CaptivePortalOptions = {
  /** How long a log on lasts. Default: for good. */
  readonly sessionMicros?: number;
};

const WEB_PORT = 80;
const LOGIN = '/login';

/** The portal of one LAN; its host is named after the LAN: `hotel-portal`. */
export class CaptivePortal {
  readonly host: Host;
  readonly #nat: Nat;
  readonly #sessionMicros: number;
  /** Until when, by inner host. */
  readonly #loggedOn = new Map<Address, number>();
  /** Where a redirected connection was meant to go, by the client's end of it. */
  readonly #meant = new Map<string, Address>();

  constructor(lan: Lan, { sessionMicros = Number.MAX_SAFE_INTEGER }: CaptivePortalOptions = {}) {
    checkInteger('sessionMicros', sessionMicros, 1, Number.MAX_SAFE_INTEGER);
    this.#nat = lan.nat;
    this.#sessionMicros = sessionMicros;
    this.host = lan.host(`${lan.nat.name}-portal`);
    this.#nat.intercept((packet, from) => this.#intercept(packet, from));
    this.host.runProgram((platform) => {
      serveHttp(platform, WEB_PORT, (request, from, answer) => {
        const client = this.#addressOf(from.address);
        const isLogin = request.target === LOGIN || request.target.endsWith(LOGIN);
        if (isLogin && client !== undefined) this.logOn(client);
        answer(isLogin ? WELCOME : this.#redirect());
      });
    });
  }

  /** Lets an inner host out from now on. */
  logOn(client: Address): void {
    this.#loggedOn.set(client, Math.min(Number.MAX_SAFE_INTEGER, this.#nat.world.nowMicros + this.#sessionMicros));
  }

  /** Whether an inner host may pass now. */
  isLoggedOn(client: Address): boolean {
    return client === this.host.address || (this.#loggedOn.get(client) ?? 0) > this.#nat.world.nowMicros;
  }

  #redirect(): HttpAnswer {
    const location = `http://${formatAddress(this.host.address)}${LOGIN}`;
    return { status: 302, reason: 'Found', headers: { Location: location, 'Cache-Control': 'no-store' } };
  }

  /** Only those who are inside are asked for; their addresses are the NAT's neighbours. */
  #addressOf(text: string): Address | undefined {
    return this.#nat.interfaces.find(({ peer }) => peer !== undefined && formatAddress(peer.address) === text)?.peer
      ?.address;
  }

  #intercept(packet: Packet, from: NetworkInterface): 'pass' | 'natCaptive' {
    if (this.#nat.isOutside(from)) return 'pass';
    if (packet.source === this.host.address) this.#restore(packet);
    else if (this.#nat.leadsOut(packet.destination) && !this.isLoggedOn(packet.source)) return this.#capture(packet);
    return 'pass';
  }

  /** A connection to a web server comes to the portal instead. */
  #capture(packet: Packet): 'pass' | 'natCaptive' {
    if (packet.protocol !== PROTOCOL.tcp || packet.destinationPort !== WEB_PORT) return 'natCaptive';
    this.#meant.set(endKey(packet.source, packet.sourcePort), packet.destination);
    packet.destination = this.host.address;
    return 'pass';
  }

  /** What the portal answers seems to come from whom it was meant for. */
  #restore(packet: Packet): void {
    if (packet.protocol !== PROTOCOL.tcp || packet.sourcePort !== WEB_PORT) return;
    const meant = this.#meant.get(endKey(packet.destination, packet.destinationPort));
    if (meant !== undefined) packet.source = meant;
  }
}

const WELCOME: HttpAnswer = { status: 200, reason: 'OK', headers: { 'Content-Type': 'text/plain' }, body: 'welcome' };

function endKey(address: Address, port: number): string {
  return `${address} ${port}`;
}
