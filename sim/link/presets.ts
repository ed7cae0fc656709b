/**
 * Access links of well-known kinds, as data, each with the source of its numbers. `sim/PRESETS.md` is written from them.
 *
 * A preset is the whole access link of a host, seen from the host: give it as its link, `internet.host('a', { link:
 * linkPreset('dsl') })`. Where a source tells a round trip, half of it is the delay of each way. What a source does not
 * tell (the queue, mostly) is the default of links.
 */
import { usageError } from '../errors.ts';
import type { LinkOptions } from '../link-options.ts';
import type { LinkPairOptions } from '../link.ts';

export type LinkPreset = {
  readonly title: string;
  /** Away from the host. */
  readonly up: LinkOptions;
  /** Towards it. */
  readonly down: LinkOptions;
  /** Where the numbers come from. */
  readonly source: string;
};

const WEB_PAGE_TEST = 'WebPageTest, www/settings/connectivity.ini.sample';

/** Pings over real Wi-Fi had a median of 2 to 8.5 ms, 95 % up to 14 to 19 ms, and spikes of 86 to 150 ms. */
const WIFI_JITTER: LinkOptions = {
  delay: { kind: 'pareto', minMicros: 2_000, shape: { numerator: 5, denominator: 4 }, maxMicros: 202_000 },
};

export const LINK_PRESETS = {
  lan: {
    title: 'Gigabit Ethernet',
    up: { bandwidthBitsPerSecond: 1_000_000_000, delayMicros: 250 },
    down: { bandwidthBitsPerSecond: 1_000_000_000, delayMicros: 250 },
    source: 'IEEE 802.3ab (rate); J. Dean, "Numbers everyone should know": 0.5 ms round trip in a data centre (delay)',
  },
  dsl: {
    title: 'DSL',
    up: { bandwidthBitsPerSecond: 384_000, delayMicros: 25_000 },
    down: { bandwidthBitsPerSecond: 1_500_000, delayMicros: 25_000 },
    source: `${WEB_PAGE_TEST}: DSL`,
  },
  cable: {
    title: 'Cable',
    up: { bandwidthBitsPerSecond: 1_000_000, delayMicros: 14_000 },
    down: { bandwidthBitsPerSecond: 5_000_000, delayMicros: 14_000 },
    source: `${WEB_PAGE_TEST}: Cable`,
  },
  wifi: {
    title: 'Wi-Fi, calm',
    up: { bandwidthBitsPerSecond: 15_000_000, delayMicros: 1_000 },
    down: { bandwidthBitsPerSecond: 30_000_000, delayMicros: 1_000 },
    source: 'Firefox developer tools, network monitor, throttling: Wi-Fi',
  },
  wifiJitter: {
    title: 'Wi-Fi with up to 200 ms of jitter',
    up: { bandwidthBitsPerSecond: 15_000_000, ...WIFI_JITTER },
    down: { bandwidthBitsPerSecond: 30_000_000, ...WIFI_JITTER },
    source: 'picoquic pull request 1878 (up to 200 ms), issue 1481 (how pings spread); rates as wifi',
  },
  mobile3g: {
    title: '3G',
    up: { bandwidthBitsPerSecond: 768_000, delayMicros: 150_000 },
    down: { bandwidthBitsPerSecond: 1_600_000, delayMicros: 150_000 },
    source: `${WEB_PAGE_TEST}: 3G`,
  },
  lte: {
    title: 'LTE',
    up: { bandwidthBitsPerSecond: 12_000_000, delayMicros: 35_000 },
    down: { bandwidthBitsPerSecond: 12_000_000, delayMicros: 35_000 },
    source: `${WEB_PAGE_TEST}: LTE`,
  },
  satellite: {
    title: 'Geostationary satellite',
    up: { bandwidthBitsPerSecond: 3_000_000, delayMicros: 279_000, queueBytesMax: 251_100 },
    down: { bandwidthBitsPerSecond: 12_000_000, delayMicros: 279_000, queueBytesMax: 1_004_400 },
    source:
      'RFC 2488 section 2: 279.0 ms from the edge of the view (delay); picoquic issue 1221: rates, queues of 1.2 times the bandwidth-delay product',
  },
} as const satisfies Readonly<Record<string, LinkPreset>>;

export type LinkPresetName = keyof typeof LINK_PRESETS;

/**
 * The link options of a preset; `forward` is away from the host.
 *
 * @throws SimError `usage` - there is no preset of that name.
 */
export function linkPreset(name: LinkPresetName): LinkPairOptions {
  const preset = (LINK_PRESETS as Readonly<Record<string, LinkPreset | undefined>>)[name];
  if (preset === undefined) {
    throw usageError(`there is no link preset '${name as string}'; there are ${Object.keys(LINK_PRESETS).join(', ')}`);
  }
  return { forward: preset.up, backward: preset.down };
}
