/** A user of the cluster as the wire has it, and as the application sees it. */
import type { ContractOf } from '../../../spec/grammar/index.ts';
import type { UserData } from '../api.ts';
import type { ClientType } from '../enums.ts';
import type { LogonClaim, ServerConnection } from '../server/server-connection.ts';
import { p2pAddressFromWire, p2pAddressToWire } from '../p2p-address.ts';

export type WireUser = ContractOf<'PlatformUserContract'>;

/** What the directory keeps of a user besides its place. */
export type UserFacts = Pick<WireUser, 'ClientType' | 'IP' | 'P2PAddress' | 'Port' | 'Tag' | 'TimeLogon'>;

/** The facts in a received user. */
export function factsOf(user: WireUser): UserFacts {
  const { ClientType: clientType, IP, P2PAddress, Port, Tag, TimeLogon } = user;
  return { ClientType: clientType, IP, P2PAddress, Port, Tag, TimeLogon };
}

/** Bytes of a tag that travels, at most: many users share a message. Ours. */
const TAG_BYTES_MAX = 1024;

/** A tag that can travel: bytes, and not too many; anything else stays on its server (CLU-029). */
function wireTag(tag: unknown): Uint8Array | null {
  return tag instanceof Uint8Array && tag.length <= TAG_BYTES_MAX ? tag : null;
}

/** The data of a user on another server. */
export function userDataOf(userID: string, serverID: number, facts: UserFacts): UserData {
  return {
    userID,
    address: { address: facts.IP ?? '', port: facts.Port },
    timeLogon: Number(facts.TimeLogon),
    clientType: facts.ClientType as ClientType,
    appServerID: String(serverID),
    tag: facts.Tag,
    p2pAddress: facts.P2PAddress === null ? null : p2pAddressFromWire(facts.P2PAddress),
    localTag: null,
  };
}

/** A user who asks to be bound. @param timeLogon - Wall clock, milliseconds. */
export function newUser(connection: ServerConnection, claim: LogonClaim, timeLogon: number): WireUser {
  const { address, port } = connection.remote;
  return {
    AgeMicros: 0,
    ClientType: claim.clientType,
    IP: address,
    P2PAddress: null,
    Port: port,
    ServerID: 0,
    Session: 0,
    Tag: null,
    TimeLogon: timeLogon,
    UserID: claim.userID,
  };
}

/** A user who is bound. */
export function wireUserOf(connection: ServerConnection, serverID: number): WireUser {
  const { userData, userID, remote } = connection;
  const p2pAddress = userData?.p2pAddress ?? null;
  return {
    AgeMicros: connection.boundForMicros,
    ClientType: userData?.clientType ?? 0,
    IP: remote.address,
    P2PAddress: p2pAddress === null ? null : p2pAddressToWire(p2pAddress),
    Port: remote.port,
    ServerID: serverID,
    Session: connection.session,
    Tag: wireTag(userData?.tag),
    TimeLogon: userData?.timeLogon ?? 0,
    UserID: userID,
  };
}
