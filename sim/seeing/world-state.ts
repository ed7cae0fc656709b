/**
 * The state of a world that stands still, as plain data: hosts with their sockets, NATs with their tables, packets under way,
 * everything planned. Texts and numbers only, so it goes into JSON as it is.
 *
 * It changes nothing and draws nothing. Not there: what programs keep to themselves, and the queues inside of links that
 * know the way of a packet when it comes (the packet is among those under way then). Use: `worldState(world)` while the world
 * is paused or over.
 */
import { formatAddress, formatEndpoint } from '../address.ts';
import { Host } from '../host.ts';
import type { OpenResources } from '../host.ts';
import { HostTimer } from '../host-platform.ts';
import { LinkDirection } from '../link.ts';
import type { Nat } from '../nat/nat.ts';
import { protocolName } from '../nat/mapping.ts';
import type { Packet } from '../packet.ts';
import { registryOf } from '../registry.ts';
import { TCP_STATE_NAMES } from '../tcp/states.ts';
import { TcpSocket } from '../tcp/socket.ts';
import type { World } from '../world.ts';
import { packetText } from './packet-text.ts';

/** A connection. Sequence numbers count from the first of each side; windows and buffers are in bytes. */
export type TcpSocketState = {
  readonly local: string;
  readonly remote: string;
  readonly state: string;
  readonly sentNext: number;
  readonly unacknowledged: number;
  readonly received: number;
  readonly congestionWindow: number;
  readonly slowStartThreshold: number;
  readonly peerWindow: number;
  readonly sendBufferBytes: number;
  readonly unreadBytes: number;
  readonly rtoMicros: number;
  readonly smoothedRttMicros: number;
  readonly isRecovering: boolean;
  /** When its next timer fires; null without one. */
  readonly timerAtMicros: number | null;
};

export type HostState = {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly condition: 'up' | 'down' | 'paused' | 'suspended';
  /** Its own clock. */
  readonly wallMillis: number;
  readonly open: OpenResources;
  readonly tcp: readonly TcpSocketState[];
  readonly listeners: readonly string[];
  readonly udp: readonly { readonly local: string; readonly waitingBytes: number }[];
};

export type NatMappingState = {
  readonly protocol: string;
  readonly inner: string;
  readonly external: string;
  /** How long it lives unless it is used. */
  readonly leftMicros: number;
  readonly sessions: readonly { readonly remote: string; readonly admitsMicros: number }[];
};

export type NatState = { readonly name: string; readonly mappings: readonly NatMappingState[] };

/** One direction of a link on which something is, or that holds packets back. */
export type LinkState = {
  readonly name: string;
  readonly isHeld: boolean;
  /** Packets waiting at the far end of a held direction, and in a queue before the line. */
  readonly heldCount: number;
  readonly queuedCount: number;
  readonly underWay: readonly { readonly arrivesAtMicros: number; readonly packet: string }[];
};

/** Something planned that is no packet on a link. */
export type PlannedState = { readonly atMicros: number; readonly what: string };

export type WorldState = {
  readonly seed: number;
  readonly timeMicros: number;
  /** Trace records so far: the number of the next event. */
  readonly eventIndex: number;
  readonly digest: string;
  readonly hosts: readonly HostState[];
  readonly nats: readonly NatState[];
  readonly links: readonly LinkState[];
  readonly planned: readonly PlannedState[];
};

/** What there is, and what is planned. */
export function worldState(world: World): WorldState {
  const { hosts, nats } = registryOf(world);
  const { links, planned } = plannedState(world);
  return {
    seed: world.seed,
    timeMicros: world.nowMicros,
    eventIndex: world.trace.count,
    digest: world.digest(),
    hosts: [...hosts.values()].map(hostState),
    nats: [...nats.values()].map(natState),
    links,
    planned,
  };
}

function hostState(host: Host): HostState {
  return {
    name: host.name,
    addresses: host.interfaces.flatMap(({ addresses }) => addresses.map(formatAddress)),
    condition: !host.isUp ? 'down' : host.isAsleep ? 'suspended' : host.isPaused ? 'paused' : 'up',
    wallMillis: host.clock.wallMillis(),
    open: host.openResources(),
    tcp: host.tcp.sockets().map(socketState),
    listeners: host.tcp.listeners().map(({ local }) => `${local.address}:${local.port}`),
    udp: host.udp
      .sockets()
      .map(({ local, waitingBytes }) => ({ local: `${local.address}:${local.port}`, waitingBytes })),
  };
}

function socketState(socket: TcpSocket): TcpSocketState {
  const { timerAtMicros } = socket;
  return {
    local: formatEndpoint(socket.localAddress, socket.localPort),
    remote: formatEndpoint(socket.remoteAddress, socket.remotePort),
    state: TCP_STATE_NAMES[socket.state],
    sentNext: (socket.sendNext - socket.initialSend) | 0,
    unacknowledged: (socket.sendMax - socket.sendUnacknowledged) | 0,
    received: (socket.receiveNext - socket.initialReceive) | 0,
    congestionWindow: socket.congestionWindow,
    slowStartThreshold: socket.slowStartThreshold,
    peerWindow: socket.sendWindow,
    sendBufferBytes: socket.sendBuffer?.length ?? 0,
    unreadBytes: socket.receiveQueuedBytes,
    rtoMicros: socket.rtoMicros,
    smoothedRttMicros: socket.smoothedRttMicros,
    isRecovering: socket.isRecovering,
    timerAtMicros: timerAtMicros === Infinity ? null : timerAtMicros,
  };
}

function natState(nat: Nat): NatState {
  const { nowMicros } = nat.world;
  const views = nat.mappings();
  const own = nat.table.live(nowMicros).map((mapping, index): NatMappingState => ({
    protocol: protocolName(mapping.protocol),
    inner: views[index]!.inner,
    external: `${views[index]!.externalAddress}:${mapping.externalPort}`,
    leftMicros: mapping.expiresAtMicros - nowMicros,
    sessions: [...mapping.sessions.values()]
      .filter(({ expiresAtMicros }) => expiresAtMicros > nowMicros)
      .map((session) => ({
        remote: formatEndpoint(session.remoteAddress, session.remotePort),
        admitsMicros: Math.max(0, session.admitsUntilMicros - nowMicros),
      })),
  }));
  const six = views.slice(own.length).map((view) => ({
    protocol: view.protocol,
    inner: view.inner,
    external: `${view.externalAddress}:${view.externalPort}`,
    leftMicros: view.expiresAtMicros - nowMicros,
    sessions: [],
  }));
  return { name: nat.name, mappings: [...own, ...six] };
}

function plannedState(world: World): Pick<WorldState, 'links' | 'planned'> {
  const underWay = new Map<LinkDirection, { readonly arrivesAtMicros: number; readonly packet: string }[]>();
  const planned: PlannedState[] = [];
  for (const { timeMicros, target, argument } of world.pending()) {
    if (target instanceof LinkDirection) {
      const list = underWay.get(target) ?? [];
      underWay.set(target, list);
      list.push({ arrivesAtMicros: timeMicros, packet: packetText(argument as Packet) });
    } else {
      planned.push({ atMicros: timeMicros, what: targetText(target) });
    }
  }
  const links = [...registryOf(world).links.values()]
    .flatMap(({ forward, backward }) => [forward, backward])
    .filter((each) => underWay.has(each) || each.isHeld || each.queuedCount > 0)
    .map((each): LinkState => {
      const { name, isHeld, heldCount, queuedCount } = each;
      return { name, isHeld, heldCount, queuedCount, underWay: underWay.get(each) ?? [] };
    });
  return { links, planned };
}

function targetText(target: object): string {
  if (target instanceof HostTimer) return `timer of ${target.hostName}`;
  if (target instanceof Host) return `turn of ${target.name}`;
  if (!(target instanceof TcpSocket)) return target.constructor.name;
  const { stack, localPort, remotePort } = target;
  return `TCP timer of ${stack.host.name} ${localPort}>${remotePort}`;
}
