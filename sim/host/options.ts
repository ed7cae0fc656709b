/** What a host can be told when it is made, and what it still holds. Types only. */
import type { ClockOptions } from '../clock.ts';
import type { TcpOptions } from '../tcp/options.ts';
import type { HostModel } from './gate.ts';

export type HostOptions = {
  readonly clock?: ClockOptions;
  readonly tcp?: Partial<TcpOptions>;
  /** Tell UDP sockets of ICMP errors (`onError('ECONNREFUSED')`), as Windows does. Default: no, as elsewhere. */
  readonly udpReportsIcmp?: boolean;
  /** Whether an address belongs to the host or to its interface. Default `weak`, as in Linux. */
  readonly hostModel?: HostModel;
  /**
   * What becomes of connections whose address is gone. `keep`: they wait for it to come back, as in Linux; `abort`: they end
   * with ECONNABORTED, as when Android destroys the sockets of a network that went away. Default `keep`.
   */
  readonly onAddressLoss?: 'keep' | 'abort';
};

/** What a host still holds; all zero when everything was closed. */
export type OpenResources = {
  readonly timers: number;
  readonly connections: number;
  readonly listeners: number;
  readonly udpSockets: number;
};
