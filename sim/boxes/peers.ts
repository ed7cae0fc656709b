/** PCP's PEER: a mapping towards one remote endpoint, made as if a packet had left, and kept for longer than packets would. */
import type { Flow } from '../nat/behaviour.ts';
import type { Nat } from '../nat/nat.ts';

const SECOND = 1_000_000;

/** Keeps the mapping of a flow for at least so long; gives its external port, or undefined when the NAT has none to give. */
export function keepPeer(nat: Nat, flow: Flow, secs: number): number | undefined {
  const { nowMicros } = nat.world;
  const { remoteAddress: address, remotePort: port } = flow;
  const mapping = nat.table.outbound(flow, nowMicros);
  if (typeof mapping === 'string') return undefined;
  // A mapping that was asked for itself needs no keeping: it lets everybody in.
  if (mapping.lease?.kind === 'map') return mapping.externalPort;
  const peers = mapping.lease?.peers.filter((peer) => peer.address !== address || peer.port !== port) ?? [];
  const kept = { address, port, untilMicros: nowMicros + secs * SECOND };
  mapping.lease = { kind: 'peer', peers: [...peers.filter(({ untilMicros }) => untilMicros > nowMicros), kept] };
  nat.table.note(mapping, flow, true, 0, nowMicros);
  return mapping.externalPort;
}
