"""The sending half of a reliable-UDP connection: chunks, numbers, loss detection (17.3 to 17.5)."""

import struct
from collections import deque

from rudp_datagrams import CHUNK_BYTES_MAX, DATA, FIN, PING, Data, Fin, Ping, encode_datagram, widen
from rudp_pace import Pace, RoundTrip
from rudp_receiving import SEQUENCES_MAX

LENGTH = struct.Struct("<I")
PACKET_THRESHOLD = 3  # RUD-014
PROBE_SECS_MAX = 2.0  # RUD-015


class _Packet:
    __slots__ = ("number", "sequence", "size", "sent_at")

    def __init__(self, number, sequence, size, sent_at):
        self.number = number
        self.sequence = sequence  # None for a Ping
        self.size = size
        self.sent_at = sent_at


class Sending:
    """`transmit(bytes)` sends; `now` is handed in. `tag` is the other side's identity, `limit` its highest limit."""

    def __init__(self, transmit):
        self._transmit = transmit
        self.tag = 0
        self.limit = 0
        self.round_trip = RoundTrip()
        self.pace = Pace()
        self.last_sent = 0.0
        self.queued_bytes = 0  # of the stream, not acknowledged yet
        self.fin_acked = False
        self._queue = deque()  # pieces of the stream that no chunk holds yet
        self._queue_bytes = 0
        self._chunks = {}  # sequence -> bytes, None for the Fin; not acknowledged
        self._again = deque()  # sequences of lost chunks
        self._next_number = self._next_sequence = self._cut_bytes = 0
        self._packets = {}  # number -> _Packet, in the order of numbers
        self._acked_to = -1
        self._fin_wanted = False
        self._fin_sequence = None
        self._probes = 0

    # ---- what is to be sent

    def message(self, content):
        """RUD-009."""
        self._queue.append(LENGTH.pack(len(content)) + content)
        self._queue_bytes += LENGTH.size + len(content)
        self.queued_bytes += LENGTH.size + len(content)

    def want_fin(self):
        self._fin_wanted = True

    @property
    def waiting_bytes(self):
        """Of the stream, never sent yet."""
        return self._queue_bytes

    @property
    def all_acked(self):
        return not self._chunks and not self._queue_bytes

    def _cut(self):
        """A new chunk's sequence, or None: nothing left, or no room at the other side (RUD-013)."""
        oldest = next(iter(self._chunks), self._next_sequence)
        size = min(CHUNK_BYTES_MAX, self._queue_bytes, self.limit - self._cut_bytes)
        if size <= 0 or self._next_sequence >= oldest + SEQUENCES_MAX:
            return None
        pieces, missing = [], size
        while missing:
            piece = self._queue.popleft()
            if len(piece) > missing:
                self._queue.appendleft(memoryview(piece)[missing:])
            pieces.append(piece[:missing])
            missing -= len(pieces[-1])
        self._queue_bytes -= size
        self._cut_bytes += size
        return self._number_chunk(b"".join(pieces))

    def _number_chunk(self, chunk):
        sequence = self._next_sequence
        self._next_sequence += 1
        self._chunks[sequence] = chunk
        return sequence

    def _next_chunk(self):
        while self._again:
            sequence = self._again.popleft()
            if sequence in self._chunks:
                return sequence
        if self._queue_bytes:
            return self._cut()
        if self._fin_wanted and self._fin_sequence is None:
            self._fin_sequence = self._number_chunk(None)  # RUD-018
            return self._fin_sequence
        return None

    def flush(self, now):
        """Sends what pace and window allow; the time at which more may leave, or None."""
        while self._again or self._queue_bytes or (self._fin_wanted and self._fin_sequence is None):
            if not self.pace.may_send(1200):
                return None
            if self.pace.next_at > now:
                return self.pace.next_at
            sequence = self._next_chunk()
            if sequence is None:
                return None
            self._send_chunk(sequence, now)
        return None

    def _send_chunk(self, sequence, now):
        chunk, number = self._chunks[sequence], self._next_number
        if chunk is None:
            self._send(Fin(FIN, self.tag, number, sequence), sequence, now)
        else:
            self._send(Data(DATA, self.tag, number, sequence, chunk), sequence, now)

    def ping(self, now):
        """RUD-016."""
        self._send(Ping(PING, self.tag, self._next_number), None, now)

    def _send(self, datagram, sequence, now):
        data = encode_datagram(datagram)
        self._packets[self._next_number] = _Packet(self._next_number, sequence, len(data), now)
        self._next_number += 1
        self.pace.sent(len(data), now, self.round_trip)
        self.last_sent = now
        self._transmit(data)

    # ---- what was heard

    def acked(self, ack, now):
        """Whether the Ack was a possible one (RUD-029)."""
        largest = widen(ack.largest, max(self._acked_to, 0))
        ranges, low = [(largest - ack.before, largest)], largest - ack.before
        for gap, length in ack.ranges:
            low -= gap + length
            ranges.append((low, low + length - 1))
        if largest >= self._next_number or low < 0:
            return False
        self.limit = max(self.limit, ack.limit)
        newly = [number for number in self._packets if any(first <= number <= last for first, last in ranges)]
        if newly:
            self._probes = 0
            if newly[-1] == largest:
                delay = min(ack.delay_micros / 1e6, 0.02)
                self.round_trip.sample(now - self._packets[largest].sent_at, delay)
            for number in newly:
                self._arrived(self._packets.pop(number), now)
            self._acked_to = max(self._acked_to, newly[-1])
        self.find_lost(now)
        return True

    def _arrived(self, packet, now):
        self.pace.acked(packet.size, packet.number, self._next_number, now, self.round_trip)
        if packet.sequence is None or packet.sequence not in self._chunks:
            return
        chunk = self._chunks.pop(packet.sequence)
        if chunk is None:
            self.fin_acked = True
        else:
            self.queued_bytes -= len(chunk)

    def find_lost(self, now):
        """RUD-014."""
        oldest_kept = now - self.round_trip.loss_delay
        lost = []
        for number, packet in self._packets.items():
            if number > self._acked_to:
                break
            if number <= self._acked_to - PACKET_THRESHOLD or packet.sent_at <= oldest_kept:
                lost.append(number)
        for number in lost:
            packet = self._packets.pop(number)
            self.pace.lost(packet.size)
            if packet.sequence in self._chunks:
                self._again.append(packet.sequence)

    def due(self):
        """When a loss shows or a probe is to be sent; None when nothing is on its way."""
        first = next(iter(self._packets.values()), None)
        if first is None:
            return None
        if first.number < self._acked_to:
            return first.sent_at + self.round_trip.loss_delay
        return self.last_sent + min(self.round_trip.probe_timeout * 2**self._probes, PROBE_SECS_MAX)

    def on_due(self, now):
        """RUD-015: a probe goes whatever the window says."""
        first = next(iter(self._packets.values()))
        if first.number < self._acked_to:
            self.find_lost(now)
            return
        self._probes = min(self._probes + 1, 8)
        oldest = next(iter(self._chunks), None)
        if oldest is None:
            self.ping(now)
        else:
            self._send_chunk(oldest, now)
