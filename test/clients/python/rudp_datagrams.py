"""Datagrams of reliable UDP (17.1): named tuples to bytes and back. Everything is little-endian."""

import struct
from collections import namedtuple

SYN, SYN_ACK, CONFIRM, DATA, ACK, PING, FIN, ABORT = range(0x40, 0x48)
VERSION = 1  # RUD-002
RANGES_MAX = 16  # RUD-011
DATAGRAM_BYTES_MAX = 1200  # RUD-010
CHUNK_BYTES_MAX = DATAGRAM_BYTES_MAX - 13

Handshake = namedtuple("Handshake", "kind token identity echo limit")
Data = namedtuple("Data", "kind tag number sequence chunk")
Ack = namedtuple("Ack", "kind tag largest delay_micros limit before ranges")  # ranges: (gap, length), downward
Ping = namedtuple("Ping", "kind tag number")
Fin = namedtuple("Fin", "kind tag number sequence")
Abort = namedtuple("Abort", "kind token tag")

_HANDSHAKE = struct.Struct("<BBQII6s")
_DATA = struct.Struct("<BIII")
_ACK = struct.Struct("<BIII6sI")
_RANGE = struct.Struct("<HH")
_PING = struct.Struct("<BII")
_FIN = struct.Struct("<BIII")
_ABORT = struct.Struct("<BQI")
LOW = 0xFFFFFFFF


def _limit(value):
    return value.to_bytes(6, "little")


def encode_datagram(datagram):
    """The bytes; numbers and sequences are cut to their low 32 bits here (RUD-008)."""
    kind = datagram.kind
    if kind in (SYN, SYN_ACK, CONFIRM):
        limit = _limit(datagram.limit)
        return _HANDSHAKE.pack(kind, VERSION, datagram.token, datagram.identity, datagram.echo, limit)
    if kind == DATA:
        return _DATA.pack(kind, datagram.tag, datagram.number & LOW, datagram.sequence & LOW) + datagram.chunk
    if kind == ACK:
        head = (datagram.largest & LOW, min(datagram.delay_micros, LOW), _limit(datagram.limit), datagram.before)
        return _ACK.pack(kind, datagram.tag, *head) + b"".join(_RANGE.pack(*pair) for pair in datagram.ranges)
    if kind == PING:
        return _PING.pack(kind, datagram.tag, datagram.number & LOW)
    if kind == FIN:
        return _FIN.pack(kind, datagram.tag, datagram.number & LOW, datagram.sequence & LOW)
    return _ABORT.pack(kind, datagram.token, datagram.tag)


def decode_datagram(data):
    """A datagram, or None when its kind is unknown or its form impossible (RUD-023)."""
    kind = data[0] if data else -1
    size = len(data)
    if kind in (SYN, SYN_ACK, CONFIRM) and size == _HANDSHAKE.size:
        _kind, version, token, identity, echo, limit = _HANDSHAKE.unpack(data)
        plain = version == VERSION and identity != 0 and (echo == 0) == (kind == SYN)
        return Handshake(kind, token, identity, echo, int.from_bytes(limit, "little")) if plain else None
    if kind == DATA and size > _DATA.size:
        return Data(*_DATA.unpack_from(data), bytes(data[_DATA.size :]))
    if kind == ACK:
        return _decode_ack(data)
    if kind == PING and size == _PING.size:
        return Ping(*_PING.unpack(data))
    if kind == FIN and size == _FIN.size:
        return Fin(*_FIN.unpack(data))
    if kind == ABORT and size == _ABORT.size:
        return Abort(*_ABORT.unpack(data))
    return None


def _decode_ack(data):
    rest = len(data) - _ACK.size
    if rest < 0 or rest % _RANGE.size or rest > RANGES_MAX * _RANGE.size:
        return None
    kind, tag, largest, delay, limit, before = _ACK.unpack_from(data)
    ranges = list(_RANGE.iter_unpack(data[_ACK.size :]))
    if any(gap == 0 or length == 0 for gap, length in ranges):
        return None
    return Ack(kind, tag, largest, delay, int.from_bytes(limit, "little"), before, ranges)


def widen(low, near):
    """The number closest to `near` that has these low 32 bits; may be negative."""
    return near + ((low - near + 0x80000000) & LOW) - 0x80000000
