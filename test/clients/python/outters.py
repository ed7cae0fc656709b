"""The two parts of a client that send (ENG-010): basic requests (8), custom information, queries, ACKs, blobs (9 to 12)."""

import time

import contracts as c
from errors import DisconnectedException, EsfError, HandingException
from framing import header_bytes
from serializer import encode_arguments

TICKS_AT_1970 = 621355968000000000  # SER-019
FRAGMENT_FRAME = 21  # what a BlobFragmentContract takes beside the fragment (3.2)
CONTINUE, DISCARD = 0, 1  # ActionTypeOnChannelIsBusy


class _Part:
    def __init__(self, engine):
        self._engine = engine

    async def _ask(self, message_type, reply_type, target, body, clause):
        """Sends a request at once and waits for its reply; E_TIMEOUT, E_DISCONNECTED (QRY-004, QRY-009)."""
        engine = self._engine
        connection = engine.require_connection()
        message_id = engine.waiting.next_id()
        message = engine.message(message_type, message_id, target, body)
        if message_type == c.PING_BY_SERVER:
            connection.send(message)  # P2P-064
        else:
            engine.post(target, message)
        timeout = engine.settings.wait_response_timeout_secs
        return await engine.waiting.add(message_id, reply_type, target, timeout, clause)

    def _check_target(self, target):
        if target is not None:
            self._engine.check_user_id(target)


class BasicOutter(_Part):
    """Chapter 8."""

    async def _question(self, message_type, contract=None, **properties):
        body = encode_arguments(contract, **properties) if contract else b""
        return await self._ask(message_type, message_type, None, body, "BAS-019")

    def _check_user(self, user_id):
        self._engine.require_initialized()
        self._engine.check_user_id(user_id)

    async def get_my_ipe(self):
        """(address, port) as the server sees it (BAS-005)."""
        answer = await self._question(c.GET_MY_IPE)
        return (answer["IP"], answer["Port"])

    async def get_user_ipe(self, user_id):
        """(address, port), or None when the user is not online (BAS-006)."""
        self._check_user(user_id)
        answer = await self._question(c.GET_USER_IPE, "QueryIPEContract", UserID=user_id)
        return None if answer is None else (answer["IP"], answer["Port"])

    async def is_user_online(self, user_id):
        self._check_user(user_id)
        answer = await self._question(c.QUERY_ONLINE, "QueryOnlineContract", UserID=user_id)  # BAS-007
        return answer["Online"]

    async def are_users_online(self, user_ids):
        """A dict with one entry for each (BAS-008)."""
        self._engine.require_initialized()
        for user_id in user_ids:
            self._engine.check_user_id(user_id)
        answer = await self._question(c.QUERY_ONLINES, "QueryOnlinesContract", UserList=list(user_ids))
        online = answer["Result"] or {}
        return {user_id: online.get(user_id, False) for user_id in user_ids}

    async def get_all_online_users(self):
        answer = await self._question(c.GET_ALL_ONLINE_USERS)  # BAS-009
        return [user_id for user_id in answer["UserList"] or [] if user_id is not None]

    async def ping(self):
        """Round trip to the server in milliseconds (BAS-010)."""
        return await self._ping(None)

    async def ping_by_server(self, user_id):
        """Round trip to another user in milliseconds (BAS-011)."""
        self._check_user(user_id)
        return await self._ping(user_id)

    async def _ping(self, target):
        ticks = TICKS_AT_1970 + time.time_ns() // 100  # BAS-020
        start = time.perf_counter()
        body = encode_arguments("PingContract", SendTicks=ticks)
        await self._ask(c.PING_BY_SERVER, c.PING_ACK, target, body, "BAS-019")
        return (time.perf_counter() - start) * 1000

    def kick_out(self, user_id):
        """BAS-001: no answer comes."""
        self._check_user(user_id)
        engine = self._engine
        body = encode_arguments("KickOutContract", UserBeKickedOut=user_id)
        engine.require_connection().send(engine.message(c.KICK_OUT, engine.waiting.next_id(), None, body))

    def send_heart_beat_message(self):
        self._engine.send_heartbeat()  # HBT-013


class CustomizeOutter(_Part):
    """Chapters 9 to 12, and sendMessage of chapter 13. The target None is the server (CUS-017)."""

    def _information(self, target, information_type, info):
        self._check(target, information_type, info)
        return encode_arguments("BinaryInformationContract", Content=info, InformationType=information_type)

    def _check(self, target, information_type, content):
        self._engine.require_initialized()
        self._check_target(target)
        whole = isinstance(information_type, int) and not isinstance(information_type, bool)
        if not whole or not -0x80000000 <= information_type <= 0x7FFFFFFF:
            raise EsfError("E_ARGUMENT", "information type %r is no int32" % (information_type,))
        if content is not None and not isinstance(content, (bytes, bytearray)):
            raise EsfError("E_ARGUMENT", "content is %s, not bytes or None" % type(content).__name__)

    def send(self, target, information_type, info, post=False, action=CONTINUE):
        """Sends and does not wait; False when discarded because the channel is busy (CUS-001, CUS-010, CUS-016)."""
        body = self._information(target, information_type, info)
        engine = self._engine
        engine.require_connection()
        if action == DISCARD and engine.is_busy(target):
            return False
        kind = c.INFORMATION_BY_POST if post else c.INFORMATION_BY_SEND
        engine.post(target, engine.message(kind, engine.waiting.next_id(), target, body))
        return True

    def transfer_by_server(self, target, information_type, info, post=False, action=CONTINUE):
        """CUS-014."""
        if target is None:
            self._engine.require_initialized()
            raise EsfError("E_ARGUMENT", "target is None, a UserID is needed", "CUS-014")
        body = self._information(target, information_type, info)
        engine = self._engine
        connection = engine.require_connection()
        if action == DISCARD and connection.busy:
            return False
        kind = c.INFORMATION_BY_POST if post else c.INFORMATION_BY_SEND
        connection.send(engine.message(kind, engine.waiting.next_id(), target, body))
        return True

    async def query(self, target, information_type, info):
        """The answer's content, null staying null (QRY-002); HandingException for an empty body (QRY-003)."""
        body = self._information(target, information_type, info)
        answer = await self._ask(c.REQUEST, c.RESPONSE, target, body, "QRY-004")
        if answer is None:
            raise HandingException(target or c.SERVER_ID, information_type)
        return answer["Content"]

    async def send_certainly(self, target, information_type, info):
        """Returns on the Ack (ACK-001, ACK-005)."""
        body = self._information(target, information_type, info)
        await self._ask(c.INFORMATION_NEED_ACK, c.ACK, target, body, "ACK-004")

    async def send_blob(self, target, information_type, blob, fragment_size):
        """Returns when the last fragment has been handed to the transport (BLB-009)."""
        self._check(target, information_type, blob)
        await self._fragments(c.BLOB_INFORMATION, target, information_type, blob or b"", fragment_size)

    async def send_message(self, target, information_type, message, tag, fragment_size=None):
        """ENG-001, ENG-015."""
        self._check(target, information_type, message)
        if tag is not None and not isinstance(tag, str):
            raise EsfError("E_ARGUMENT", "tag is %s, not text or None" % type(tag).__name__)
        content = encode_arguments("BlobAndTagContract", Message=message, Tag=tag)
        if fragment_size is None:
            self._engine.require_connection()
            self._fragment(c.BLOB_BY_RAPID_ENGINE, target, information_type, -1, 0, content, True)
        else:
            await self._fragments(c.BLOB_BY_RAPID_ENGINE, target, information_type, content, fragment_size)

    async def _fragments(self, kind, target, information_type, blob, fragment_size):
        largest = self._engine.settings.max_length_of_message - FRAGMENT_FRAME
        largest -= header_bytes(self._engine.settings.max_length_of_user_id)
        if isinstance(fragment_size, bool) or not isinstance(fragment_size, int) or not 0 < fragment_size <= largest:
            text = "fragmentSize is %r, allowed is 1 to %d" % (fragment_size, largest)
            raise EsfError("E_ARGUMENT", text, "BLB-003")
        connection = self._engine.require_connection()
        connection.blob_count += 1  # BLB-014
        blob_id, blob = connection.blob_count, bytes(blob)
        for index, start in enumerate(range(0, max(len(blob), 1), fragment_size)):  # BLB-002, BLB-010
            if index > 0:
                await self._engine.room(target)  # BLB-005
                if self._engine.connection is not connection:
                    raise DisconnectedException("BLB-007")
            is_last = start + fragment_size >= len(blob)
            piece = blob[start : start + fragment_size]
            self._fragment(kind, target, information_type, blob_id, index, piece, is_last)

    def _fragment(self, kind, target, information_type, blob_id, index, piece, is_last):
        engine = self._engine
        body = encode_arguments(
            "BlobFragmentContract",
            BlobID=blob_id,
            Fragment=piece,
            FragmentIndex=index,
            InformationType=information_type,
            IsLast=is_last,
        )
        engine.post(target, engine.message(kind, engine.waiting.next_id(), target, body))

    # ---- the callback forms

    def query_with_handler(self, target, information_type, info, handler, tag=None):
        """handler(error or None, response or None, tag), exactly once (QRY-008)."""

        async def run():
            try:
                outcome = (None, await self.query(target, information_type, info))
            except EsfError as error:
                outcome = (error, None)
            handler(*outcome, tag)

        self._engine.spawn(run())

    def send_certainly_with_handler(self, target, information_type, info, handler, tag=None):
        """handler(succeed, tag), exactly once (ACK-005)."""
        self._engine.spawn(self._tell(self.send_certainly(target, information_type, info), handler, tag))

    def send_message_with_handler(self, target, information_type, message, tag, fragment_size, handler, handler_tag=None):
        """handler(succeed, handlerTag), exactly once (ENG-017)."""
        sending = self.send_message(target, information_type, message, tag, fragment_size)
        self._engine.spawn(self._tell(sending, handler, handler_tag))

    @staticmethod
    async def _tell(sending, handler, tag):
        try:
            await sending
            succeed = True
        except EsfError:
            succeed = False
        handler(succeed, tag)
