"""One attempt to reach another client by UDP (18.4): probes until a way is open, then the handshake of reliable UDP."""

import asyncio

import punching_datagrams as d
from p2p_socket import HANDSHAKES
from rudp_connection import RudpConnection

PROBE_SECS = 0.05
ATTEMPT_SECS = 5.0  # P2P-023
CANDIDATES_MAX = 16  # P2P-016
LEARNED_MAX = 16
PREDICTED_PORTS = 8


class Attempt:
    """Both sides of an invitation. `invited` begins the handshake (P2P-022). `on_end(attempt, opened)` comes once.

    After that the attempt stays the link of the channel: `send(message)`, `close()`, `abort()`, and
    `on_message(bytes)` and `on_closed(reason)`, which the channel sets.
    """

    def __init__(self, socket, token, user_id, invited, on_end, message_bytes_max):
        self.token, self.user_id, self.invited = token, user_id, invited
        self.on_end = on_end
        self.on_message = self.on_closed = None
        self.wanted = not invited  # by the own application (P2P-075)
        self.way = None  # the other side's endpoint
        self.answered = False
        self._socket = socket
        self._loop = asyncio.get_running_loop()
        self._wire_token = token & 0xFFFFFFFFFFFFFFFF
        self._candidates = []
        self._learned = []
        self._acknowledged = set()
        self._number = 0
        self._probing = None
        self._settled = False
        self.rudp = RudpConnection(
            self._wire_token, self._transmit, self._opened, self._message, self._closed,
            message_bytes_max=message_bytes_max,
        )  # fmt: skip
        socket.by_token[self._wire_token] = socket.by_identity[self.rudp.identity] = self
        self._deadline = self._loop.call_later(ATTEMPT_SECS, self._give_up)

    # ---- what the invitation says

    def learn(self, invitation, own_public_ip):
        """The other's candidates; later news replaces them (P2P-015)."""
        candidates = [each for each in (invitation["Candidates"] or [])[:CANDIDATES_MAX] if each and d.is_endpoint(each)]
        same_network = invitation["PublicIP"] is not None and invitation["PublicIP"] == own_public_ip
        candidates.sort(key=lambda each: each["Kind"] if same_network else -each["Kind"])  # P2P-020
        self._candidates = [(each["IP"], each["Port"]) for each in candidates]
        last, step = invitation["PredictedPort"], invitation["PredictedStep"]
        if last > 0 and step != 0 and invitation["PublicIP"]:
            ports = [last + step * (count + 1) for count in range(PREDICTED_PORTS)]  # P2P-021
            self._candidates += [(invitation["PublicIP"], port) for port in ports if 0 < port < 65536]
        if not self.answered:
            self.answered = True
            self._deadline.cancel()
            self._deadline = self._loop.call_later(ATTEMPT_SECS, self._give_up)
            self._probe()

    # ---- probes

    def _probe(self):
        self._probing = self._loop.call_later(PROBE_SECS, self._probe)
        for endpoint in dict.fromkeys(self._candidates + self._learned):
            self._number += 1
            self._socket.send(d.probe(self._wire_token, self._number), endpoint)

    def datagram_received(self, data, source):
        if data[0] < 0x40:
            self._probe_received(d.read_probe(data), source)
            return
        # A handshake may come before any probe was let in: without a way its answer would go nowhere.
        if data[0] in HANDSHAKES and self.rudp.state in ("idle", "answered") and (not self.invited or self.way is None):
            self.way = source
        self.rudp.datagram_received(data)

    def _probe_received(self, datagram, source):
        if datagram is None:
            return
        kind, _token, number = datagram
        if kind == d.PROBE_ACK:
            self._acknowledged.add(source)
        else:
            self._socket.send(d.probe_ack(self._wire_token, number, source), source)  # P2P-018
            if source not in self._candidates and source not in self._learned and len(self._learned) < LEARNED_MAX:
                self._learned.append(source)  # P2P-019
        if self.invited and self.rudp.state in ("idle", "connecting"):
            if self.way is None:
                if kind == d.PROBE:
                    self.way = source
                    self.rudp.begin()
            elif self.way not in self._acknowledged and source in self._acknowledged:
                self.way = source

    def _give_up(self):
        """P2P-023; a handshake on a way that was found has its own end."""
        if self.way is None:
            self.abandon()

    def abandon(self):
        """Ends the attempt without a link."""
        self._settle(False)
        self._forget()
        self.rudp.abort()

    # ---- the link

    def _opened(self):
        self._settle(True)

    def _settle(self, opened):
        if self._settled:
            return
        self._settled = True
        self._deadline.cancel()
        if self._probing is not None:
            self._probing.cancel()
        self.on_end(self, opened)

    def _transmit(self, data):
        if self.way is not None:
            self._socket.send(data, self.way)

    def _message(self, content):
        if self.on_message is not None:
            self.on_message(content)

    def _closed(self, reason):
        self._loop.call_later(5.0, self._forget)  # RUD-032
        self._settle(False)
        if self.on_closed is not None:
            self.on_closed(reason)

    def _forget(self):
        self._socket.by_token.pop(self._wire_token, None)
        self._socket.by_identity.pop(self.rudp.identity, None)

    @property
    def unacknowledged_bytes(self):
        return self.rudp.sending.queued_bytes

    @property
    def waiting_bytes(self):
        return self.rudp.sending.waiting_bytes

    def send(self, content):
        self.rudp.send(content)

    def close(self):
        self.rudp.close()

    def abort(self):
        self.rudp.abort()
