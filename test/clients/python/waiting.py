"""Requests that wait for their answer (chapters 8, 10 and 11)."""

import asyncio

from errors import TimeoutException

HIGHEST_ID = 0x7FFFFFFF


class Waiting:
    """Message ids and the futures of the calls that wait for a reply.

    Ids go up over the whole life of an engine, also over reconnects: a late answer to a request of an earlier
    connection then never looks like the answer to a new one (QRY-006).
    """

    def __init__(self):
        self._last_id = 0
        self._calls = {}  # message id -> (future, reply type, who was asked, timer)

    def next_id(self):
        """FRM-024, FRM-011: upward from 1, never that of a request that still waits."""
        while True:
            self._last_id = self._last_id % HIGHEST_ID + 1
            if self._last_id not in self._calls:
                return self._last_id

    def add(self, message_id, reply_type, asked, timeout, clause):
        """A future for the reply; `asked` is a UserID or None for the server; a timeout of 0 or less never comes."""
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        timer = None
        if timeout > 0:
            timer = loop.call_later(timeout, self.fail, message_id, TimeoutException(clause))
        self._calls[message_id] = (future, reply_type, asked, timer)
        future.add_done_callback(lambda _future: self._forget(message_id))
        return future

    def answer(self, reply_type, message_id, source, value):
        """Settles the call that waits for this; anything else is ignored (QRY-006, QRY-011, ACK-010, FRM-033)."""
        call = self._calls.get(message_id)
        if call is None or call[1] != reply_type or call[2] != source:
            return
        if not call[0].done():
            call[0].set_result(value)
        self._forget(message_id)

    def fail(self, message_id, error):
        call = self._calls.get(message_id)
        if call is not None and not call[0].done():
            call[0].set_exception(error)
            self._forget(message_id)

    def fail_all(self, error):
        """RCN-006: everything that waits fails at once."""
        for message_id in list(self._calls):
            self.fail(message_id, error)

    def _forget(self, message_id):
        call = self._calls.pop(message_id, None)
        if call is not None and call[3] is not None:
            call[3].cancel()
