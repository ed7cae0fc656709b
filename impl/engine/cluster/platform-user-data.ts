/** A user of the cluster as the wire has it, and as the application sees it. */
import type { ContractOf } from '../../../spec/grammar/index.ts';
import type { UserData } from '../api.ts';
import type { ClientType } from '../enums.ts';
import { p2pAddressFromWire } from '../p2p-address.ts';

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
export function wireTag(tag: unknown): Uint8Array | null {
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
