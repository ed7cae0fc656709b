"""One reliable-UDP connection (chapter 17), driven by datagrams and one timer of the event loop.

    connection = RudpConnection(token, transmit, on_open, on_message, on_closed)
    connection.begin()                  # or nothing: a Syn of the other side begins it as well
    connection.datagram_received(data)  # every datagram of kind 0x40 to 0x7f that came this way
    connection.send(b"a message"); connection.close(); connection.abort()

`transmit(bytes)` sends a datagram. `on_closed(reason)` comes once: closed, peerAborted, timedOut, peerRestarted,
violation, handshakeOverdue or aborted.
"""

import asyncio
import random

import rudp_datagrams as d
from rudp_receiving import Received, Stream, Violation
from rudp_sending import Sending
from rudp_states import MOVES

HANDSHAKE_FIRST_SECS, HANDSHAKE_STEP_SECS, HANDSHAKE_SECS = 0.2, 1.0, 10.0  # RUD-007
ACK_SECS, ACK_PACKETS = 0.01, 8  # RUD-012 allows 20 ms
KEEP_ALIVE_SECS, SILENCE_SECS, LINGER_SECS = 2.5, 10.0, 3.0  # RUD-016, RUD-017, RUD-032
WITH_PEER = ("open", "closing", "ended", "peerEnded")
REASONS = {"strangerConfirmed": "peerRestarted", "silent": "timedOut", "violated": "violation", "abort": "aborted"}


class RudpConnection:
    def __init__(self, token, transmit, on_open, on_message, on_closed, memory_bytes=4 << 20, message_bytes_max=1 << 20):
        self.token = token
        self.identity = random.SystemRandom().randrange(1, 1 << 32)  # RUD-004
        self.state = "idle"
        self.peer = None  # the other side's identity
        self.stream = Stream(memory_bytes, message_bytes_max)
        self.sending = Sending(self._transmit)
        self._raw_transmit = transmit
        self.on_drained = lambda: None  # something that waited has been sent
        self._on_open, self._on_message, self._on_closed = on_open, on_message, on_closed
        self._loop = asyncio.get_running_loop()
        self._received = Received()
        self._heard = self._loop.time()
        self._repeat_at = self._give_up_at = self._repeat_secs = None
        self._asker = 0  # who sent the Syn or SynAck that is being answered
        self._close_wanted = False
        self._ack_at = self._ack_count = None
        self._send_at = None
        self._timer = None

    # ---- what an application does

    def begin(self):
        self._step("start")

    def send(self, content):
        self.sending.message(content)
        if self.state in WITH_PEER:
            self._flush()

    def close(self):
        self._step("close")

    def abort(self):
        self._step("abort")

    # ---- datagrams

    def datagram_received(self, data):
        """Everything that RUD-023 wants ignored is."""
        datagram = d.decode_datagram(data)
        if datagram is None or self.state == "closed":
            return
        if isinstance(datagram, d.Handshake):
            if datagram.token == self.token:
                self._handshake(datagram)
        elif datagram.tag != self.identity:
            return
        elif isinstance(datagram, d.Abort):
            if datagram.token == self.token:
                self._step("peerAborted")
        else:
            self._step("confirmed")
            if self.state in WITH_PEER or self.state == "lingering":
                self._with_peer(datagram)
        self._schedule()

    def _handshake(self, datagram):
        self._asker = datagram.identity
        if datagram.kind == d.SYN:
            event = "syn"
        elif datagram.echo != self.identity:
            return
        elif self.state in WITH_PEER and datagram.identity != self.peer:
            event = "strangerConfirmed"  # RUD-021
        elif datagram.kind == d.SYN_ACK:
            event = "synAck"
        else:
            event = "confirmed" if datagram.identity == self.peer else None
        if datagram.identity == self.peer or self.peer is None:
            self.sending.limit = max(self.sending.limit, datagram.limit)
            self._heard = self._loop.time()
        self._step(event)
        if event == "synAck" or self.state == "answered":
            self.sending.limit = max(self.sending.limit, datagram.limit)

    def _with_peer(self, datagram):
        now = self._heard = self._loop.time()
        if isinstance(datagram, d.Ack):
            if self.state != "lingering" and self.sending.acked(datagram, now):
                if self.sending.fin_acked and self.sending.all_acked:
                    self._step("finAcked")
                self._flush()
            return
        number = d.widen(datagram.number, max(self._received.largest, 0))
        if number < 0:
            return
        try:
            self._packet(datagram, number, now)
        except Violation:
            self._step("violated")

    def _packet(self, datagram, number, now):
        messages, doubled = [], False
        if isinstance(datagram, d.Data):
            sequence = self.stream.place(datagram.sequence)
            doubled = not self.stream.is_new(sequence)
            if not doubled and not self.stream.has_room(sequence, len(datagram.chunk)):
                return
            out_of_turn = self._received.add(number, now)
            if not doubled and self.state != "lingering":
                messages = self.stream.add(sequence, datagram.chunk)
        else:
            out_of_turn = self._received.add(number, now)
            if isinstance(datagram, d.Fin) and self.state != "lingering":
                self.stream.fin(self.stream.place(datagram.sequence))
        for message in messages:
            if self.state in WITH_PEER:
                self._on_message(message)
        self._owe_ack(out_of_turn or doubled, now)
        if self.stream.finished:
            self._step("peerFin")

    # ---- acknowledgement

    def _owe_ack(self, at_once, now):
        self._ack_count = (self._ack_count or 0) + 1
        freed = self.stream.limit - self.stream.told_limit >= self.stream.memory_bytes // 4  # RUD-028
        if at_once or freed or self._ack_count >= ACK_PACKETS:
            self._send_ack(now)
        elif self._ack_at is None:
            self._ack_at = now + ACK_SECS

    def _send_ack(self, now):
        self._ack_at, self._ack_count = None, 0
        if self.state == "closed":
            return
        self.stream.told_limit = self.stream.limit
        self._transmit(d.encode_datagram(self._received.ack(self.peer, self.stream.limit, now)))

    # ---- states

    def _step(self, event):
        move = MOVES[self.state].get(event)
        if move is None:
            return
        before, (self.state, actions) = self.state, move
        now = self._loop.time()
        if self.state != before:
            self._entered(now)
        for action in actions.split():
            getattr(self, "_do_" + action)(event)
        self._schedule()

    def _entered(self, now):
        if self.state in ("connecting", "answered"):
            self._repeat_secs = HANDSHAKE_FIRST_SECS
            self._repeat_at = now + self._repeat_secs
            self._give_up_at = self._give_up_at or now + HANDSHAKE_SECS
        else:
            self._repeat_at = None
        if self.state == "open":
            self._heard = self.sending.last_sent = now

    def _do_adoptPeer(self, _event):
        self.peer = self.sending.tag = self._asker

    def _do_sendSyn(self, _event):
        self._send_handshake(d.SYN, 0)

    def _do_sendSynAck(self, _event):
        self._send_handshake(d.SYN_ACK, self._asker)

    def _do_sendConfirm(self, _event):
        self._send_handshake(d.CONFIRM, self._asker)

    def _do_sendAbort(self, event):
        tag = self._asker if event == "strangerConfirmed" else self.peer
        self._transmit(d.encode_datagram(d.Abort(d.ABORT, self.token, tag)))

    def _do_rememberClose(self, _event):
        self._close_wanted = True

    def _do_queueFin(self, _event):
        self.sending.want_fin()
        self._flush()

    def _do_reportConnected(self, _event):
        self._on_open()
        if self._close_wanted:
            self._step("close")
        elif self.state == "open":
            self._flush()

    def _do_reportClosed(self, event):
        self._on_closed(REASONS.get(event, event if event in ("peerAborted", "handshakeOverdue") else "closed"))

    def _send_handshake(self, kind, echo):
        self._transmit(d.encode_datagram(d.Handshake(kind, self.token, self.identity, echo, self.stream.told_limit)))

    # ---- time

    def _transmit(self, data):
        self._raw_transmit(data)

    def _flush(self):
        before = self.sending.waiting_bytes
        self._send_at = self.sending.flush(self._loop.time()) if self.state in WITH_PEER else None
        self._schedule()
        if self.sending.waiting_bytes < before:
            self.on_drained()

    def _deadlines(self):
        yield self._repeat_at, self._repeat_handshake
        yield self._ack_at, self._send_ack
        if self.state in ("connecting", "answered"):
            yield self._give_up_at, lambda _now: self._step("handshakeOverdue")
        if self.state in WITH_PEER:
            yield self._send_at, lambda _now: self._flush()
            yield self.sending.due(), self._on_loss_timer
            yield self.sending.last_sent + KEEP_ALIVE_SECS, self.sending.ping
            yield self._heard + SILENCE_SECS, lambda _now: self._step("silent")
        if self.state == "lingering":
            yield self._heard + LINGER_SECS, lambda _now: self._step("lingerOver")

    def _on_loss_timer(self, now):
        self.sending.on_due(now)
        self._flush()

    def _repeat_handshake(self, now):
        self._repeat_secs = min(self._repeat_secs * 2, HANDSHAKE_STEP_SECS)
        self._repeat_at = now + self._repeat_secs
        if self.state == "connecting":
            self._do_sendSyn(None)
        else:
            self._send_handshake(d.SYN_ACK, self.peer)

    def _schedule(self):
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = min((at for at, _do in self._deadlines() if at is not None), default=None)
        if due is not None:
            self._timer = self._loop.call_at(due, self._on_time)

    def _on_time(self):
        self._timer = None
        now = self._loop.time()
        for at, do in list(self._deadlines()):
            if at is not None and at <= now:
                do(now)
        self._schedule()
