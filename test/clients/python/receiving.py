"""What a client does with the messages it receives (chapters 8 to 13)."""

import inspect
import logging
from collections import deque

import contracts as c
from errors import BodyError, DisconnectedException, EsfError
from framing import body_value
from lifecycle import Lifecycle
from serializer import decode_contract, encode_contract

log = logging.getLogger("esf")


class Receiving(Lifecycle):
    """Sorts messages. Information is handled one after the other, also when the handler is asynchronous (CUS-004,
    CUS-022); queries, replies and ACKs wait for nobody."""

    def __init__(self, settings=None):
        super().__init__(settings)
        self._handler = None
        self._inbox = deque()
        self._inbox_busy = False

    def _handle_message(self, connection, message):
        kind = message.message_type
        if kind not in c.RECEIVED_BY_CLIENT:
            return  # FRM-008, FRM-033
        try:
            value = body_value(message)
        except BodyError as error:
            log.warning("message of type %d: %s", kind, error)
            connection.decoder.refuse_body()  # FRM-019
            connection.end(connection.decoder.invalid)
            return
        source = self._user_of(message.source_id)
        if connection is not self.connection:
            if kind == c.LOGON and source is None and message.message_id == connection.logon_id:
                self._logon_answered(connection, value)
            return
        self._sort(connection, message, source, value, None)

    def take_from_channel(self, channel, message, value):
        """A message of another user over a direct channel; what the channel itself is told stays there (18.8)."""
        if self.connection is not None and message.message_type not in c.P2P:
            self._sort(self.connection, message, channel.user_id, value, channel)

    def _sort(self, connection, message, source, value, channel):
        kind = message.message_type
        if kind in (c.INFORMATION_BY_POST, c.INFORMATION_BY_SEND):
            self._information(source, value["InformationType"], value["Content"])
        elif kind == c.INFORMATION_NEED_ACK:
            self._reply(connection, message, c.ACK)  # ACK-002: before the handler
            self._information(source, value["InformationType"], value["Content"])
        elif kind == c.REQUEST:
            self._request(connection, message, source, value)
        elif kind in (c.PING_BY_SERVER, c.PING_BY_P2P_CHANNEL):
            self._reply(connection, message, c.PING_ACK, message.body)  # BAS-012, P2P-066
        elif kind in (c.BLOB_INFORMATION, c.BLOB_BY_RAPID_ENGINE):
            self._fragment(kind, source, value)
        elif kind in (c.RESPONSE, c.ACK, c.PING_ACK):
            self.waiting.answer(kind, message.message_id, source, value)
        elif kind in c.FILES:
            self.file_outter.handle(kind, source, value, channel)
        elif kind in c.P2P:
            self.p2p_controller.from_server(kind, source, message, value)
        elif source is None:
            self._from_server(kind, message, value)  # SEC-016: a notice from elsewhere is none

    def _from_server(self, kind, message, value):
        if kind == c.HEARTBEAT:
            self._heartbeat.seen()
        elif kind == c.BEING_PUSHED_OUT_NOTIFY:
            self._ended_by_notice(self.being_pushed_out)
        elif kind == c.BEING_KICKED_OUT_NOTIFY:
            self._ended_by_notice(self.being_kicked_out)
        else:
            self.waiting.answer(kind, message.message_id, None, value)

    # ---- information and messages

    def _fragment(self, kind, source, fragment):
        whole = self._blobs.take(source, kind, fragment)
        if whole is None:
            return
        information_type, content = whole
        if kind == c.BLOB_INFORMATION:
            self._information(source, information_type, content)  # BLB-004
            return
        try:
            message = decode_contract("BlobAndTagContract", content or b"")
        except BodyError as error:
            message = None
            log.warning("sendMessage of %s dropped: %s", source, error)  # ENG-018
        if message is not None:
            arguments = (source, information_type, message["Message"], message["Tag"])
            self._deliver(lambda: self.message_received(*arguments))  # ENG-016

    def _information(self, source, information_type, content):
        if self._handler is not None:
            self._deliver(lambda: self._handler.handle_information(source, information_type, content))

    def _deliver(self, call):
        """Calls now, or after everything that came earlier."""
        if self._inbox_busy:
            self._inbox.append(call)
            return
        pending = self._call(call)
        if pending is not None:
            self._inbox_busy = True
            self.spawn(self._work_off(pending))

    async def _work_off(self, pending):
        try:
            while not self.closed:
                if pending is not None:
                    await self._guarded(pending)
                if not self._inbox:
                    return
                pending = self._call(self._inbox.popleft())
        finally:
            self._inbox_busy = False

    @staticmethod
    def _call(call):
        """What there is to wait for, or None; a handler that throws is logged (CUS-009)."""
        try:
            result = call()
        except Exception:
            log.exception("the information handler threw")
            return None
        return result if inspect.isawaitable(result) else None

    @staticmethod
    async def _guarded(pending):
        try:
            await pending
        except Exception:
            log.exception("the information handler threw")

    # ---- queries

    def _request(self, connection, message, source, value):
        """QRY-012: the handler once, then the answer; without a handler the empty answer (QRY-018)."""
        if self._handler is None:
            self._reply(connection, message, c.RESPONSE)
            return
        try:
            result = self._handler.handle_query(source, value["InformationType"], value["Content"])
        except Exception:
            log.exception("the query handler threw")
            self._reply(connection, message, c.RESPONSE)  # QRY-016
            return
        if inspect.isawaitable(result):
            self.spawn(self._answer_later(connection, message, value["InformationType"], result))
        else:
            self._answer(connection, message, value["InformationType"], result)

    async def _answer_later(self, connection, message, information_type, pending):
        try:
            result = await pending
        except Exception:
            log.exception("the query handler threw")
            self._reply(connection, message, c.RESPONSE)  # QRY-016
            return
        self._answer(connection, message, information_type, result)

    def _answer(self, connection, message, information_type, result):
        """QRY-015; too large an answer goes as the empty one (QRY-013)."""
        try:
            body = encode_contract("BinaryInformationContract", Content=result, InformationType=information_type)
        except BodyError as error:
            log.error("the query handler returned what cannot be sent: %s", error)
            body = b""
        self._reply(connection, message, c.RESPONSE, body)

    def _reply(self, connection, message, reply_type, body=b""):
        """FRM-012: same message id, to the source, over the connection the request came on, or to a user by the way
        of that moment (P2P-060); an answer to a ping always through the server (P2P-064)."""
        source = self._user_of(message.source_id)
        reply = self.message(reply_type, message.message_id, source, body)
        try:
            if reply_type == c.PING_ACK or connection is not self.connection:
                connection.send(reply)
            else:
                self.post(source, reply)
        except DisconnectedException:
            log.info("no reply to %s: the connection has ended", message.source_id)
        except EsfError as error:
            log.warning("reply to %s: %s", message.source_id, error.text)
            if body:
                self._reply(connection, message, reply_type)
