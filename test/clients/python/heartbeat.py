"""The two clocks of a bound connection (5.1)."""


class Heartbeat:
    """Beats in the span, and ends a connection that fell silent. `send()` writes one HeartBeat."""

    def __init__(self, connection, settings, send):
        self._connection = connection
        self._loop = connection.loop
        self._span = settings.heart_beat_span_secs
        self._patience = settings.heartbeat_patience_secs
        self._send = send
        self._seen = False
        self._beat = None
        self._check = None
        if self._span > 0:  # HBT-002
            self._beat_at(self._loop.time() + self._span)  # HBT-001

    def seen(self):
        """A HeartBeat of the server has come; only such a connection can time out (HBT-014)."""
        if not self._seen:
            self._seen = True
            if self._patience > 0:
                self._check_silence()

    def stop(self):
        for timer in (self._beat, self._check):
            if timer is not None:
                timer.cancel()

    def _beat_at(self, due):
        self._beat = self._loop.call_at(due, self._on_beat, due)

    def _on_beat(self, due):
        self._beat_at(max(due + self._span, self._loop.time()))
        self._send()

    def _check_silence(self):
        """HBT-010: no message at all for the timeout is a break."""
        due = self._connection.last_message + self._patience
        if self._loop.time() >= due:
            self._connection.end(None)
        else:
            self._check = self._loop.call_at(due, self._check_silence)
