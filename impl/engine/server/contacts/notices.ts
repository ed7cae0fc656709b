/**
 * Tells contacts who came and who went (CON-009, CON-010), at once or in turns of its own (CON-016).
 *
 * Drive it: `handlePresence` for each change of a user, `close` at the end.
 */
import type { Platform, Timer } from '../../../../spec/platform.ts';
import { SERVER_ID } from '../../../../spec/limits.ts';
import { MessageType } from '../../../../spec/grammar/index.ts';
import { codecs, encodeMessage } from '../../../wire/index.ts';
import type { FrameLimits } from '../../../wire/index.ts';
import type { ContactsController } from '../../api-contacts.ts';
import { ClientType } from '../../enums.ts';
import { describeError } from '../../event.ts';
import type { Delivery } from '../delivery.ts';
import type { Relations } from './relations.ts';

export type NoticeWorld = {
  readonly platform: Platform;
  readonly limits: FrameLimits;
  readonly delivery: Delivery;
  readonly relations: Relations;
  readonly nextMessageId: () => number;
  readonly switches: Pick<
    ContactsController,
    'contactsConnectedNotifyEnabled' | 'contactsDisconnectedNotifyEnabled' | 'useContactsNotifyThread'
  >;
};

type Change = { readonly userID: string; readonly online: boolean };

/** The notices of one server. */
export class ContactsNotices {
  readonly #world: NoticeWorld;
  readonly #waiting: Change[] = [];
  #turn: Timer | undefined;

  constructor(world: NoticeWorld) {
    this.#world = world;
  }

  handlePresence(userID: string, online: boolean): void {
    const { platform, switches } = this.#world;
    if (!(online ? switches.contactsConnectedNotifyEnabled : switches.contactsDisconnectedNotifyEnabled)) return;
    const change = { userID, online };
    // What waits goes first, also when the switch has been turned off meanwhile: the last notice has to be the truth.
    if (!switches.useContactsNotifyThread && this.#waiting.length === 0) {
      this.#tell(change);
      return;
    }
    this.#waiting.push(change);
    this.#turn ??= platform.setTimer(0, this.#takeTurn);
  }

  close(): void {
    this.#turn?.cancel();
    this.#turn = undefined;
    this.#waiting.length = 0;
  }

  /** One user a turn: logons and messages go in between. */
  readonly #takeTurn = (): void => {
    this.#turn = undefined;
    const change = this.#waiting.shift();
    if (change === undefined) return;
    if (this.#waiting.length > 0) this.#turn = this.#world.platform.setTimer(0, this.#takeTurn);
    this.#tell(change);
  };

  #tell(change: Change): void {
    const { delivery, platform, relations } = this.#world;
    const { userID } = change;
    for (const contact of relations.contactsOf(userID)) {
      // In a cluster every server hears of the change and tells its own users, so that none depends on one that died.
      if (contact === userID || !delivery.isHere(contact)) continue;
      try {
        delivery.deliver(contact, this.#notice(contact, change), false);
      } catch (error) {
        platform.log('warn', `${contact} cannot be told about ${userID}: ${describeError(error)} (LIM-007)`);
      }
    }
  }

  #notice(contact: string, { userID, online }: Change): Uint8Array {
    const messageType = online ? MessageType.ContactsConnectedNotify : MessageType.ContactsOfflineNotify;
    const messageId = this.#world.nextMessageId();
    const header = { clientType: ClientType.Others, messageType, messageId, sourceId: SERVER_ID, destId: contact };
    return encodeMessage(header, codecs.UserContract, { UserID: userID }, this.#world.limits);
  }
}
