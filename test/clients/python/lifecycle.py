"""The life of a client engine: logon (4), heartbeat (5), push-out (6), reconnect (7), close (13)."""

import asyncio
import logging
import random
from collections import namedtuple

from blobs import BlobAssembler
from connection import Connection
from contracts import HEARTBEAT, LOGON, LOGON_RESULTS, SERVER_ID
from errors import DisconnectedException, EsfError, TimeoutException
from events import Event, Settings
from framing import Message, encode_message
from files import FileOutter
from heartbeat import Heartbeat
from p2p import P2PController, own_address
from serializer import encode_arguments
from waiting import Waiting

log = logging.getLogger("esf")

CLOSE_SECS = 1.5  # how long close() waits for the peer to end as well

LogonResponse = namedtuple("LogonResponse", "logon_result failure_cause")  # LOG-018
Account = namedtuple("Account", "user_id password address port")


class Lifecycle:
    """Makes and ends connections; a subclass says what is done with messages (`_handle_message`)."""

    def __init__(self, settings=None):
        self.settings = settings or Settings()
        self.connection = None  # the bound one
        self.waiting = Waiting()
        self.closed = False
        self._initialized = False  # a logon has succeeded once
        self._account = None
        self._blobs = None
        self._initializing = None
        self._rebuilding = None
        self._hurry = None
        self._tasks = set()
        self._heartbeat = None
        self.connection_interrupted = Event("connectionInterrupted")
        self.connection_rebuild_start = Event("connectionRebuildStart")
        self.relogon_completed = Event("relogonCompleted")
        self.being_pushed_out = Event("beingPushedOut")
        self.being_kicked_out = Event("beingKickedOut")
        self.invalid_msg_received = Event("invalidMsgReceived")
        self.message_received = Event("messageReceived")
        self.p2p_controller = P2PController(self)
        self.file_outter = FileOutter(self)
        self.p2p_controller.on_channel_over = self.file_outter.channel_over

    # ---- what callers see

    @property
    def connected(self):
        """LOG-009: only between a successful logon and the end of that connection."""
        return self.connection is not None

    @property
    def current_user_id(self):
        return self._account.user_id if self._initialized else None  # LOG-011

    @property
    def server_address(self):
        return (self._account.address, self._account.port) if self._initialized else None  # LOG-011

    @property
    def channel_is_busy(self):
        return self.connection is not None and self.connection.busy  # ENG-013

    async def initialize(self, user_id, password, address, port):
        """Connects and logs on; a LogonResponse for every answer (LOG-018), an error without one (LOG-007)."""
        if self.closed:
            raise EsfError("E_CLOSED", "the engine has been closed")
        if self.connection or self._initializing or self._rebuilding:
            raise EsfError("E_ARGUMENT", "the engine is initialized already")
        self.check_user_id(user_id)
        self._account = Account(user_id, password, address, port)
        self.file_outter.initialized()
        self._blobs = BlobAssembler(self.settings.blob_bytes_max)
        self.settings.locked = True
        self._initializing = asyncio.ensure_future(self._log_on(relogon=False))
        try:
            return await self._initializing
        except asyncio.CancelledError:
            if self.closed:
                raise EsfError("E_CLOSED", "the engine was closed during the logon") from None
            self._initializing.cancel()
            raise
        finally:
            self._initializing = None
            self.settings.locked = self._initialized

    def close_connection(self, reconnect_now):
        """RCN-008, RCN-014, RCN-016."""
        self.require_initialized()
        if self.connection is not None:
            self.connection.close()
            self._connection_over(None, reconnect_now)
        elif self._rebuilding is not None and reconnect_now:
            self._hurry.set()

    async def close(self):
        """Ends the engine for good; more than once is right (ENG-005). No event comes afterwards (RCN-011)."""
        connections = []
        if not self.closed:
            self.closed = True
            self._mute()
            for task in (self._initializing, *self._tasks):
                if task is not None and task is not asyncio.current_task():
                    task.cancel()
            self._rebuilding = None
            if self.connection is not None:
                connections.append(self.connection.lost)
                self.connection.close()
                self._unbind()
            self.p2p_controller.close()
        if connections:
            await asyncio.wait(connections, timeout=CLOSE_SECS)

    def _mute(self):
        """RCN-011."""
        controller, files = self.p2p_controller, self.file_outter
        for part in (self, controller, files, files.sending_events, files.receiving_events):
            for event in vars(part).values():
                if isinstance(event, Event):
                    event.muted = True

    # ---- what the parts of the engine use

    def post(self, target, message):
        """Sends a message by the way of this moment: a direct channel, or the server (P2P-060)."""
        path = self.p2p_controller.path(target)
        if path is None:
            self.require_connection().send(message)
        else:
            encode_message(message, *self.settings.limits)  # LIM-007, before it waits
            path.send(message)

    async def room(self, target):
        """Returns when the way to a target takes more, and lets others write first (BLB-005, FIL-019)."""
        path = self.p2p_controller.path(target)
        if path is None:
            await self.require_connection().room()
        else:
            await path.room()

    def way(self, target):
        """The channel that messages to a target take, None for the server."""
        path = self.p2p_controller.path(target)
        return None if path is None else path.way

    def is_busy(self, target):
        path = self.p2p_controller.path(target)
        return self.connection.busy if path is None else path.busy

    def check_user_id(self, user_id):
        """LIM-003; other characters are nobody's business (LIM-012)."""
        limit = self.settings.max_length_of_user_id
        if not isinstance(user_id, str) or user_id == "":
            raise EsfError("E_USER_ID", "UserID %r is empty or no text, allowed are 1 to %d bytes" % (user_id, limit))
        if user_id.startswith("_"):
            raise EsfError("E_USER_ID", "UserID %r starts with _, which marks ids of the system" % user_id)
        try:
            size = len(user_id.encode("utf-8"))
        except UnicodeEncodeError:
            raise EsfError("E_USER_ID", "UserID %r has no UTF-8 form" % user_id) from None
        if size > limit:
            raise EsfError("E_USER_ID", "UserID %r has %d bytes, the limit is %d" % (user_id, size, limit))

    def require_initialized(self):
        if self.closed:
            raise EsfError("E_CLOSED", "the engine has been closed")
        if not self._initialized:
            raise EsfError("E_NOT_INITIALIZED", "the call needs a successful initialize first")

    def require_connection(self):
        """The bound connection; E_DISCONNECTED without one (RCN-007)."""
        self.require_initialized()
        if self.connection is None:
            raise DisconnectedException("RCN-007")
        return self.connection

    def message(self, message_type, message_id, target, body=b""):
        """A message of this user (FRM-016); the target None is the server, written as the empty id."""
        return Message(message_type, message_id, self._account.user_id, target or "", body, self.settings.client_type)

    def spawn(self, coroutine):
        """Runs work of the engine beside everything else, until close()."""
        task = asyncio.ensure_future(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._task_done)
        return task

    def send_heartbeat(self):
        self.require_connection().send(self.message(HEARTBEAT, self.waiting.next_id(), None))

    # ---- logon

    async def _log_on(self, relogon):
        """One attempt: TCP, Logon, answer (4.1)."""
        settings, account = self.settings, self._account
        body = encode_arguments(
            "ReqLogonContract",
            AuthorizedUser=settings.authorized_user,
            Password=account.password,
            SystemToken=settings.system_token,
            Version=settings.version,
        )
        logon = self.message(LOGON, self.waiting.next_id(), None, body)
        encode_message(logon, *settings.limits)  # too large a password is refused before anything is sent (LIM-007)
        connection = await self._connect(account.address, account.port)
        connection.relogon = relogon
        connection.logon_id = logon.message_id
        try:
            connection.send(logon)
            timeout = settings.wait_response_timeout_secs
            return await asyncio.wait_for(connection.logon, timeout if timeout > 0 else None)
        except asyncio.TimeoutError:
            raise TimeoutException("LOG-007") from None
        except DisconnectedException:
            raise EsfError("E_CONNECT", "the connection ended before the Logon") from None
        finally:
            if connection is not self.connection:
                connection.close()

    async def _connect(self, address, port):
        def make():
            connection = Connection(
                self.settings.limits, self._on_message, self._on_end, self.settings.write_timeout_secs
            )
            connection.logon = connection.loop.create_future()
            connection.logon.add_done_callback(lambda future: future.cancelled() or future.exception())
            return connection

        timeout = self.settings.connect_timeout_secs
        connecting = asyncio.get_running_loop().create_connection(make, address, port)
        try:
            _transport, connection = await asyncio.wait_for(connecting, timeout if timeout > 0 else None)
        except (OSError, OverflowError, ValueError, asyncio.TimeoutError) as error:
            raise EsfError("E_CONNECT", "no connection to %s port %s: %s" % (address, port, error)) from None
        return connection

    def _on_message(self, connection, message):
        if connection is self.connection or not connection.logon.done():
            self._handle_message(connection, message)

    def _logon_answered(self, connection, answer):
        """LOG-018, LOG-019; for a relogon RCN-001, RCN-003. Runs before any later message of the same chunk."""
        result = LOGON_RESULTS.get(answer["LogonResult"], "Failed")
        response = LogonResponse(result, answer["FailureCause"])
        if connection.relogon:
            self._rebuilding = None
        if result == "Succeed":
            self.connection = connection
            self._initialized = True
            self._heartbeat = Heartbeat(connection, self.settings, self.send_heartbeat)
            self.p2p_controller.begin(self._p2p_server(answer), own_address(connection.transport))
        connection.logon.set_result(response)
        if connection.relogon:
            self.relogon_completed(response)
        if result != "Succeed":
            connection.close()

    def _p2p_server(self, answer):
        """P2P-008."""
        if self.settings.p2p_server_address is not None:
            return self.settings.p2p_server_address
        return (self._account.address, self._account.port + 1) if answer["UseAsP2PServer"] else None

    # ---- the end of a connection, and the next one

    def _on_end(self, connection, kind):
        if connection is self.connection:
            self._connection_over(kind, False)
        elif not connection.logon.done():
            if kind is not None:
                self.invalid_msg_received(connection.address, kind)
            connection.logon.set_exception(EsfError("E_CONNECT", "the connection ended before the answer to Logon"))

    def _unbind(self):
        """Everything that ends with the bound connection: RCN-006, BLB-018."""
        self.connection = None
        self._heartbeat.stop()
        self._blobs.clear()
        self.p2p_controller.stop()
        self.file_outter.self_offline()
        self.waiting.fail_all(DisconnectedException())

    def _connection_over(self, kind, reconnect_now):
        """A break, or closeConnection: RCN-001, SEC-009, RCN-008."""
        address = self.connection.address
        self._unbind()
        if kind is not None:
            self.invalid_msg_received(address, kind)
        self.connection_interrupted()
        if self.closed or not self.settings.auto_reconnect:
            return
        self.connection_rebuild_start()
        if not self.closed:
            self._hurry = asyncio.Event()
            self._rebuilding = self.spawn(self._rebuild(reconnect_now))

    def _ended_by_notice(self, event):
        """Pushed out or kicked out: closed first, then told, and not made again (REL-004, REL-005, BAS-003)."""
        self.connection.close()
        self._unbind()
        event()

    async def _rebuild(self, at_once):
        """Attempts until one is answered (RCN-002, RCN-005, RCN-013)."""
        attempt = 0
        while True:
            if not at_once:
                delay = self.settings.reconnect_delay(attempt) * random.uniform(1.0, 1.2)
                self._hurry.clear()
                try:
                    await asyncio.wait_for(self._hurry.wait(), delay)
                except asyncio.TimeoutError:
                    pass
            at_once = False
            attempt += 1
            try:
                await self._log_on(relogon=True)
                return
            except EsfError as error:
                log.info("attempt %d to reconnect: %s", attempt, error.text)

    def _task_done(self, task):
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("work of the engine failed", exc_info=task.exception())

    @staticmethod
    def _user_of(wire_id):
        """None for the server (CUS-003, FRM-031), otherwise the UserID."""
        return None if wire_id in ("", SERVER_ID) else wire_id
