/** A bare TCP client: connects to a server, logs on when told to, sends any bytes. See raw-connection.ts. */
import { AUTHORIZED_USER_DEFAULT, USER_ID_BYTES_MAX_DEFAULT, VERSION_DEFAULT } from '../../spec/limits.ts';
import { LogonResult } from '../../spec/errors.ts';
import type { Endpoint } from '../../spec/platform.ts';
import { MessageType } from '../../spec/grammar/index.ts';
import { codecs } from '../../impl/wire/index.ts';
import type { SubjectContext } from './client-recorder.ts';
import { CheckFailed } from './failures.ts';
import { RawPeerConnection } from './raw-connection.ts';
import type { RawClient } from './raw-peer.ts';

export type RawClientOptions = { readonly userID?: string; readonly userIdBytesMax?: number };

/** Connects; resolves when the handshake is done. */
export async function connectRawClient(
  context: SubjectContext,
  server: Endpoint,
  options: RawClientOptions = {},
): Promise<RawClient> {
  const client = new RawPeerClient(context, options);
  await client.connect(server);
  return client;
}

class RawPeerClient extends RawPeerConnection implements RawClient {
  readonly #context: SubjectContext;
  readonly #name: { userID: string };

  constructor(context: SubjectContext, options: RawClientOptions) {
    const name = { userID: options.userID ?? '' };
    super({
      context,
      label: options.userID ?? context.host.name,
      userIdBytesMax: options.userIdBytesMax ?? USER_ID_BYTES_MAX_DEFAULT,
      sourceId: () => name.userID,
      clientType: 0,
    });
    this.#context = context;
    this.#name = name;
    context.journal.addSubject(options.userID ?? context.host.name, 'raw', context.host.name);
    if (options.userID !== undefined) context.journal.rawNames.add(options.userID);
  }

  async connect(server: Endpoint): Promise<void> {
    await this.#context.world.route(this.#context.host.name, server);
    this.attach(this.#context.host.platform.connectTcp({ remote: server }, this.handlers), false);
    await this.opened();
  }

  async logon(
    userID: string,
    options: { readonly password?: string; readonly expect?: number; readonly clause?: string } = {},
  ): Promise<void> {
    this.#name.userID = userID;
    const body = codecs.ReqLogonContract.encode({
      AuthorizedUser: AUTHORIZED_USER_DEFAULT,
      Password: options.password ?? null,
      SystemToken: null,
      Version: VERSION_DEFAULT,
    });
    this.send({ messageType: MessageType.Logon, sourceId: userID, body });
    const clause = options.clause ?? 'LOG-003';
    const reply = await this.expect(MessageType.Logon, { clause });
    const decoded = codecs.ResLogonContract.decode(reply.body);
    const wanted = options.expect ?? LogonResult.Succeed;
    const actual = decoded.ok
      ? String(decoded.value.LogonResult)
      : `a body that is no ResLogonContract: ${decoded.error.detail}`;
    if (!decoded.ok || decoded.value.LogonResult !== wanted) {
      throw new CheckFailed(`the logon of ${userID} was answered wrongly`, {
        clause,
        expected: String(wanted),
        actual,
      });
    }
  }
}
