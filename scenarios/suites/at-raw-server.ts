/** The commonest beginning of a case about a client: `alice`, logged on to a bare server that sees every byte. */
import type { Stage } from '../api.ts';
import type { ClientOptions, ClientSubject } from '../attach/client-subject.ts';
import type { RawConnection, RawServer } from '../attach/raw-peer.ts';

export type AtRawServer = {
  readonly alice: ClientSubject;
  readonly raw: RawServer;
  readonly connection: RawConnection;
};

/** Logs `alice` on; so far the server has seen nothing but her Logon. */
export async function aliceAtRawServer(stage: Stage, options?: ClientOptions): Promise<AtRawServer> {
  const raw = await stage.rawServer();
  const alice = await stage.client('alice', options);
  const [{ connection }] = await Promise.all([raw.acceptLogon(), alice.logon(raw)]);
  return { alice, raw, connection };
}
