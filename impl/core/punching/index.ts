/** Hole punching without I/O: discovery, what is known of both sides, probing over UDP, dialling over TCP. */
export { Dialing } from './dialing.ts';
export type { DialOptions, DialOutput } from './dialing.ts';
export { Discovery, readAnswer, requestFrame } from './discovery.ts';
export type { DiscoveryOptions, DiscoveryOutput, DiscoveryResult } from './discovery.ts';
export { readNat } from './prediction.ts';
export type { NatReading } from './prediction.ts';
export { Punching } from './punching.ts';
export type { PunchOptions, PunchOutput } from './punching.ts';
export { endpointKey, sameEndpoint } from './types.ts';
export type { Candidate, NatMappingKind, Role, Side } from './types.ts';
