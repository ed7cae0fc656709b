/**
 * The reference server that adapter-check lets the adapter log on to: records what arrives, answers queries by the rules.
 *
 * Not a stage: no hardship, no scaled time. UserIDs starting with `no` are refused, with a failure cause beyond ASCII.
 */
import { rapidEngineFactory } from '../../impl/index.ts';
import type { RapidServerEngine } from '../../impl/index.ts';
import { createNodePlatform } from '../../impl/platform/node.ts';
import { adapterConfig } from './exec-config.ts';
import type { AdapterConfig } from './exec-config.ts';
import { answerByRule } from './query-rules.ts';

/** The failure cause of a refused logon; the snowman finds adapters that do not write UTF-8. */
export const REFUSAL = 'refused: grüße ☃';

type Arrived = { readonly source: string; readonly informationType: number; readonly info: Uint8Array | null };

export type CheckServer = {
  readonly address: string;
  readonly port: number;
  readonly engine: RapidServerEngine;
  /** Information for the server, in order of arrival. */
  readonly arrived: readonly Arrived[];
  /** What every instance is opened with. */
  readonly config: AdapterConfig;
  close(): void;
};

/** Starts it on a free port of the loopback interface. @param timeoutFactor - Multiplies the waiting times. */
export async function startCheckServer(timeoutFactor: number): Promise<CheckServer> {
  const platform = createNodePlatform({ bindAddress: '127.0.0.1' });
  const engine = rapidEngineFactory.createServerEngine(platform);
  const arrived: Arrived[] = [];
  engine.waitResponseTimeoutInSecs = timeoutFactor;
  await engine.initialize(
    0,
    {
      handleInformation: (source, informationType, info) =>
        void arrived.push({ source: source ?? '', informationType, info }),
      handleQuery: (_source, informationType, info) => answerByRule(platform, informationType, info),
    },
    { verifyUser: (_token, userID) => (userID.startsWith('no') ? { ok: false, failureCause: REFUSAL } : { ok: true }) },
  );
  const config = adapterConfig({ waitResponseTimeoutInSecs: 0.8 * timeoutFactor, autoReconnect: false }, 1);
  return { address: '127.0.0.1', port: engine.port, engine, arrived, config, close: () => engine.close() };
}
