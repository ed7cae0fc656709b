"""A direct channel (18.8): a link with messages on it, counted in each direction."""

import asyncio

import contracts as c
from errors import BodyError
from framing import FrameDecoder, body_value, encode_message
from serializer import encode_contract

COUNT_SECS, COUNT_BYTES = 0.1, 65536  # P2P-044
STREAM_BYTES_MAX = 4 << 20  # P2P-055
NOT_COUNTED = {
    c.P2P_CHANNEL_HELLO, c.P2P_CHANNEL_PROBE, c.P2P_CHANNEL_COUNT, c.P2P_PATH_MARKED, c.P2P_STREAM_FINAL,
}  # fmt: skip
ONLY_HERE = {c.P2P_CHANNEL_HELLO, c.P2P_CHANNEL_PROBE, c.P2P_CHANNEL_COUNT}


class Channel:
    """`on_open(channel)`, `on_message(channel, message, value)`, `on_progress(channel)` after a count, and
    `on_closed(channel)` once. `unsure` holds the messages of the own stream that were not counted."""

    def __init__(self, engine, link, stream_id, on_open, on_message, on_progress, on_closed):
        self.link, self.user_id, self.stream_id = link, link.user_id, stream_id
        self.peer_stream = None
        self.opened = self.ended = False
        self.unsure = []  # (message, bytes)
        self.unsure_bytes = 0
        self.received = 0  # messages of the other's stream
        self.sent = 0
        self._counted = 0  # of the own stream
        self._answered = False
        self._engine = engine
        self._on_open, self._on_message = on_open, on_message
        self._on_progress, self._on_closed = on_progress, on_closed
        self._decoder = FrameDecoder(*engine.settings.limits)
        self._loop = asyncio.get_running_loop()
        self._heard = self._loop.time()
        self._uncounted_bytes = 0
        self._count_timer = self._beat_timer = None
        link.on_message, link.on_closed = self._bytes, lambda _reason: self._end()
        link.rudp.on_drained = lambda: self._on_progress(self)
        self._say(c.P2P_CHANNEL_HELLO, "P2PStreamContract", StreamID=stream_id)  # P2P-040
        self._watch()

    # ---- sending

    @property
    def has_room(self):
        return self.unsure_bytes < STREAM_BYTES_MAX

    @property
    def busy(self):
        return self.link.unacknowledged_bytes > 0

    def send(self, message):
        data = encode_message(message, *self._engine.settings.limits)
        if message.message_type not in NOT_COUNTED:
            self.unsure.append((message, len(data)))
            self.unsure_bytes += len(data)
            self.sent += 1
        self.link.send(data)

    def _say(self, message_type, contract=None, **properties):
        body = encode_contract(contract, **properties) if contract else b""
        engine = self._engine
        self.send(engine.message(message_type, engine.waiting.next_id(), self.user_id, body))

    def _tell_count(self):
        if self._count_timer is not None:
            self._count_timer.cancel()
            self._count_timer = None
        self._uncounted_bytes = 0
        self._say(c.P2P_CHANNEL_COUNT, "P2PStreamCountContract", Count=self.received, StreamID=self.peer_stream)

    # ---- receiving

    def _bytes(self, data):
        if self.ended:
            return
        for message in self._decoder.feed(data):
            self._heard = self._loop.time()
            self._message(message, len(data))
            if self.ended:
                return
        if self._decoder.invalid is not None:
            self.close()  # P2P-043

    def _message(self, message, size):
        kind = message.message_type
        own = self._engine.current_user_id
        if message.source_id != self.user_id or message.dest_id != own:
            self.close()  # P2P-042
            return
        if (self.peer_stream is None) != (kind == c.P2P_CHANNEL_HELLO):
            self.close()  # P2P-043
            return
        try:
            known = kind in c.RECEIVED_BY_CLIENT or kind in c.RECEIVED_OVER_CHANNEL
            value = body_value(message) if known else None
        except BodyError:
            self.close()  # P2P-043
            return
        if kind not in NOT_COUNTED:
            self.received += 1
            self._count_soon(size)
        if kind in ONLY_HERE:
            self._of_channel(kind, value)
        elif known:
            self._on_message(self, message, value)

    def _of_channel(self, kind, value):
        if kind == c.P2P_CHANNEL_PROBE:
            self._tell_count()  # P2P-045
            return
        if kind == c.P2P_CHANNEL_HELLO:
            self.peer_stream = value["StreamID"]
            self._tell_count()  # P2P-041
        elif value["StreamID"] == self.stream_id:
            self._answered = True
            self.forget_counted(value["Count"])
            self._on_progress(self)
        if not self.opened and self.peer_stream is not None and self._answered:  # P2P-065
            self.opened = True
            self._on_open(self)

    def forget_counted(self, count):
        """The other side has received so many messages of the own stream."""
        for _message, size in self.unsure[: max(count - self._counted, 0)]:
            self.unsure_bytes -= size
        del self.unsure[: max(count - self._counted, 0)]
        self._counted = max(self._counted, min(count, self.sent))

    def _count_soon(self, size):
        self._uncounted_bytes += size
        if self._uncounted_bytes >= COUNT_BYTES:
            self._tell_count()
        elif self._count_timer is None:
            self._count_timer = self._loop.call_later(COUNT_SECS, self._tell_count)

    # ---- silence and end

    def _watch(self):
        """P2P-046."""
        span, patience = self._engine.settings.heart_beat_span_secs, self._engine.settings.heartbeat_patience_secs
        silence = self._loop.time() - self._heard
        if patience > 0 and silence >= patience:
            self.close()
            return
        if span > 0:
            if silence >= span and self.opened:
                self._say(c.P2P_CHANNEL_PROBE)
            self._beat_timer = self._loop.call_later(span, self._watch)

    def close(self):
        if not self.ended:
            self.link.close()
            self._end()

    def final(self):
        """P2P-054, P2P-059: closes, and says how far it came."""
        if not self.ended and self.peer_stream is not None:
            self._say(c.P2P_STREAM_FINAL, "P2PStreamCountContract", Count=self.received, StreamID=self.peer_stream)
        self.close()

    def _end(self):
        if self.ended:
            return
        self.ended = True
        for timer in (self._count_timer, self._beat_timer):
            if timer is not None:
                timer.cancel()
        self._on_closed(self)
