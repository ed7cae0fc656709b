/**
 * The closed vocabulary of faults, as data: the same words for hand-written scripts and for random search.
 *
 * A word names hosts, links and NATs by name. `FAULT_WORDS` says of each what it strikes and where it can be done: on the
 * simulator, or on real loopback sockets too. Nothing is done here: `faults.ts` does words to a world, and
 * `fault-classes.ts` puts words together to classes that a search draws. A new word is one line of the type, one of the
 * table, and what it does in `faults.ts`.
 */

import type { AwayNetwork } from './away-networks.ts';

/** Ends with `heal` of the same cut, or of all. */
type Cut = { readonly cut?: string };

/** Hosts and links by name. What is lost in a partition is what would arrive while it lasts. */
export type Fault =
  /** Nothing gets from either group to the other. */
  | ({ readonly fault: 'partition'; readonly between: readonly [readonly string[], readonly string[]] } & Cut)
  /** Nothing gets from the first group to the second; the way back is open. */
  | ({ readonly fault: 'partitionOneWay'; readonly from: readonly string[]; readonly to: readonly string[] } & Cut)
  /** Nothing gets from the host to anybody, nor to it. */
  | ({ readonly fault: 'isolate'; readonly host: string } & Cut)
  /** Ends all partitions, or those of one name. */
  | ({ readonly fault: 'heal' } & Cut)
  /** Packets of a link wait ... */
  | { readonly fault: 'hold'; readonly link: string }
  /** ... and go on, in order. */
  | { readonly fault: 'release'; readonly link: string }
  /** `hold`, and `release` after that long. */
  | { readonly fault: 'clog'; readonly link: string; readonly micros: number }
  /** Links are held one after the other and released in the opposite order, a step each: every mix of them occurs. */
  | { readonly fault: 'swizzleClog'; readonly links: readonly string[]; readonly stepMicros: number }
  /** Packets sent over a link are lost ... */
  | { readonly fault: 'linkDown'; readonly link: string }
  /** ... until it is up again. */
  | { readonly fault: 'linkUp'; readonly link: string }
  /** That many packets of a thousand are lost, both ways. */
  | { readonly fault: 'loss'; readonly link: string; readonly perMille: number }
  /** Packets need that long, each way. */
  | { readonly fault: 'delay'; readonly link: string; readonly micros: number; readonly jitterMicros?: number }
  /** That many packets of a thousand arrive twice. */
  | { readonly fault: 'duplication'; readonly link: string; readonly perMille: number }
  /** That many packets of a thousand arrive up to `extraMicros` later, behind others. */
  | { readonly fault: 'reordering'; readonly link: string; readonly perMille: number; readonly extraMicros: number }
  /** One bit of that many packets of a thousand is flipped; checksums notice. */
  | { readonly fault: 'corruption'; readonly link: string; readonly perMille: number }
  /** The end of that many packets of a thousand is cut off; checksums notice. */
  | { readonly fault: 'truncation'; readonly link: string; readonly perMille: number }
  /** The link takes only so many bits a second, each way. */
  | { readonly fault: 'narrowing'; readonly link: string; readonly bitsPerSecond: number }
  /** Ends one condition of a link, or all seven: it is again as it was before the first. */
  | { readonly fault: 'mend'; readonly link: string; readonly condition?: LinkCondition }
  /** Bytes of a TCP connection reach the host's process in pieces of at most that many bytes; 0 ends it. */
  | { readonly fault: 'pieces'; readonly host: string; readonly bytesMax: number }
  /** Every TCP connection of the host is reset, as by a middlebox: both ends see RST. */
  | { readonly fault: 'reset'; readonly host: string }
  /** The host vanishes without a word; `tear`: what it was just writing to files is there in part ... */
  | { readonly fault: 'crash'; readonly host: string; readonly store?: 'keep' | 'lose' | 'tear' }
  /** ... and comes back; its program, if it has one, starts anew. */
  | { readonly fault: 'restart'; readonly host: string }
  /** The process stands still, its kernel goes on ... */
  | { readonly fault: 'pause'; readonly host: string }
  /** ... until this. */
  | { readonly fault: 'resume'; readonly host: string }
  /** The host sleeps like a laptop: process and kernel stand still, what arrives is lost ... */
  | { readonly fault: 'suspend'; readonly host: string }
  /** ... until it is woken. */
  | { readonly fault: 'wake'; readonly host: string }
  /** The process learns of things late, and is busy for a while with each; its kernel is as fast as ever. 0 and 0 end it. */
  | { readonly fault: 'slow'; readonly host: string; readonly delayMicros: number; readonly busyMicros: number }
  /** The interface that the host uses goes down: nothing leaves by it or arrives ... */
  | { readonly fault: 'interfaceDown'; readonly host: string }
  /** ... until it is up again. */
  | { readonly fault: 'interfaceUp'; readonly host: string }
  /** The host gets another address in its network; what is sent to the old one is lost, connections from it are dead. */
  | { readonly fault: 'renumber'; readonly host: string }
  /**
   * The host leaves its network and joins another, behind another NAT and with another address and another link: with a gap
   * without any network, or an overlap with both, not both of them ...
   */
  | {
      readonly fault: 'roam';
      readonly host: string;
      readonly to: AwayNetwork;
      readonly gapMicros?: number;
      readonly overlapMicros?: number;
    }
  /** ... and goes back to where it was first, where it gets the address that it had. */
  | { readonly fault: 'comeHome'; readonly host: string; readonly gapMicros?: number }
  /** The wall clock jumps. */
  | { readonly fault: 'clockStep'; readonly host: string; readonly deltaMicros: number }
  /** The monotonic clock changes its speed. */
  | { readonly fault: 'drift'; readonly host: string; readonly driftPpm: number }
  /** A NAT forgets its mappings. */
  | { readonly fault: 'natReboot'; readonly nat: string }
  /** A NAT of a ready-made network gets another address outside; what is sent to the old one is lost. */
  | { readonly fault: 'natRenumber'; readonly nat: string }
  /** The host's disk has no room left ... */
  | { readonly fault: 'diskFull'; readonly host: string }
  /** That many reads and writes of a thousand fail ... */
  | { readonly fault: 'diskFailing'; readonly host: string; readonly perMille: number }
  /** Reads take that much longer ... */
  | { readonly fault: 'diskSlow'; readonly host: string; readonly micros: number }
  /** ... until the disk is in order again. A crash ends it, too. */
  | { readonly fault: 'diskMend'; readonly host: string }
  /** Ends everything that lasts at one host and its links; a host that is down stays down, a clock that jumped stays. */
  | { readonly fault: 'recover'; readonly host: string };

export type FaultKind = Fault['fault'];

/** What lasts on a link until it is mended. */
export type LinkCondition = 'loss' | 'delay' | 'duplication' | 'reordering' | 'corruption' | 'truncation' | 'narrowing';

/** What a word strikes, and where it can be done. */
export type FaultWord = {
  readonly strikes: 'hosts' | 'host' | 'link' | 'links' | 'nat';
  /** `sim`: there only. `all`: on real loopback sockets too, where a host's link is the proxy in front of it. */
  readonly on: 'sim' | 'all';
};

/** Every word. */
export const FAULT_WORDS: Readonly<Record<FaultKind, FaultWord>> = {
  partition: { strikes: 'hosts', on: 'sim' },
  partitionOneWay: { strikes: 'hosts', on: 'sim' },
  isolate: { strikes: 'host', on: 'all' },
  heal: { strikes: 'hosts', on: 'all' },
  hold: { strikes: 'link', on: 'sim' },
  release: { strikes: 'link', on: 'sim' },
  clog: { strikes: 'link', on: 'sim' },
  swizzleClog: { strikes: 'links', on: 'sim' },
  linkDown: { strikes: 'link', on: 'all' },
  linkUp: { strikes: 'link', on: 'all' },
  loss: { strikes: 'link', on: 'all' },
  delay: { strikes: 'link', on: 'all' },
  // A stream of real sockets is in order and whole whatever happens to its packets.
  duplication: { strikes: 'link', on: 'sim' },
  reordering: { strikes: 'link', on: 'sim' },
  corruption: { strikes: 'link', on: 'sim' },
  truncation: { strikes: 'link', on: 'sim' },
  narrowing: { strikes: 'link', on: 'all' },
  mend: { strikes: 'link', on: 'all' },
  pieces: { strikes: 'host', on: 'all' },
  reset: { strikes: 'host', on: 'all' },
  crash: { strikes: 'host', on: 'all' },
  restart: { strikes: 'host', on: 'all' },
  pause: { strikes: 'host', on: 'sim' },
  resume: { strikes: 'host', on: 'sim' },
  suspend: { strikes: 'host', on: 'sim' },
  wake: { strikes: 'host', on: 'sim' },
  slow: { strikes: 'host', on: 'sim' },
  interfaceDown: { strikes: 'host', on: 'sim' },
  interfaceUp: { strikes: 'host', on: 'sim' },
  renumber: { strikes: 'host', on: 'sim' },
  roam: { strikes: 'host', on: 'sim' },
  comeHome: { strikes: 'host', on: 'sim' },
  clockStep: { strikes: 'host', on: 'sim' },
  drift: { strikes: 'host', on: 'sim' },
  natReboot: { strikes: 'nat', on: 'sim' },
  natRenumber: { strikes: 'nat', on: 'sim' },
  diskFull: { strikes: 'host', on: 'sim' },
  diskFailing: { strikes: 'host', on: 'sim' },
  diskSlow: { strikes: 'host', on: 'sim' },
  diskMend: { strikes: 'host', on: 'sim' },
  recover: { strikes: 'host', on: 'all' },
};

/** The words alone, for random choice. */
export const FAULT_KINDS = Object.keys(FAULT_WORDS) as readonly FaultKind[];
