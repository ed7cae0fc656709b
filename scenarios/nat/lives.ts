/**
 * How long the UDP sessions of a NAT live, by what passed before: asked from behind it, over any platform, in as many seconds
 * as the longest life. All trials run at once, each on a socket of its own.
 *
 * For NATs that keep ports and admit only whom a session is with; others are asked by `lifetimeSecs` in `classify.ts`.
 */
import type { Endpoint, Platform } from '../../spec/platform.ts';
import { openAsker, sleep } from './asker.ts';
import type { Asker } from './asker.ts';

/** Idle lives in whole seconds; undefined is longer than what was asked for. */
export type SeenLives = {
  /** One packet went out, nothing came back. */
  readonly unansweredSecs: number | undefined;
  /** One question, one answer. */
  readonly answeredSecs: number | undefined;
  /** Questions and answers over more than two seconds. */
  readonly streamSecs: number | undefined;
  /** Packets from outside alone keep a session alive. */
  readonly inboundRefreshes: boolean;
};

const SECOND = 1_000_000;
/** Between question and question of a stream: more than the two seconds of Linux's connection tracking. */
const STREAM_MICROS = 2.5 * SECOND;
const REFRESH_MICROS = 2 * SECOND;
/** A port of the NAT that nobody has. */
const NOBODY = 9;

type Prepare = (platform: Platform, idle: Asker, servers: Servers) => Promise<void>;
type Servers = { readonly server: Endpoint; readonly second: Endpoint };

const unanswered: Prepare = (_platform, idle, { server }) => {
  idle.send(server, { responsePort: NOBODY });
  return Promise.resolve();
};

const answered: Prepare = async (_platform, idle, { server }) => {
  await idle.mustAsk(server);
};

const stream: Prepare = async (platform, idle, { server }) => {
  await idle.mustAsk(server);
  await sleep(platform, STREAM_MICROS);
  await idle.mustAsk(server);
};

/** Asks. @param second - The server's other address. @param secsMax - The longest life that is looked for. */
export async function livesOf(platform: Platform, servers: Servers, secsMax: number): Promise<SeenLives> {
  const lifeAfter = async (prepare: Prepare): Promise<number | undefined> => {
    const trials = Array.from({ length: secsMax }, (_, index) => isAlive(platform, servers, prepare, index + 0.5));
    const life = (await Promise.all(trials)).indexOf(false);
    return life < 0 ? undefined : life;
  };
  const [unansweredSecs, answeredSecs, streamSecs, inboundRefreshes] = await Promise.all([
    lifeAfter(unanswered),
    lifeAfter(answered),
    lifeAfter(stream),
    outlivesByInbound(platform, servers, secsMax),
  ]);
  return { unansweredSecs, answeredSecs, streamSecs, inboundRefreshes };
}

/** Whether a session still lets its server in after so many idle seconds. */
async function isAlive(platform: Platform, servers: Servers, prepare: Prepare, secs: number): Promise<boolean> {
  const [idle, other] = [await openAsker(platform), await openAsker(platform)];
  const { mapped } = await idle.mustAsk(servers.second);
  await prepare(platform, idle, servers);
  const before = idle.strays;
  await sleep(platform, secs * SECOND);
  other.send(servers.server, { responsePort: mapped.port });
  await idle.wait();
  idle.close();
  other.close();
  return idle.strays > before;
}

async function outlivesByInbound(platform: Platform, servers: Servers, secs: number): Promise<boolean> {
  const [idle, other] = [await openAsker(platform), await openAsker(platform)];
  const { mapped } = await idle.mustAsk(servers.second);
  await stream(platform, idle, servers);
  const rounds = Math.ceil((secs * SECOND) / REFRESH_MICROS) + 1;
  for (let round = 0; round < rounds; round += 1) {
    await sleep(platform, REFRESH_MICROS);
    other.send(servers.server, { responsePort: mapped.port });
  }
  await idle.wait();
  idle.close();
  other.close();
  return idle.strays === rounds;
}
