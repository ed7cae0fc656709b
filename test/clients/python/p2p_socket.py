"""The UDP socket of a client: address discovery (18.2), probes and reliable UDP of all attempts and channels."""

import asyncio
import random

import punching_datagrams as d
import rudp_datagrams as rudp

REPEAT_SECS = (0.2, 0.4, 0.8, 1.6, 2.0)
HANDSHAKES = (rudp.SYN, rudp.SYN_ACK, rudp.CONFIRM)
TOKENS_AT = {**{kind: 2 for kind in HANDSHAKES}, rudp.ABORT: 1, d.PROBE: 1, d.PROBE_ACK: 1}


class P2PSocket(asyncio.DatagramProtocol):
    """`by_token` and `by_identity` say who gets a datagram: an object with `datagram_received(data, source)`.
    A datagram for nobody is dropped, so that strangers reach nothing (P2P-018, RUD-023)."""

    def __init__(self, user_id, settings):
        self.by_token = {}
        self.by_identity = {}
        self._user_id = user_id
        self._settings = settings
        self._asked = {}  # message id -> future of (endpoint, second port)
        self._transport = None

    @classmethod
    async def open(cls, user_id, settings, address):
        loop = asyncio.get_running_loop()
        _transport, socket = await loop.create_datagram_endpoint(lambda: cls(user_id, settings), (address, 0))
        return socket

    def connection_made(self, transport):
        self._transport = transport

    @property
    def port(self):
        return self._transport.get_extra_info("sockname")[1]

    def close(self):
        self._transport.close()

    def send(self, data, endpoint):
        if not self._transport.is_closing():
            self._transport.sendto(data, endpoint)

    def error_received(self, _error):
        """A port behind which nobody listens: one way fewer, no reason to stop."""

    def datagram_received(self, data, source):
        kind = data[0] if data else -1
        if kind in TOKENS_AT:
            at = TOKENS_AT[kind]
            owner = self.by_token.get(int.from_bytes(data[at : at + 8], "little"))
        elif kind == d.DISCOVER_RESPONSE:
            self._discovered(data)
            return
        else:
            owner = self.by_identity.get(int.from_bytes(data[1:5], "little"))
        if owner is not None:
            owner.datagram_received(data, source)

    # ---- discovery

    def _discovered(self, data):
        answer = d.read_discover_response(data, self._settings.max_length_of_user_id)
        future = self._asked.get(answer[0]) if answer is not None else None
        if future is not None and not future.done():
            future.set_result(answer[1:])

    async def discover(self, server):
        """((ip, port), second port) as the P2P server sees this socket (P2P-009), or None when it does not answer."""
        message_id = random.randrange(1, 0x80000000)
        request = d.discover_request(
            message_id, self._user_id, self._settings.client_type, self._settings.max_length_of_user_id
        )
        future = self._asked[message_id] = asyncio.get_running_loop().create_future()
        try:
            for patience in REPEAT_SECS:
                self.send(request, server)
                done, _waiting = await asyncio.wait([future], timeout=patience)
                if done:
                    return future.result()
            return None
        finally:
            del self._asked[message_id]
