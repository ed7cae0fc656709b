/** Faults in information with ACK (chapter 11). */
import type { Mutant } from '../mutant.ts';

export const mutants: readonly Mutant[] = [
  {
    id: 'M-ACK-001',
    title: 'sendCertainly sends a Request',
    clause: 'ACK-001',
    file: 'engine/ask-information',
    find: '{ messageType: MessageType.InformationNeedAck, expects: MessageType.Ack }',
    replace: '{ messageType: MessageType.Request, expects: MessageType.Ack }',
  },
  {
    id: 'M-ACK-002',
    title: 'the Ack leaves after the handler',
    clause: 'ACK-002',
    file: 'engine/receive',
    find: 'peer.post({ messageType: MessageType.Ack, messageId: frame.messageId, destId: destIdOf(sender) }, null, null); peer.noteInformation(InformationType, Content); if (peer.isOpen) callHandleInformation(peer, sender, InformationType, Content);',
    replace:
      'const id = frame.messageId; peer.noteInformation(InformationType, Content); if (peer.isOpen) callHandleInformation(peer, sender, InformationType, Content); peer.world.platform.setTimer(50000, () => peer.post({ messageType: MessageType.Ack, messageId: id, destId: destIdOf(sender) }, null, null));',
  },
  {
    id: 'M-ACK-003',
    title: 'a handler that throws ends the connection before the Ack is out',
    clause: 'ACK-003',
    file: 'engine/call-handler',
    find: "platform.log('error', `handleInformation threw for information ${informationType}: ${describeError(error)}`);",
    replace: 'throw error;',
  },
  {
    id: 'M-ACK-004',
    title: 'a missing Ack counts as an Ack after the waiting time',
    clause: 'ACK-004',
    file: 'engine/requests',
    find: 'due.reject(new TimeoutException());',
    replace: 'due.resolve({ Content: null, InformationType: 0 }, 0);',
  },
  {
    id: 'M-ACK-005',
    title: 'the promise resolves as soon as the information is sent',
    clause: 'ACK-005',
    file: 'engine/requests',
    find: 'question.send(id); }',
    replace: 'question.send(id); if (question.expects === 105) resolve(undefined); }',
  },
  {
    id: 'M-ACK-005b',
    title: 'the handler of the callback form is told success whatever happened',
    clause: 'ACK-005',
    file: 'engine/callbacks',
    find: 'handler(false, tag)',
    replace: 'handler(true, tag)',
  },
  {
    id: 'M-ACK-008',
    title: 'calls that wait for an Ack outlive their connection',
    clause: 'ACK-008',
    file: 'engine/requests',
    find: 'this.#failEach(this.#pending.takeAll(), error);',
    replace: 'if (this.#pending.size > 99) this.#failEach(this.#pending.takeAll(), error);',
  },
  {
    id: 'M-ACK-009',
    title: 'information with ACK is sent twice',
    clause: 'ACK-009',
    file: 'engine/ask-information',
    find: 'send: (messageId) => target.post(',
    replace:
      'send: (messageId) => void (types.expects === 105 && target.post({ messageType: types.messageType, messageId, destId: target.destId }, codecs.BinaryInformationContract, body)) || target.post(',
  },
  {
    id: 'M-ACK-010',
    title: 'a reply of any type settles a call that waits for an Ack',
    clause: 'ACK-010',
    file: 'core/pending-replies',
    find: 'if (pending?.asked !== reply.from || pending.expects !== reply.messageType) return undefined;',
    replace:
      'if (pending === undefined || (pending.expects !== 105 && pending.asked !== reply.from)) return undefined;',
  },
  {
    id: 'M-ACK-011',
    title: 'an Ack carries an id of its own',
    clause: 'ACK-011',
    file: 'engine/receive',
    find: 'messageType: MessageType.Ack, messageId: frame.messageId,',
    replace: 'messageType: MessageType.Ack, messageId: frame.messageId + 1,',
  },
  {
    id: 'M-ACK-013',
    title: 'the server goes on waiting for the Ack of a user who has left',
    clause: 'ACK-013',
    file: 'engine/requests',
    find: 'this.#failEach(this.#pending.takeAsked(asked), error);',
    replace: 'if (asked === "") this.#failEach(this.#pending.takeAsked(asked), error);',
  },
  {
    id: 'M-ACK-014',
    title: 'an Ack for nobody is reported as information that could not be delivered',
    clause: 'ACK-014',
    file: 'engine/server/forward',
    find: '[MessageType.Ack, (_connection, frame) => void pass(frame)],',
    replace:
      '[MessageType.Ack, (connection, frame) => void (pass(frame) || context.events.transmitFailed.raise({ sourceID: connection.userID, destID: frame.destId(), informationType: 0, content: null }))],',
  },
];
