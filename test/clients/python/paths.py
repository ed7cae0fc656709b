"""The way to one user, and changing it without loss (18.9).

Messages take one way at a time: the server, or a channel. Whenever the way changes, they wait here until the other side
has said what came of all that took the old one.
"""

import asyncio
import logging
from collections import deque

import contracts as c
from serializer import encode_contract

log = logging.getLogger("esf")

ASK_SECS = 30.0  # P2P-057
BURST_BYTES = 65536  # FIL-019


class Path:
    """`engine` gives `message()`, `connection` and `waiting`; `channels` are the open ones, the one to use first."""

    def __init__(self, engine, user_id):
        self.user_id = user_id
        self.channels = []
        self._engine = engine
        self._way = None  # a channel, or None for the server
        self._mark = None  # message id of the P2PPathMark that is not answered
        self._debts = deque()  # ended channels whose messages are not settled
        self._asked = None  # the debt that was asked about
        self._ask_timer = None
        self._queue = deque()
        self._room = []  # futures of those who wait for room
        self._room_bytes = 0

    # ---- messages

    def send(self, message):
        self._queue.append(message)
        self._flush()

    @property
    def way(self):
        """The channel that messages take, None for the server."""
        return self._way

    @property
    def idle(self):
        """Nothing to remember: the server is the way and nothing waits."""
        return not (self.channels or self._queue or self._debts or self._way or self._mark)

    @property
    def busy(self):
        return bool(self._queue) or (self._way is not None and self._way.busy)

    async def room(self):
        """Returns when a sender of much may go on (BLB-005, FIL-019)."""
        self._engine.require_connection()
        while self._queue or (self._way is not None and self._way.link.waiting_bytes > BURST_BYTES):
            future = asyncio.get_running_loop().create_future()
            self._room.append(future)
            await future
            self._engine.require_connection()
        if self._way is None:
            await self._engine.require_connection().room()
        else:
            await asyncio.sleep(0)

    def _flush(self):
        self._settle()
        while self._queue and not self._mark and not self._debts:
            if self._way is not None:
                if self._way.ended or not self._way.has_room:
                    break
                self._way.send(self._queue.popleft())
            elif self._engine.connection is not None:
                self._engine.connection.send(self._queue.popleft())
            else:
                break
        if not self._queue:
            self._wake()

    def _wake(self):
        waiting, self._room = self._room, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    # ---- channels come and go

    def opened(self, channel):
        self.channels.append(channel)
        self._flush()

    def closed(self, channel):
        """P2P-053: what was not counted has to be settled before anything else is sent."""
        if channel in self.channels:
            self.channels.remove(channel)
        if channel.unsure:
            self._debts.append(channel)
        if self._way is channel:
            self._way = None
        self._flush()

    def progress(self, _channel):
        self._flush()

    def _settle(self):
        """Asks about the oldest debt, or moves to the best channel."""
        if self._engine.connection is None:
            return
        if self._debts:
            if self._asked is None:
                self._asked = self._debts[0]
                self._by_server(c.P2P_STREAM_ASK, "P2PStreamContract", StreamID=self._asked.stream_id)
                loop = asyncio.get_running_loop()
                self._ask_timer = loop.call_later(ASK_SECS, self.final, self._asked.stream_id, -1)
        elif self._way is None and self.channels and self._mark is None:
            self._mark = self._by_server(c.P2P_PATH_MARK)  # P2P-051

    def _by_server(self, message_type, contract=None, **properties):
        body = encode_contract(contract, **properties) if contract else b""
        message = self._engine.message(message_type, self._engine.waiting.next_id(), self.user_id, body)
        self._engine.connection.send(message)
        return message.message_id

    # ---- answers

    def marked(self, message_id):
        """All that went through the server has arrived."""
        if message_id != self._mark:
            return
        self._mark = None
        if self.channels and not self._debts:
            self._way = self.channels[0]
        self._flush()

    def final(self, stream_id, count):
        """P2PStreamFinal: so much came out of the own stream; the rest goes again (P2P-053), or never (P2P-057)."""
        channel = next((each for each in self._debts if each.stream_id == stream_id), None)
        if channel is None:
            channel = next((each for each in self.channels if each.stream_id == stream_id), None)
            if channel is not None and count >= 0:
                channel.forget_counted(count)
            return
        if count < 0:
            log.warning("%d messages to %s may be lost with their channel", len(channel.unsure), self.user_id)
            channel.unsure.clear()
        else:
            channel.forget_counted(count)
        self._debts.remove(channel)
        self._queue.extendleft(message for message, _size in reversed(channel.unsure))
        if self._asked is channel:
            self._stop_asking()
        self._flush()

    def gone(self):
        """The user is not online: nobody can say what arrived (P2P-057)."""
        self._mark = None
        while self._debts:
            self.final(self._debts[0].stream_id, -1)
        self._flush()

    def server_lost(self):
        """P2P-058: marks and questions of the old connection are void; debts are settled after the relogon."""
        self._mark = None
        self._stop_asking()
        self._wake()

    def server_back(self):
        self._flush()

    def _stop_asking(self):
        self._asked = None
        if self._ask_timer is not None:
            self._ask_timer.cancel()
            self._ask_timer = None
