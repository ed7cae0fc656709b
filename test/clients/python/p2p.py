"""The P2P part of a client (chapter 18): invitations, channels by user, and which way a message takes.

UDP only; an invitation to TCP is refused (P2P-012). `channel_opened(user)`, `channel_closed(user)`,
`all_channels_closed()` and `connect_failed(user)` are its events.
"""

import asyncio
import logging
import random
import socket as sockets
from collections import OrderedDict

import contracts as c
from channel import Channel
from events import Event
from p2p_socket import P2PSocket
from paths import Path
from punching import Attempt
from serializer import encode_contract

log = logging.getLogger("esf")

INVITE, ANSWER, REFUSE = 0, 1, 2
HOST, SERVER_REFLEXIVE = 0, 1
UNKNOWN, INDEPENDENT, SEQUENTIAL, RANDOM = 0, 1, 2, 3
COUNTS_KEPT = 16  # streams of a user, 18.9


class P2PController:
    def __init__(self, engine):
        self.channel_opened = Event("p2pChannelOpened")
        self.channel_closed = Event("p2pChannelClosed")
        self.all_channels_closed = Event("allP2PChannelClosed")
        self.connect_failed = Event("p2pConnectFailed")
        self.on_channel_over = lambda channel: None  # for parts of the engine
        self._engine = engine
        self._socket = None
        self._starting = None
        self._server = None
        self._public = None  # (ip, port) or None
        self._own_ip = None
        self._mapping = UNKNOWN
        self._attempts = {}  # user id -> Attempt
        self._channels = {}  # user id -> [Channel], also those not open yet
        self._paths = {}
        self._counts = {}  # user id -> OrderedDict of stream id -> Channel
        self._streams = 0

    # ---- logon (18.2)

    def begin(self, p2p_server, own_ip):
        """After a logon."""
        self._starting = self._engine.spawn(self._start(p2p_server, own_ip))

    async def ready(self):
        """Returns when the address discovery that follows a logon is over."""
        if self._starting is not None:
            await asyncio.wait([self._starting])

    async def _start(self, p2p_server, own_ip):
        """Opens the socket, asks the P2P server, tells the server (P2P-009)."""
        engine = self._engine
        for path in self._paths.values():
            path.server_back()
        if p2p_server is None or engine.settings.p2p_mode == "None":
            return
        self._server, self._own_ip = p2p_server, engine.settings.udp_address or own_ip
        if self._socket is None:
            self._socket = await P2PSocket.open(engine.current_user_id, engine.settings, self._own_ip)
        seen = await self._socket.discover(p2p_server)
        if seen is not None:
            self._public = seen[0]
            second = await self._socket.discover((p2p_server[0], seen[1])) if seen[1] else None
            if second is not None:
                self._mapping = INDEPENDENT if second[0] == self._public else UNKNOWN
        public = self._public or (None, 0)
        address = {
            "PrivateIP": self._own_ip, "PrivateTcpPort": 0, "PrivateUdpPort": self._socket.port,
            "PublicIP": public[0], "PublicTcpPort": 0, "PublicUdpPort": public[1],
        }  # fmt: skip
        body = encode_contract("P2PLogonContract", IsPublicIP=public[0] == self._own_ip, P2PAddress=address)
        if engine.connection is not None:
            engine.connection.send(engine.message(c.P2P_LOGON, engine.waiting.next_id(), None, body))

    def stop(self):
        """The connection to the server has ended (P2P-058)."""
        for attempt in list(self._attempts.values()):
            attempt.abandon()
        for path in self._paths.values():
            path.server_lost()
        for channel in [channel for channels in self._channels.values() for channel in channels]:
            channel.close()

    def close(self):
        self.stop()
        if self._socket is not None:
            self._socket.close()

    # ---- invitations (18.3)

    def p2p_connect_asyn(self, user_id):
        """P2P-071: nothing when a channel exists or is being tried; otherwise an event tells how it ended."""
        self._engine.require_connection()
        self._engine.check_user_id(user_id)
        if user_id in self._attempts or self._channels.get(user_id):
            return
        if self._socket is None:
            self.connect_failed(user_id)
            return
        attempt = self._attempt(user_id, random.SystemRandom().randrange(-(1 << 63), 1 << 63), False)
        self._invite(user_id, c.INVITE_UDP_P2P, INVITE, attempt.token)

    def _attempt(self, user_id, token, invited):
        limit = self._engine.settings.max_length_of_message
        attempt = Attempt(self._socket, token, user_id, invited, self._attempt_ended, limit)
        self._attempts[user_id] = attempt
        return attempt

    def _invite(self, user_id, message_type, kind, token):
        candidates = []
        if kind != REFUSE:
            candidates.append({"IP": self._own_ip, "Kind": HOST, "Port": self._socket.port})
            if self._public is not None:
                candidates.append({"IP": self._public[0], "Kind": SERVER_REFLEXIVE, "Port": self._public[1]})
        body = encode_contract(
            "P2PInvitationContract", Candidates=candidates, Kind=kind, Mapping=self._mapping, PredictedPort=0,
            PredictedStep=0, PublicIP=self._public[0] if self._public else None, Token=token,
        )  # fmt: skip
        engine = self._engine
        engine.require_connection().send(engine.message(message_type, engine.waiting.next_id(), user_id, body))

    def invited(self, message_type, source, invitation):
        """InviteTcpP2P and InviteUdpP2P."""
        if invitation is None:
            return  # P2P-016
        kind, token = invitation["Kind"], invitation["Token"]
        attempt = self._attempts.get(source)
        if kind == INVITE:
            if message_type == c.INVITE_TCP_P2P or self._socket is None:
                self._invite(source, message_type, REFUSE, token)
            else:
                self._invited(source, attempt, invitation)
        elif message_type == c.INVITE_UDP_P2P and attempt is not None and attempt.token == token:
            if kind == ANSWER:
                attempt.learn(invitation, self._public and self._public[0])
            elif kind == REFUSE and not attempt.invited:
                attempt.abandon()

    def _invited(self, source, attempt, invitation):
        public = self._public and self._public[0]
        if attempt is not None and attempt.token == invitation["Token"]:
            attempt.learn(invitation, public)  # P2P-015
            return
        if attempt is not None:
            own = self._engine.current_user_id
            if not attempt.invited and own.encode() < source.encode():
                return  # P2P-014
            self._attempts.pop(source)
            attempt.on_end = lambda _attempt, _opened: None
            attempt.abandon()
        wanted = attempt is not None and attempt.wanted
        attempt = self._attempt(source, invitation["Token"], True)
        attempt.wanted = wanted
        self._invite(source, c.INVITE_UDP_P2P, ANSWER, attempt.token)  # P2P-012
        attempt.learn(invitation, public)

    def _attempt_ended(self, attempt, opened):
        if self._attempts.get(attempt.user_id) is attempt:
            del self._attempts[attempt.user_id]
        if opened:
            self._streams += 1
            channel = Channel(
                self._engine, attempt, self._streams, self._opened, self._received, self._progress, self._closed
            )
            self._channels.setdefault(attempt.user_id, []).append(channel)
        elif attempt.wanted:
            self.connect_failed(attempt.user_id)  # P2P-075

    # ---- channels

    def _path(self, user_id):
        return self._paths.setdefault(user_id, Path(self._engine, user_id))

    def _opened(self, channel):
        engine = self._engine
        counts = self._counts.setdefault(channel.user_id, OrderedDict())
        counts[channel.peer_stream] = channel
        while len(counts) > COUNTS_KEPT:
            counts.popitem(last=False)
        first = not self._path(channel.user_id).channels
        self._path(channel.user_id).opened(channel)
        body = encode_contract("P2PChannelReportContract", DestUserID=channel.user_id)
        if engine.connection is not None:
            engine.connection.send(engine.message(c.P2P_CHANNEL_REPORT, engine.waiting.next_id(), None, body))
        if first:
            self.channel_opened(channel.user_id)

    def _progress(self, channel):
        self._path(channel.user_id).progress(channel)

    def _closed(self, channel):
        channels = self._channels.get(channel.user_id, [])
        if channel in channels:
            channels.remove(channel)
        path = self._path(channel.user_id)
        path.closed(channel)
        self.on_channel_over(channel)
        if channel.opened and not path.channels:
            self.channel_closed(channel.user_id)
            if not any(other.channels for other in self._paths.values()):
                self.all_channels_closed()
        if not channel.opened and channel.link.wanted:
            self.connect_failed(channel.user_id)

    def _received(self, channel, message, value):
        if message.message_type == c.P2P_PATH_MARKED:
            self._path(channel.user_id).marked(message.message_id)
        elif message.message_type == c.P2P_STREAM_FINAL:
            channel.close()  # 18.8
            self._path(channel.user_id).final(value["StreamID"], value["Count"])
        else:
            self._engine.take_from_channel(channel, message, value)

    # ---- messages of the room through the server

    def from_server(self, kind, source, message, value):
        if kind in (c.INVITE_TCP_P2P, c.INVITE_UDP_P2P):
            if source is not None:
                self.invited(kind, source, value)
        elif kind == c.P2P_USER_GONE:
            if source is None:
                self._gone(value["UserID"])  # P2P-049
        elif source is None:
            return
        elif kind == c.P2P_PATH_MARK:
            marked = self._engine.message(c.P2P_PATH_MARKED, message.message_id, source)
            (self.way(source) or self._engine.connection).send(marked)  # P2P-052
        elif kind == c.P2P_PATH_MARKED:
            self._path(source).marked(message.message_id)
        elif kind == c.P2P_STREAM_ASK:
            self._asked(source, message.message_id, value["StreamID"])
        elif kind == c.P2P_STREAM_FINAL:
            self._path(source).final(value["StreamID"], value["Count"])

    def _asked(self, source, message_id, stream_id):
        """P2P-054."""
        channel = self._counts.get(source, {}).get(stream_id)
        if channel is not None:
            channel.close()
        count = -1 if channel is None else channel.received
        body = encode_contract("P2PStreamCountContract", Count=count, StreamID=stream_id)
        self._engine.connection.send(self._engine.message(c.P2P_STREAM_FINAL, message_id, source, body))

    def _gone(self, user_id):
        for channel in list(self._channels.get(user_id, [])):
            channel.close()
        if user_id in self._paths:
            self._paths[user_id].gone()

    # ---- what the rest of the client asks

    def way(self, user_id):
        """The channel that messages to a user take, or None (P2P-060)."""
        path = self._paths.get(user_id)
        return path.channels[0] if path is not None and path.channels else None

    def path(self, user_id):
        """The path of a user to whom there is, or was, a channel; None: simply the server."""
        path = self._paths.get(user_id)
        return None if path is None or path.idle else path

    def is_p2p_channel_exist(self, user_id):
        return self.way(user_id) is not None


def own_address(transport):
    """The own address of a TCP connection, for the Host candidate."""
    name = transport.get_extra_info("sockname")
    return name[0] if name and transport.get_extra_info("socket").family == sockets.AF_INET else "0.0.0.0"
