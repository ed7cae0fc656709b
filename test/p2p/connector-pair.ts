/**
 * Two connectors on the simulator, each behind a NAT of its own, a P2P server, and a signalling path of the same length as
 * the path through a server. For cells of the matrix and tests; engines and messages are not part of it.
 */
import type { Platform } from '../../spec/platform.ts';
import { createConnector } from '../../impl/engine/p2p/connector.ts';
import type { Connector, ConnectorOwner, DirectLink, DirectLinkHandlers } from '../../impl/engine/p2p/link.ts';
import { P2PServerCore } from '../../impl/engine/p2p/p2p-server.ts';
import { FrameDecoder, encodeMessage } from '../../impl/wire/index.ts';
import { Host, Internet, Lan, World, natBehaviour } from '../../sim/index.ts';
import type { NatBehaviour } from '../../sim/index.ts';
import { NAT_KINDS } from '../../scenarios/attach/network-options.ts';
import type { NatKind } from '../../scenarios/attach/network-options.ts';

export type PairOptions = {
  readonly seed: number;
  readonly inviterNat: NatKind;
  readonly answererNat: NatKind;
  /** Both in the inviter's LAN. */
  readonly sameLan?: boolean;
  /** Changes to both NATs. */
  readonly nat?: Partial<NatBehaviour>;
  /** `P2PChannelMode`. */
  readonly mode: number;
  /** One way between a NAT (or an open host) and the middle of the network. */
  readonly delayMicros?: number;
  /** Time between the logon and the attempt; default long enough for all measurements. */
  readonly settleMicros?: number;
};

/** What one end saw. */
export type PairEnd = {
  readonly userID: string;
  readonly connector: Connector;
  readonly host: Host;
  readonly links: {
    readonly link: DirectLink;
    readonly atMicros: number;
    received: number;
    closed: string | undefined;
  }[];
  failed: string | undefined;
};

const LIMITS = { userIdBytesMax: 11, messageBytesMax: 1_048_576 };
const P2P_PORT = 4531;
const SETTLE_MICROS = 10_000_000;

/** A pair, connected to nothing yet but the P2P server. */
export class ConnectorPair {
  readonly world: World;
  readonly inviter: PairEnd;
  readonly answerer: PairEnd;
  readonly server: P2PServerCore;
  readonly #delayMicros: number;
  readonly #ends = new Map<string, PairEnd>();
  /** What was signalled, in order. */
  readonly signals: { readonly from: string; readonly to: string; readonly type: number; readonly atMicros: number }[] =
    [];

  constructor(options: PairOptions) {
    this.#delayMicros = options.delayMicros ?? 10_000;
    this.world = new World({ seed: options.seed, timeLimitMicros: 600_000_000 });
    const internet = new Internet(this.world, { link: { delayMicros: this.#delayMicros } });
    const serverHost = internet.host('server');
    this.server = new P2PServerCore(serverHost.platform(), LIMITS, null);
    this.server.start(P2P_PORT, { onUp: () => undefined, onFailed: () => undefined });
    const place = this.#placer(internet, options);
    const first = place('alice', options.inviterNat, 'alice');
    const second = place('bob', options.answererNat, options.sameLan === true ? 'alice' : 'bob');
    const address = serverHost.platform().localAddresses()[0]!;
    this.world.runUntil(1_000);
    this.inviter = this.#end('alice', first, address, options.mode);
    this.answerer = this.#end('bob', second, address, options.mode);
    this.world.runUntil(this.world.nowMicros + (options.settleMicros ?? SETTLE_MICROS));
  }

  /** Lets the inviter try, until both ends have a link or gave up, at most so long. Gives the time it took. */
  connect(limitMicros: number): number {
    const beganMicros = this.world.nowMicros;
    this.inviter.connector.connect(this.answerer.userID);
    while (!this.isSettled && this.world.nowMicros - beganMicros < limitMicros) {
      this.world.runUntil(this.world.nowMicros + 1_000);
    }
    return this.world.nowMicros - beganMicros;
  }

  get isSettled(): boolean {
    const isDone = (end: PairEnd): boolean => end.links.length > 0 || end.failed !== undefined;
    return isDone(this.inviter) && isDone(this.answerer);
  }

  /** Whether bytes pass in both directions over the first links of both ends. */
  passesBytes(): boolean {
    const [a, b] = [this.inviter.links[0], this.answerer.links[0]];
    if (a === undefined || b === undefined) return false;
    const wanted = [a.received + 100, b.received + 100];
    a.link.write(new Uint8Array(100));
    b.link.write(new Uint8Array(100));
    this.world.runUntil(this.world.nowMicros + 2_000_000);
    return a.received === wanted[0] && b.received === wanted[1];
  }

  close(): void {
    for (const end of [this.inviter, this.answerer]) {
      for (const { link } of end.links) link.close();
      end.connector.close();
    }
    this.server.close();
    this.world.runUntil(this.world.nowMicros + 10_000_000);
  }

  #placer(internet: Internet, options: PairOptions): (name: string, kind: NatKind, lan: string) => Host {
    const lans = new Map<string, Lan>();
    return (name, kind, lanName) => {
      const host = new Host(this.world, name);
      const preset = NAT_KINDS[kind];
      if (preset === undefined) internet.join(host);
      else {
        const nat = natBehaviour(preset, options.nat ?? {});
        const lan = lans.get(lanName) ?? new Lan(internet, `lan-${lanName}`, { nat });
        lans.set(lanName, lan);
        lan.join(host);
      }
      return host;
    };
  }

  #end(userID: string, host: Host, server: string, mode: number): PairEnd {
    const platform = host.platform();
    const owner: ConnectorOwner = {
      signal: (to, messageType, codec, value) => {
        const header = { clientType: 0, messageType, messageId: 0, sourceId: userID, destId: to };
        const bytes = encodeMessage(header, codec!, value, LIMITS).slice();
        this.signals.push({ from: userID, to, type: messageType, atMicros: this.world.nowMicros });
        this.#carry(platform, to, bytes);
      },
      handleLink: (_peer, link) => this.#handleLink(end, link),
      handleFailed: (_peer, detail) => (end.failed = detail),
    };
    const connector = createConnector(
      {
        platform,
        userID,
        clientType: 0,
        limits: LIMITS,
        mode: () => mode,
        server: { address: server, port: P2P_PORT - 1 },
        logon: { P2PEnabled: true, UseAsP2PServer: true },
      },
      owner,
    )!;
    const end: PairEnd = { userID, connector, host, links: [], failed: undefined };
    this.#ends.set(userID, end);
    return end;
  }

  #handleLink(end: PairEnd, link: DirectLink): DirectLinkHandlers {
    const entry: PairEnd['links'][number] = { link, atMicros: this.world.nowMicros, received: 0, closed: undefined };
    end.links.push(entry);
    return {
      onData: (bytes) => (entry.received += bytes.length),
      onDrain: () => undefined,
      onClosed: (reason) => (entry.closed = reason),
    };
  }

  /** Through a server as far away as the P2P server: twice one way there. */
  #carry(platform: Platform, to: string, bytes: Uint8Array): void {
    platform.setTimer(4 * this.#delayMicros, () => {
      const target = this.#ends.get(to);
      if (target === undefined) return;
      new FrameDecoder(LIMITS).push(bytes, (frame) => {
        target.connector.handleSignal(frame);
      });
    });
  }
}
