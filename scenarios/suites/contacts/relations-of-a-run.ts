/** A contacts manager over two tables, as every case here needs one; the tables may change while the server runs. */
import type { ContactsManager } from '../../../impl/index.ts';
import type { Stage } from '../../api.ts';
import type { ClientEvent, ClientSubject } from '../../attach/client-subject.ts';
import type { RawClient } from '../../attach/raw-peer.ts';
import type { ServerOptions, ServerSubject } from '../../attach/server-subject.ts';

export type Tables = {
  contacts: Readonly<Record<string, readonly string[]>>;
  groups: Readonly<Record<string, readonly string[]>>;
};

/** Lists from the tables; what stands in none is empty. */
function managerOf(tables: Tables): ContactsManager {
  return {
    getContacts: (userID) => tables.contacts[userID] ?? [],
    getGroupMemberList: (groupID) => tables.groups[groupID] ?? [],
  };
}

/** A server whose relations are in these tables. */
export function serverWith(stage: Stage, tables: Partial<Tables>, options: ServerOptions = {}): Promise<ServerSubject> {
  const manager = managerOf(Object.assign(tables, { contacts: tables.contacts ?? {}, groups: tables.groups ?? {} }));
  return stage.server({
    ...options,
    beforeStart: (engine) => {
      engine.contactsManager = manager;
      options.beforeStart?.(engine);
    },
  });
}

/** The notices a client has had, as `+bob` and `-bob`. */
export function noticesOf(client: ClientSubject, from = 0): string[] {
  return client.events
    .slice(from)
    .flatMap((event) =>
      event.kind === 'contactsConnected' || event.kind === 'contactsOffline'
        ? [`${event.kind === 'contactsConnected' ? '+' : '-'}${event.userID}`]
        : [],
    );
}

type BroadcastEvent = Extract<ClientEvent, { kind: 'broadcastReceived' }>;

/** The broadcasts a client has had. */
export function broadcastsOf(client: ClientSubject): BroadcastEvent[] {
  return client.events.filter((event): event is BroadcastEvent => event.kind === 'broadcastReceived');
}

/** The engine behind a client of a case with `clients: 'reference'`. */
export function contactsOf(client: ClientSubject): NonNullable<ClientSubject['engine']>['contactsOutter'] {
  if (client.engine === null) throw new Error('this case needs the reference engine as its client');
  return client.engine.contactsOutter;
}

/** Sends to `slow`, who does not read, until the transport takes no more and the channel stays busy. */
export async function fillChannel(stage: Stage, server: ServerSubject, slow: RawClient): Promise<void> {
  slow.pause();
  const { customizeController } = server.engine;
  for (let count = 0; count < 60; count++) {
    if (!customizeController.send('slow', 1, stage.payload(200_000), false, 1)) {
      // What the windows still hold goes out now.
      await stage.sleep(0.5);
      if (!customizeController.send('slow', 1, stage.payload(200_000), false, 1)) return;
    }
    await stage.sleep(0.01);
  }
  stage.check(false, 'CON-025', 'a channel that nobody reads never gets busy');
}
