/**
 * Where to knock, in which order (P2P-020, P2P-021, P2P-024). Pure: two sides in, a list of endpoints out.
 *
 * What is not in the list is not worth a packet: behind a NAT that is being predicted every packet to a new place spoils
 * the prediction.
 */
import type { Endpoint } from '../../../spec/platform.ts';
import { predictedPorts } from './prediction.ts';
import { sameEndpoint } from './types.ts';
import type { Role, Side } from './types.ts';

/** Whether both are seen under one public address: the same NAT, or the same machine. */
function shareAddress(own: Side, peer: Side): boolean {
  return own.publicAddress !== null && own.publicAddress === peer.publicAddress;
}

/** Whether a side stands on its public address. */
function isPublic(side: Side): boolean {
  return side.candidates.some(({ kind, endpoint }) => kind === 'host' && endpoint.address === side.publicAddress);
}

/** Endpoints of the peer, likeliest first, each once. */
export function targetsOf(own: Side, peer: Side, role: Role): Endpoint[] {
  const hosts = foreignHosts(own, peer);
  const reflexive = endpointsOf(peer, 'serverReflexive');
  const predicted = peer.publicAddress === null ? [] : predictedEndpoints(own, peer, peer.publicAddress, role);
  if (shareAddress(own, peer)) return unique([...hosts, ...reflexive, ...predicted]);
  if (predicted.length > 0) return unique(predicted);
  // Without a public endpoint on either side nobody knows better than the own addresses.
  const isBlind = own.publicAddress === null || peer.publicAddress === null;
  return unique([...reflexive, ...(isBlind || isPublic(peer) ? hosts : [])]);
}

/** Endpoints at which a TCP listener can be expected to answer without anybody's NAT being opened first (P2P-024). */
export function certainTargets(own: Side, peer: Side): Endpoint[] {
  const isBlind = own.publicAddress === null || peer.publicAddress === null;
  return shareAddress(own, peer) || isPublic(peer) || isBlind ? unique(foreignHosts(own, peer)) : [];
}

/** Whether knocking has to wait for a measurement, the own or the peer's: until then every packet would spoil it. */
export function mustWait(own: Side, peer: Side): boolean {
  if (shareAddress(own, peer)) return false;
  if (own.mapping === 'sequential' && own.predictedPort === 0) return true;
  const areBothSequential = own.mapping === 'sequential' && peer.mapping === 'sequential';
  return areBothSequential && peer.predictedPort === 0;
}

function predictedEndpoints(own: Side, peer: Side, address: string, role: Role): Endpoint[] {
  return predictedPorts(peer, own.mapping, role).map((port) => ({ address, port }));
}

/** Own addresses of the peer. Two homes may number alike, down to the port: who knocks there finds himself. */
function foreignHosts(own: Side, peer: Side): Endpoint[] {
  const ownHosts = endpointsOf(own, 'host');
  return endpointsOf(peer, 'host').filter((endpoint) => !ownHosts.some((each) => sameEndpoint(each, endpoint)));
}

function endpointsOf(side: Side, wanted: 'host' | 'serverReflexive'): Endpoint[] {
  return side.candidates.filter(({ kind }) => kind === wanted).map(({ endpoint }) => endpoint);
}

function unique(endpoints: readonly Endpoint[]): Endpoint[] {
  const kept: Endpoint[] = [];
  for (const endpoint of endpoints) if (!kept.some((other) => sameEndpoint(other, endpoint))) kept.push(endpoint);
  return kept;
}
