"""Round trips (RFC 9002, 5) and congestion control (17.5) of a reliable-UDP connection.

The window follows a model of the path: the largest delivery rate of the last rounds times the smallest round trip.
A lost packet alone changes nothing; a round that loses a fifth does (RUD-030).
"""

from collections import deque

GRANULARITY = 0.001
MAX_ACK_DELAY = 0.02  # RUD-012
INITIAL_RTT = 0.2
WINDOW_MIN = 16 * 1200
ROUNDS = 10  # how long a measured rate counts


class RoundTrip:
    """RFC 9002, 5.3."""

    def __init__(self):
        self.smoothed = INITIAL_RTT
        self.variation = INITIAL_RTT / 2
        self.least = None
        self.latest = INITIAL_RTT

    def sample(self, seconds, ack_delay):
        self.latest = seconds
        if self.least is None:
            self.least, self.smoothed, self.variation = seconds, seconds, seconds / 2
            return
        self.least = min(self.least, seconds)
        adjusted = seconds
        if seconds >= self.least + ack_delay:
            adjusted = seconds - ack_delay
        self.variation += (abs(self.smoothed - adjusted) - self.variation) / 4
        self.smoothed += (adjusted - self.smoothed) / 8

    @property
    def probe_timeout(self):
        return self.smoothed + max(4 * self.variation, GRANULARITY) + MAX_ACK_DELAY

    @property
    def loss_delay(self):
        """RUD-014: 9/8 of a round trip."""
        return max(9 / 8 * max(self.smoothed, self.latest), GRANULARITY)


class Pace:
    """How much may be on its way (`window`), and when the next packet may leave (`next_at`)."""

    def __init__(self):
        self.window = 2 * WINDOW_MIN
        self.in_flight = 0
        self.next_at = 0.0
        self._rates = deque(maxlen=ROUNDS)
        self._growing = True
        self._flat_rounds = 0
        self._round_start = 0.0
        self._round_end = -1  # the packet number whose acknowledgement ends the round
        self._acked = self._lost = 0
        self._limited = False  # the window, not the application, held the round up

    def may_send(self, size):
        if self.in_flight + size <= self.window:
            return True
        self._limited = True
        return False

    def sent(self, size, now, round_trip):
        """Spreads what a window holds over the round trip, a quarter faster than the path was seen to take."""
        self.in_flight += size
        interval = size / self.window * round_trip.smoothed / 1.25
        self.next_at = max(self.next_at, now - 0.005) + interval

    def acked(self, size, number, next_number, now, round_trip):
        self.in_flight -= size
        self._acked += size
        if number > self._round_end:
            self._end_round(now, round_trip)
            self._round_end, self._round_start = next_number - 1, now
            self._acked = self._lost = 0
            self._limited = False

    def lost(self, size):
        self.in_flight -= size
        self._lost += size

    def _end_round(self, now, round_trip):
        seconds = now - self._round_start
        if self._round_end < 0 or seconds <= 0:
            return
        rate = self._acked / seconds
        best = max(self._rates, default=0.0)
        if self._limited or rate > best:
            self._rates.append(rate)
        heavy = self._lost * 5 > self._acked + self._lost and self._lost > 8 * 1200
        if self._growing and self._limited and not heavy:
            self._flat_rounds = 0 if rate > 1.25 * best else self._flat_rounds + 1
            self._growing = self._flat_rounds < 3
            self.window *= 2
        elif heavy:
            self._growing = False
            self._rates.clear()
            self._rates.append(rate)
            self.window = max(WINDOW_MIN, int(self.window * 0.7))
        if not self._growing and not heavy:
            model = 2 * max(self._rates, default=0.0) * (round_trip.least or INITIAL_RTT)
            self.window = max(WINDOW_MIN, int(model))
