"""The receiving half of a reliable-UDP connection: which packets came (17.4), and the stream put together (17.3)."""

import struct

from rudp_datagrams import ACK, RANGES_MAX, Ack, widen

SEQUENCES_MAX = 65536  # RUD-013
LENGTH = struct.Struct("<I")


class Violation(Exception):
    """The peer broke RUD-020."""


class Received:
    """Numbers of received packets, as ranges from the highest down. What falls off the end is not acknowledged again:
    its sender repeats the chunk under a number that is."""

    def __init__(self):
        self._ranges = []  # [first, last], highest first
        self.largest_at = 0.0

    @property
    def largest(self):
        return self._ranges[0][1] if self._ranges else -1

    def add(self, number, now):
        """Whether the number came out of turn: it, or one below it, was missing (RUD-012)."""
        largest = self.largest
        if number > largest:
            self.largest_at = now
        position = 0
        while position < len(self._ranges) and self._ranges[position][0] > number:
            position += 1
        if position < len(self._ranges) and number <= self._ranges[position][1]:
            return True
        self._ranges.insert(position, [number, number])
        self._join(position)
        self._join(position - 1)
        del self._ranges[RANGES_MAX + 1 :]
        return number != largest + 1

    def _join(self, upper):
        """Makes one of two neighbours that touch."""
        if 0 <= upper < len(self._ranges) - 1 and self._ranges[upper + 1][1] + 1 >= self._ranges[upper][0]:
            self._ranges[upper][0] = min(self._ranges[upper][0], self._ranges[upper + 1][0])
            self._ranges[upper][1] = max(self._ranges[upper][1], self._ranges[upper + 1][1])
            del self._ranges[upper + 1]

    def ack(self, tag, limit, now):
        """RUD-011."""
        first, last = self._ranges[0]
        pairs, below = [], first
        for low, high in self._ranges[1:]:
            gap, length = below - high - 1, high - low + 1
            if gap > 0xFFFF or length > 0xFFFF:
                break
            pairs.append((gap, length))
            below = low
        delay = int((now - self.largest_at) * 1e6)
        return Ack(ACK, tag, last, delay, limit, last - first, pairs)


class Stream:
    """Chunks in, messages out, each once, whole, in order (RUD-025)."""

    def __init__(self, memory_bytes, message_bytes_max):
        self.memory_bytes = max(memory_bytes, 2 * (message_bytes_max + LENGTH.size))
        self.message_bytes_max = message_bytes_max
        self.next_sequence = 0
        self.told_limit = self.memory_bytes
        self.fin_sequence = None
        self._early = {}  # sequence -> chunk
        self._early_bytes = 0
        self._bytes = 0  # of the stream, in order
        self._taken = 0  # of those, given out in messages
        self._rest = bytearray()

    @property
    def limit(self):
        """RUD-013, RUD-028: what may be told now."""
        return self._taken + self.memory_bytes

    @property
    def finished(self):
        return self.fin_sequence is not None and self.next_sequence == self.fin_sequence

    def place(self, low_bits):
        """The sequence that is meant."""
        return widen(low_bits, self.next_sequence)

    def has_room(self, sequence, size):
        """RUD-027: nothing beyond the limit that was told is kept."""
        within = self._bytes + self._early_bytes + size <= self.told_limit
        return within and sequence < self.next_sequence + SEQUENCES_MAX

    def is_new(self, sequence):
        return sequence >= self.next_sequence and sequence not in self._early

    def fin(self, sequence):
        if self.fin_sequence not in (None, sequence) or sequence <= max([self.next_sequence - 1, *self._early]):
            raise Violation("the stream goes on after its end")
        self.fin_sequence = sequence

    def add(self, sequence, chunk):
        """Takes a new chunk; the messages that it completes."""
        if self.fin_sequence is not None and sequence >= self.fin_sequence:
            raise Violation("chunk %d follows the Fin %d" % (sequence, self.fin_sequence))
        self._early[sequence] = chunk
        self._early_bytes += len(chunk)
        while self.next_sequence in self._early:
            piece = self._early.pop(self.next_sequence)
            self.next_sequence += 1
            self._early_bytes -= len(piece)
            self._bytes += len(piece)
            self._rest += piece
        return self._messages()

    def _messages(self):
        messages, start = [], 0
        while len(self._rest) - start >= LENGTH.size:
            (size,) = LENGTH.unpack_from(self._rest, start)
            if size > self.message_bytes_max:
                raise Violation("a message of %d bytes, the limit is %d" % (size, self.message_bytes_max))
            end = start + LENGTH.size + size
            if end > len(self._rest):
                break
            messages.append(bytes(self._rest[start + LENGTH.size : end]))
            start = end
        del self._rest[:start]
        self._taken += start
        return messages
