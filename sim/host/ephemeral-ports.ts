/** The dynamic ports of a host, handed out in a row that begins at a drawn place (RFC 6335 section 6, RFC 6056 section 3.3.1). */
import type { RandomStream } from '../random.ts';

const PORT_MIN = 49_152;
const PORT_COUNT = 16_384;

/** One host's row; it lives as long as the host's machine, not its process. */
export class EphemeralPorts {
  readonly #stream: () => RandomStream;
  #next = -1;

  /** `stream` is asked once, for the first port. */
  constructor(stream: () => RandomStream) {
    this.#stream = stream;
  }

  /** The next free one; undefined when none is left. */
  take(isFree: (port: number) => boolean): number | undefined {
    if (this.#next < 0) this.#next = this.#stream().below(PORT_COUNT);
    for (let tries = 0; tries < PORT_COUNT; tries += 1) {
      const port = PORT_MIN + this.#next;
      this.#next = (this.#next + 1) % PORT_COUNT;
      if (isFree(port)) return port;
    }
    return undefined;
  }
}
