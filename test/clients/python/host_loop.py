"""An asyncio event loop on a simulated host: its network and its time come as lines (spec/adapter/simulated-host.md).

A client written for asyncio runs on it as it is. Where another loop would wait for sockets and the clock, this one says
that it is idle and reads the next event; nothing happens between the two, so a run depends on the lines alone.
No sockets of its own, no threads, no name resolution; UDP is not there.
"""

import asyncio
import base64
import json
import math
import os
import socket

HIGH_WATER_BYTES = 65536
REASONS = {"refused": ConnectionRefusedError, "reset": ConnectionResetError, "timedOut": TimeoutError}


class Lines:
    """Standard input and output, one JSON object a line, both blocking. Whatever else prints goes to standard error."""

    def __init__(self):
        self._output = os.dup(1)
        os.dup2(2, 1)
        self._held = b""

    def read(self):
        """The next line as bytes, None at the end."""
        parts = [self._held]
        while b"\n" not in parts[-1]:
            chunk = os.read(0, 1 << 20)
            if not chunk:
                return None
            parts.append(chunk)
        line, self._held = b"".join(parts).split(b"\n", 1)
        return line

    def write(self, line):
        data = memoryview(json.dumps(line, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n")
        while data:
            data = data[os.write(self._output, data) :]


class HostLoop(asyncio.base_events.BaseEventLoop):
    """One life of the host. `on_request(line)` gets what is no event of the network; `run_forever` returns at the stop."""

    def __init__(self, lines, event, on_request):
        super().__init__()
        self._lines = lines
        self._on_request = on_request
        self._selector = self  # where the base class waits
        self._connections = {}
        self._count = 0
        self._wake_at = None
        self._muted = False
        self._at(event)

    # ---- what the base class asks for

    def time(self):
        return self._now / 1e6

    def wall_ns(self):
        return self._wall * 1_000_000

    def select(self, timeout):
        """Waits, in virtual time."""
        if timeout is not None and timeout <= 0:
            return []
        if self._muted:
            return self._pass_over(timeout)
        self._set_wake(None if timeout is None else math.ceil(round(self._scheduled[0].when() * 1e6, 3)))
        self._lines.write({"idle": True})
        line = self._lines.read()
        return [None if line is None else json.loads(line)]

    def _process_events(self, events):
        for event in events:
            self._handle(event)

    def _write_to_self(self):
        pass  # there are no other threads

    # ---- lines

    def act(self, action, **members):
        if not self._muted:
            self._lines.write({"do": action, **members})

    def ask_queued(self, number):
        """Bytes of a connection that the host has not handed to the network yet."""
        if self._muted:
            return 0
        self.act("queued", conn=number)
        return json.loads(self._lines.read())["bytes"]

    def write(self, line):
        """A reply or a report of the adapter."""
        if not self._muted:
            self._lines.write(line)

    def _at(self, event):
        self._now = event["now"]
        self._wall = event["wall"]

    def _handle(self, event):
        if event is None or event.get("net") == "stop":
            self.stop()
            return
        self._at(event)
        kind = event.get("net")
        if kind is None:
            self._on_request(event)
        elif kind == "timer":
            self._wake_at = None
        elif event["conn"] in self._connections:
            self._connections[event["conn"]].handle(kind, event)

    def _set_wake(self, at):
        if at == self._wake_at:
            return
        self._wake_at = at
        if at is None:
            self.act("clear", timer=1)
        else:
            self.act("timer", timer=1, atMicros=at)

    # ---- the end

    def finish(self):
        """Cancels what still runs. Nothing of it is heard, and waiting takes no time."""
        self._muted = True
        self.set_exception_handler(lambda _loop, _context: None)
        tasks = asyncio.all_tasks(self)
        for task in tasks:
            task.cancel()
        if tasks:
            self.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self.close()

    def _pass_over(self, timeout):
        if timeout is None:
            raise RuntimeError("work that was cancelled waits for the network")
        self._now = max(self._now, math.ceil(self._scheduled[0].when() * 1e6))
        return []

    # ---- connections

    async def create_connection(self, protocol_factory, host=None, port=None, **_options):
        if not 0 < port < 65536:
            raise OverflowError("port must be 1-65535")
        self._count += 1
        transport = HostTransport(self, self._count, protocol_factory())
        self._connections[self._count] = transport
        self.act("connect", conn=self._count, address=host, port=port)
        try:
            await transport.opened
        except asyncio.CancelledError:
            transport.abort()
            raise
        return transport, transport.get_protocol()

    def forget(self, number):
        self._connections.pop(number, None)


class HostTransport(asyncio.Transport):
    """A TCP connection of the host."""

    def __init__(self, loop, number, protocol):
        super().__init__()
        self._loop = loop
        self._number = number
        self._protocol = protocol
        self._closing = False
        self._over = False
        self._unheard = 0  # bytes written since the queue was known to be empty
        self._paused = False
        self.opened = loop.create_future()
        self.opened.add_done_callback(lambda future: future.cancelled() or future.exception())

    def handle(self, kind, event):
        if kind == "connected":
            names = {"sockname": event["local"], "peername": event["remote"]}
            self._extra = {name: (end["address"], end["port"]) for name, end in names.items()}
            self._extra["socket"] = HostSocket(self._loop, self._number)
            self._protocol.connection_made(self)
            if not self.opened.done():
                self.opened.set_result(None)
        elif kind == "data":
            self._protocol.data_received(base64.b64decode(event["bytes"]))
        elif kind == "ended":
            if not self._protocol.eof_received():
                self.close()
        elif kind == "writable":
            self._unheard = 0
            if self._paused:
                self._paused = False
                self._protocol.resume_writing()
        elif kind == "closed":
            self._close_over(event)

    def _close_over(self, event):
        self._closing = self._over = True
        self._loop.forget(self._number)
        reason = event["reason"]
        error = None if reason in ("closed", "aborted") else REASONS.get(reason, OSError)(reason)
        if self.opened.done() and not self.opened.cancelled():
            self._protocol.connection_lost(error)
        elif not self.opened.done():
            self.opened.set_exception(error or ConnectionAbortedError(reason))

    # ---- asyncio.Transport

    def get_protocol(self):
        return self._protocol

    def is_closing(self):
        return self._closing

    def write(self, data):
        if self._over or not data:
            return
        self._loop.act("send", conn=self._number, bytes=base64.b64encode(data).decode("ascii"))
        self._unheard += len(data)
        if self._unheard > HIGH_WATER_BYTES and not self._paused and self.get_write_buffer_size() > HIGH_WATER_BYTES:
            self._paused = True
            self._protocol.pause_writing()

    def get_write_buffer_size(self):
        if self._unheard > 0 and not self._over:
            self._unheard = self._loop.ask_queued(self._number)
        return self._unheard

    def can_write_eof(self):
        return True

    def write_eof(self):
        if not self._closing:
            self._closing = True
            self._loop.act("end", conn=self._number)

    close = write_eof

    def abort(self):
        self._closing = True
        if not self._over:
            self._loop.act("reset", conn=self._number)


class HostSocket:
    """As much of a socket as is asked for: keep-alive."""

    family = socket.AF_INET

    def __init__(self, loop, number):
        self._loop = loop
        self._number = number
        self._secs = {}

    def setsockopt(self, level, name, value):
        if level != socket.IPPROTO_TCP:
            return
        self._secs[name] = value
        idle = self._secs.get(getattr(socket, "TCP_KEEPIDLE", getattr(socket, "TCP_KEEPALIVE", None)))
        interval = self._secs.get(socket.TCP_KEEPINTVL)
        if idle and interval:
            micros = {"idleMicros": idle * 1_000_000, "intervalMicros": interval * 1_000_000}
            self._loop.act("keepAlive", conn=self._number, **micros)
