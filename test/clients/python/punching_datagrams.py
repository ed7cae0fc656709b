"""Datagrams of address discovery and hole punching (18.1, 18.4)."""

import ipaddress
import struct

from contracts import GET_MY_PUBLIC_IPE
from errors import BodyError
from framing import FrameDecoder, Message, encode_message
from serializer import decode_contract

DISCOVER_REQUEST, DISCOVER_RESPONSE, PROBE, PROBE_ACK = 0x01, 0x02, 0x10, 0x11
PADDING = bytes(64)  # P2P-004
_PROBE = struct.Struct("<BQI")
_PROBE_ACK = struct.Struct("<BQI4sH")


def discover_request(message_id, user_id, client_type, user_id_bytes):
    """P2P-003, P2P-004."""
    message = Message(GET_MY_PUBLIC_IPE, message_id, user_id, "", b"", client_type)
    return bytes((DISCOVER_REQUEST,)) + encode_message(message, user_id_bytes) + PADDING


def read_discover_response(data, user_id_bytes):
    """(message id, (ip, port), second port), or None when the datagram is no answer."""
    decoder = FrameDecoder(user_id_bytes, len(data))
    for message in decoder.feed(data[1:]):
        if message.message_type != GET_MY_PUBLIC_IPE:
            return None
        try:
            answer = decode_contract("PublicIPEResponseContract", message.body)
        except BodyError:
            return None
        return message.message_id, (answer["IP"], answer["PublicPort"]), answer["SecondPort"]
    return None


def probe(token, number):
    return _PROBE.pack(PROBE, token, number)


def probe_ack(token, number, source):
    return _PROBE_ACK.pack(PROBE_ACK, token, number, ipaddress.IPv4Address(source[0]).packed, source[1])


def read_probe(data):
    """(kind, token, number) of a Probe or a ProbeAck, or None."""
    size = {PROBE: _PROBE.size, PROBE_ACK: _PROBE_ACK.size}.get(data[0])
    return _PROBE.unpack_from(data) if size == len(data) else None


def is_endpoint(candidate):
    """P2P-016: an IPv4 address and a port that there are."""
    try:
        address = ipaddress.IPv4Address(candidate["IP"])
    except (ValueError, TypeError):
        return False
    return 0 < candidate["Port"] < 65536 and not address.is_unspecified and not address.is_multicast
