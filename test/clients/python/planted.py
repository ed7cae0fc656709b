"""The Python client with one fault planted: `planted.py FAULT [real]`, on a simulated host or on real sockets.

What is judged stays as it is; the fault is put over it from outside. Used to see that a fault is named by its clause.
"""

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import contracts as c  # noqa: E402
import lifecycle  # noqa: E402
from heartbeat import Heartbeat  # noqa: E402
from receiving import Receiving  # noqa: E402
from waiting import Waiting  # noqa: E402


def wrong_ack_id():
    """An Ack that answers another message."""
    reply = Receiving._reply

    def planted(self, connection, message, reply_type, body=b""):
        if reply_type == c.ACK:
            message.message_id += 1
        reply(self, connection, message, reply_type, body)

    Receiving._reply = planted


def no_heartbeat():
    """The beat is never planned."""
    Heartbeat._beat_at = lambda self, due: None


def keeps_silent_server():
    """Silence is never noticed."""
    Heartbeat.seen = lambda self: None


def answers_anybody():
    """Whoever answers is believed."""

    def planted(self, reply_type, message_id, source, value):
        call = self._calls.get(message_id)
        if call is not None and call[0].done() is False:
            call[0].set_result(value)
            self._forget(message_id)

    Waiting.answer = planted


def draws_without_seed():
    """Random numbers that no seed repeats: no clause is broken, but the program is not deterministic."""
    lifecycle.random = random.SystemRandom()


FAULTS = {
    "wrong-ack-id": wrong_ack_id,
    "no-heartbeat": no_heartbeat,
    "keeps-silent-server": keeps_silent_server,
    "answers-anybody": answers_anybody,
    "draws-without-seed": draws_without_seed,
}


if __name__ == "__main__":
    FAULTS[sys.argv[1]]()
    if sys.argv[2:] == ["real"]:
        import asyncio

        import adapter

        asyncio.run(adapter.main())
    else:
        import simulated

        simulated.main()
