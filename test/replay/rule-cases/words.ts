/** Words that the rule cases are written in: one function a message, one a situation. */
import { MessageType } from '../../../spec/grammar/index.ts';
import { aSession, frameOf, Session, Timeline, type Said } from '../session.ts';
import type { ReplayOptions } from '../../../scenarios/replay/replay.ts';

export const T = MessageType;
export const NONE = new Uint8Array(0);

export type Scripted = Session | { readonly session: Session; readonly options: ReplayOptions };
export type RuleCase = {
  readonly broken: () => Scripted;
  readonly intact: () => Scripted;
  /** Other rules that the intact traffic breaks on purpose; none when absent. */
  readonly also?: readonly string[];
};

/** Rule name to its case. */
export type RuleCases = Readonly<Record<string, RuleCase>>;

export const info = (id: number, more: Partial<Said> = {}): Said => ({
  type: T.InformationBySend,
  id,
  value: { Content: Buffer.from('hi'), InformationType: 7 },
  ...more,
});
export const needAck = (id: number, more: Partial<Said> = {}): Said =>
  info(id, { type: T.InformationNeedAck, ...more });
export const ack = (id: number, more: Partial<Said> = {}): Said => ({ type: T.Ack, id, ...more });
export const request = (id: number, more: Partial<Said> = {}): Said => info(id, { type: T.Request, ...more });
export const response = (id: number, more: Partial<Said> = {}): Said => info(id, { type: T.Response, ...more });
export const beat = (id: number, more: Partial<Said> = {}): Said => ({ type: T.HeartBeat, id, ...more });
export const ping = (id: number, ticks: number, more: Partial<Said> = {}): Said => ({
  type: T.PingByServer,
  id,
  value: { SendTicks: ticks },
  ...more,
});
export const pingAck = (id: number, ticks: number, more: Partial<Said> = {}): Said =>
  ping(id, ticks, { type: T.PingAck, ...more });
export const fragment = (
  id: number,
  of: Partial<Record<string, unknown>> = {},
  type: number = T.BlobInformation,
): Said => ({
  type,
  id,
  value: { BlobID: 1, Fragment: Buffer.from('abcd'), FragmentIndex: 0, InformationType: 9, IsLast: false, ...of },
});
export const body = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex');
export const logon = (): Session => aSession().logon();
/** Bytes of a message with some of them replaced. */
export const patched = (said: Said, isFromServer: boolean, changes: Readonly<Record<number, number>>): Buffer => {
  const bytes = frameOf(said, isFromServer);
  for (const [at, value] of Object.entries(changes)) bytes[Number(at)] = value;
  return bytes;
};
/** Two users at one server. */
export const twoUsers = (): { alice: Session; bob: Session } => {
  const timeline = new Timeline();
  const alice = new Session(timeline).logon();
  return { alice, bob: new Session(timeline, { user: 'bob', clientPort: 50_002 }).logon() };
};
/** alice again over a second connection. */
export const replaced = (old: (session: Session) => void): Session => {
  const timeline = new Timeline();
  const first = new Session(timeline).logon();
  first.server({ type: T.BeingPushedOutNotify, id: 2 });
  old(first);
  new Session(timeline, { clientPort: 50_002 }).logon();
  return first;
};
export const asked = (
  type: number,
  answered: boolean,
  value: unknown,
  reply: unknown,
  contractType = type,
): Session => {
  const session = logon().client({ type, id: 2, value });
  if (answered) session.server({ type: contractType, id: 2, value: reply });
  session.wait(8).client(beat(3));
  return session.server(info(9)).wait(1);
};
export const userIpe = { IP: '10.0.0.2', Port: 50_001 };

export function logonWith(result: number): Session {
  return aSession().logon(result);
}

export function single(id: number, content: Uint8Array): Said {
  return fragment(id, { BlobID: -1, Fragment: content, IsLast: true }, T.BlobByRapidEngine);
}
