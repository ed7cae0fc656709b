"""One TCP connection: frames in, frames out, one end.

Closing means: write what is still to be said, then FIN (1.2). What the peer still sends is thrown away until it has
ended too, so that the operating system has no reason to answer with a reset. A peer that for LINGER_SECS neither ends
nor takes anything that is still queued is left.
"""

import asyncio
import socket

from errors import DisconnectedException
from framing import FrameDecoder, encode_message

LINGER_SECS = 0.5
KEEP_ALIVE_IDLE_SECS = 10  # HBT-011
KEEP_ALIVE_STEP_SECS = 2


def keep_alive(sock):
    """TCP keep-alive: first probe after 10 s, then every 2 s (HBT-011)."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", KEEP_ALIVE_IDLE_SECS),
        ("TCP_KEEPALIVE", KEEP_ALIVE_IDLE_SECS),
        ("TCP_KEEPINTVL", KEEP_ALIVE_STEP_SECS),
    ):
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


class Connection(asyncio.Protocol):
    """`on_message(connection, message)` for each message, `on_end(connection, kind)` once, when it was not close()
    that ended the connection; `kind` is the kind of an invalid message, or None for a break."""

    def __init__(self, limits, on_message, on_end, write_timeout=0.0):
        self.loop = asyncio.get_running_loop()
        self.user_id_bytes, self.message_bytes = limits
        self.decoder = FrameDecoder(*limits)
        self.on_message = on_message
        self.on_end = on_end
        self.write_timeout = write_timeout
        self.transport = None
        self.address = None
        self.ended = False
        self.lost = self.loop.create_future()
        self.blob_count = 0  # BLB-014: one count for each connection
        self.last_message = self.loop.time()
        self._written = 0
        self._paused = None
        self._linger = None
        self._watch = None

    # ---- asyncio.Protocol

    def connection_made(self, transport):
        self.transport = transport
        self.address = transport.get_extra_info("peername")
        sock = transport.get_extra_info("socket")
        if sock is not None:
            keep_alive(sock)

    def data_received(self, data):
        if self.ended:
            return
        for message in self.decoder.feed(data):
            self.last_message = self.loop.time()
            self.on_message(self, message)
            if self.ended:
                return  # nothing behind the message that ended the connection is handled (SEC-003)
        if self.decoder.invalid is not None:
            self.end(self.decoder.invalid)

    def eof_received(self):
        if not self.ended:
            self.decoder.finish()  # FRM-018
            self.end(self.decoder.invalid)
        return False  # closes this side as well (FRM-032)

    def connection_lost(self, _error):
        self._cancel("_linger")
        if not self.lost.done():
            self.lost.set_result(None)
        self.end(None)

    def pause_writing(self):
        if self._paused is None:
            self._paused = self.loop.create_future()

    def resume_writing(self):
        paused, self._paused = self._paused, None
        if paused is not None and not paused.done():
            paused.set_result(None)

    # ---- sending

    @property
    def busy(self):
        """Bytes are queued that the transport has not yet taken (CUS-010, ENG-013)."""
        return self.transport.get_write_buffer_size() > 0

    def send(self, message):
        """Writes a message; E_MESSAGE_SIZE before anything is sent (LIM-007)."""
        data = encode_message(message, self.user_id_bytes, self.message_bytes)
        if self.ended:
            raise DisconnectedException("RCN-007")
        self.transport.write(data)
        self._written += len(data)
        if self.write_timeout > 0 and self._watch is None and self.busy:
            self._watch_writing(self._taken())

    async def room(self):
        """Returns when the transport takes more bytes, and lets others write first (BLB-005)."""
        if self._paused is None:
            await asyncio.sleep(0)
        else:
            await asyncio.shield(self._paused)
        if self.ended:
            raise DisconnectedException("BLB-007")

    def _taken(self):
        return self._written - self.transport.get_write_buffer_size()

    def _watch_writing(self, taken):
        self._watch = self.loop.call_later(self.write_timeout, self._check_writing, taken)

    def _check_writing(self, taken_before):
        """ENG-009: no progress for the write timeout is a break."""
        self._watch = None
        if self.ended or not self.busy:
            return
        if self._taken() == taken_before:
            self.end(None)
        else:
            self._watch_writing(self._taken())

    # ---- the end

    def end(self, kind):
        """The connection is over, by the peer or by a fault: close, then report (SEC-001)."""
        if not self.ended:
            self.close()
            self.on_end(self, kind)

    def close(self):
        """Closes without a report."""
        if self.ended:
            return
        self.ended = True
        self._cancel("_watch")
        self.resume_writing()
        if self.transport is None:
            return
        if not self.transport.is_closing():
            self._wait_for_peer(self._taken())
            try:
                self.transport.write_eof()
            except OSError:
                self.transport.abort()

    def _wait_for_peer(self, taken):
        self._linger = self.loop.call_later(LINGER_SECS, self._leave_peer, taken)

    def _leave_peer(self, taken_before):
        if self.busy and self._taken() > taken_before:
            self._wait_for_peer(self._taken())
        else:
            self.transport.abort()

    def _cancel(self, timer):
        handle = getattr(self, timer)
        setattr(self, timer, None)
        if handle is not None:
            handle.cancel()
