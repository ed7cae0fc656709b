/** The P2P server that stands alone, under the manual's names (P2P-007). The work is done by `p2p-server.ts`. */
import { MESSAGE_BYTES_MAX_DEFAULT } from '../../../spec/limits.ts';
import type { Platform } from '../../../spec/platform.ts';
import { LocalProtocolError } from '../../wire/index.ts';
import type { P2PServer } from '../api.ts';
import { checkInteger, checkText, checkUserIdBytesMax } from '../arguments.ts';
import { promised } from '../callbacks.ts';
import { ConnectException } from '../errors.ts';
import { commonDefaults } from '../global-util.ts';
import { P2PServerCore } from './p2p-server.ts';

/** The engine behind `rapidEngineFactory.createP2PServer`. */
export class StandAloneP2PServer implements P2PServer {
  readonly #platform: Platform;
  #maxLengthOfUserID = commonDefaults().maxLengthOfUserID;
  #ipAddressBinding: string | null = null;
  #core: P2PServerCore | undefined;
  #isClosed = false;
  #failStart: ((error: Error) => void) | undefined;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  get maxLengthOfUserID(): number {
    return this.#maxLengthOfUserID;
  }

  set maxLengthOfUserID(value: number) {
    this.#requireIdle('maxLengthOfUserID');
    checkUserIdBytesMax(value);
    this.#maxLengthOfUserID = value;
  }

  get ipAddressBinding(): string | null {
    return this.#ipAddressBinding;
  }

  set ipAddressBinding(value: string | null) {
    this.#requireIdle('ipAddressBinding');
    this.#ipAddressBinding = checkText('ipAddressBinding', value);
  }

  get port(): number {
    return this.#core?.port ?? 0;
  }

  get secondPort(): number {
    return this.#core?.secondPort ?? 0;
  }

  get statistics(): P2PServer['statistics'] {
    return this.#core?.statistics ?? { answered: 0, ignored: 0 };
  }

  initialize(udpPort: number): Promise<void> {
    return promised(() => {
      if (this.#isClosed) throw closedError();
      this.#requireIdle('initialize');
      checkInteger('the port', 'P2P-007', udpPort, 0, 65_535);
      const limits = { userIdBytesMax: this.#maxLengthOfUserID, messageBytesMax: MESSAGE_BYTES_MAX_DEFAULT };
      const core = new P2PServerCore(this.#platform, limits, this.#ipAddressBinding);
      this.#core = core;
      this.#platform.noteAsyncEdge();
      return new Promise<void>((resolve, reject) => {
        this.#failStart = reject;
        core.start(udpPort, {
          onUp: () => {
            this.#platform.noteAsyncEdge();
            resolve();
          },
          onFailed: (code, detail) => {
            core.close();
            this.#core = undefined;
            this.#platform.noteAsyncEdge();
            const isTaken = code === 'EADDRINUSE';
            const advice = udpPort === 0 ? 'no port is free for UDP and TCP' : 'choose another or 0 for any';
            const text = isTaken ? `port ${udpPort} is in use; ${advice}` : `port ${udpPort}: ${code} ${detail}`;
            reject(new ConnectException(isTaken ? 'E_ADDRINUSE' : 'E_CONNECT', 'ENG-006', text));
          },
        });
      });
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#core?.close();
    this.#platform.noteAsyncEdge();
    this.#failStart?.(closedError());
  }

  #requireIdle(what: string): void {
    if (this.#core === undefined) return;
    throw new LocalProtocolError(
      'E_SETTING_LATE',
      'ENG-003',
      `${what} comes too late: the P2P server has been started`,
    );
  }
}

function closedError(): LocalProtocolError {
  return new LocalProtocolError('E_CLOSED', 'CUS-011', 'the P2P server is closed; make a new one');
}
