/** What a `Gateway` speaks, grants and lies about: the options, their defaults and their checks. Data only. */
import { parseAddress } from '../address.ts';
import { checkInteger, usageError } from '../errors.ts';

/** NAT-PMP (RFC 6886), PCP (RFC 6887), and UPnP's InternetGatewayDevice. */
export type MappingProtocol = 'natPmp' | 'pcp' | 'upnp';

/**
 * What it says that is not so, each of them seen in the field. Absent ones are not told. A NAT behind a NAT needs no lie: it
 * truthfully tells a private external address.
 */
export type GatewayLies = {
  /** This address is told instead of the NAT's own: a private one, or just a wrong one. */
  readonly externalAddress?: string;
  /** Mappings are acknowledged, and not made. */
  readonly acknowledgesOnly?: boolean;
  /** Every mapping is gone so long after it was made or renewed, whatever was granted. */
  readonly leaseEndsAfterMicros?: number;
  /** No mapping ever ends by itself, whatever was granted. */
  readonly leaseNeverEnds?: boolean;
  /** The epoch begins anew that often, and nothing was lost. */
  readonly epochResetsEverySecs?: number;
  /** The epoch goes on over a reboot, and everything was lost. */
  readonly epochSurvivesReboot?: boolean;
  /** Requests are read and never answered; what they ask for is done. */
  readonly neverAnswers?: boolean;
  /** Every answer comes that much later. */
  readonly answerDelayMicros?: number;
  /** UPnP: descriptions and answers are cut off in the middle. */
  readonly garblesXml?: boolean;
};

export type GatewayOptions = {
  /** Default: all three. */
  readonly speaks?: readonly MappingProtocol[];
  /** Default 86,400 (RFC 6887 section 15: at most 24 hours). */
  readonly leaseSecsMax?: number;
  /** Shorter wishes are granted this much. Default 120 (RFC 6887 section 15). */
  readonly leaseSecsMin?: number;
  /** Mappings in all; default 1,000. */
  readonly entriesMax?: number;
  /** Mappings of one inner host; default 1,000. */
  readonly entriesPerHostMax?: number;
  /** External ports from here on may be asked for. Default 1,024. */
  readonly portMin?: number;
  /** UPnP: leases that end are refused with error 725. Default no. */
  readonly permanentLeasesOnly?: boolean;
  /** UPnP: version of the device and its services. Default 1. */
  readonly upnpVersion?: 1 | 2;
  readonly lies?: GatewayLies;
};

/** Options with every field decided, but for the lies. */
export type GatewaySettings = Required<GatewayOptions>;

const SECS_MAX = 0xffff_ffff;
const ENTRIES_MAX = 65_535;

/**
 * Fills in defaults and checks ranges.
 *
 * @throws SimError `usage` - names the option, its value and the range.
 */
export function gatewaySettings(options: GatewayOptions): GatewaySettings {
  const {
    speaks = ['natPmp', 'pcp', 'upnp'],
    leaseSecsMax = 86_400,
    leaseSecsMin = Math.min(120, leaseSecsMax),
  } = options;
  const { entriesMax = 1_000, entriesPerHostMax = 1_000, portMin = 1_024, lies = {} } = options;
  checkInteger('leaseSecsMax', leaseSecsMax, 1, SECS_MAX);
  checkInteger('leaseSecsMin', leaseSecsMin, 1, leaseSecsMax);
  checkInteger('entriesMax', entriesMax, 0, ENTRIES_MAX);
  checkInteger('entriesPerHostMax', entriesPerHostMax, 0, ENTRIES_MAX);
  checkInteger('portMin', portMin, 1, 65_535);
  checkInteger('lies.answerDelayMicros', lies.answerDelayMicros ?? 0, 0, Number.MAX_SAFE_INTEGER);
  checkInteger('lies.epochResetsEverySecs', lies.epochResetsEverySecs ?? 1, 1, SECS_MAX);
  checkInteger('lies.leaseEndsAfterMicros', lies.leaseEndsAfterMicros ?? 0, 0, Number.MAX_SAFE_INTEGER);
  if (lies.externalAddress !== undefined && typeof parseAddress(lies.externalAddress) !== 'number') {
    throw usageError(`lies.externalAddress is ${lies.externalAddress}; give an IPv4 address`);
  }
  if (lies.leaseNeverEnds === true && lies.leaseEndsAfterMicros !== undefined) {
    throw usageError('lies.leaseNeverEnds and lies.leaseEndsAfterMicros contradict each other; give one of them');
  }
  const { permanentLeasesOnly = false, upnpVersion = 1 } = options;
  return {
    speaks,
    leaseSecsMax,
    leaseSecsMin,
    entriesMax,
    entriesPerHostMax,
    portMin,
    permanentLeasesOnly,
    upnpVersion,
    lies,
  };
}
