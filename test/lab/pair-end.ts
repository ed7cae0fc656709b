/**
 * One end of a pair, on any platform: it logs on, opens a channel to every peer it is to call, and sees whether queries pass
 * and over what. The same code runs in the lab's namespaces and in the simulator. It answers every query with its own bytes.
 */
import { LogonResult, P2PChannelMode, ProtocolType, rapidEngineFactory } from '../../impl/index.ts';
import type { RapidPassiveEngine } from '../../impl/index.ts';
import type { Endpoint, Platform } from '../../spec/platform.ts';

/** Over what the queries of a pair went: `nothing` when one was not answered. */
export type PairOutcome = 'direct' | 'relayed' | 'nothing';

const QUERIES = 5;

export class PairEnd {
  readonly #engine: RapidPassiveEngine;
  readonly #platform: Platform;

  constructor(platform: Platform) {
    this.#platform = platform;
    this.#engine = rapidEngineFactory.createPassiveEngine(platform);
  }

  /** @throws Error - the server refuses or cannot be reached. */
  async logon(userID: string, server: Endpoint): Promise<void> {
    const handler = {
      handleInformation: () => undefined,
      handleQuery: (_source: string | null, _type: number, info: Uint8Array | null) => info,
    };
    const { logonResult } = await this.#engine.initialize(userID, null, server.address, server.port, handler);
    if (logonResult !== LogonResult.Succeed) throw new Error(`${userID} was not let in: ${logonResult}`);
  }

  /** Calls all peers at once; gives what came of each, in their order. */
  call(peers: readonly string[]): Promise<readonly PairOutcome[]> {
    this.#engine.p2pController!.p2pChannelMode = P2PChannelMode.Udp;
    return Promise.all(peers.map((peer) => this.#callOne(peer)));
  }

  close(): void {
    this.#engine.close();
  }

  async #callOne(peer: string): Promise<PairOutcome> {
    await this.#opened(peer);
    for (let count = 0; count < QUERIES; count += 1) {
      const question = new Uint8Array([count, 1, 2, 3]);
      const answer = await this.#engine.customizeOutter.query(peer, 1, question).catch(() => null);
      this.#platform.noteAsyncEdge();
      if (answer?.join() !== question.join()) return 'nothing';
    }
    const state = this.#engine.p2pController!.getP2PChannelState(peer);
    return state?.protocolType === ProtocolType.Udp ? 'direct' : 'relayed';
  }

  /** Resolves when the channel is there, or the try has failed. */
  #opened(peer: string): Promise<void> {
    const controller = this.#engine.p2pController!;
    return new Promise((resolve) => {
      const settle = (user: string): void => {
        if (user !== peer) return;
        resolve();
        this.#platform.noteAsyncEdge();
      };
      controller.p2pChannelOpened.add((state) => settle(state.destUserID));
      controller.p2pConnectFailed.add(settle);
      controller.p2pConnectAsyn(peer);
    });
  }
}
