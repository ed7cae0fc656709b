"""Messages and the stream they travel in (chapters 1 and 3)."""

import struct

from contracts import RECEIVED_BY_CLIENT, RECEIVED_OVER_CHANNEL
from errors import BodyError, EsfError
from serializer import decode_contract

START_TOKEN = 0xE5  # FRM-003
HIGHEST_CLIENT_TYPE = 8  # FRM-006
DEFAULT_USER_ID_BYTES = 11  # LIM-001
DEFAULT_MESSAGE_BYTES = 1048576  # LIM-005
FIXED = struct.Struct("<BBHii")  # token, client type, message type, body length, message id (FRM-002)
NULL_OBJECT = b"\xff\xff\xff\xff"  # SER-028


def header_bytes(user_id_bytes):
    """Size of a header for a given N (FRM-001)."""
    return FIXED.size + 2 * (1 + user_id_bytes)


class Message:
    """One message; the body is bytes."""

    __slots__ = ("client_type", "message_type", "message_id", "source_id", "dest_id", "body")

    def __init__(self, message_type, message_id, source_id, dest_id, body=b"", client_type=8):
        self.client_type = client_type
        self.message_type = message_type
        self.message_id = message_id
        self.source_id = source_id
        self.dest_id = dest_id
        self.body = body


def _id_field(text, user_id_bytes):
    """Length byte, UTF-8, zeros up to N (FRM-013)."""
    content = text.encode("utf-8")
    if len(content) > user_id_bytes:
        raise EsfError("E_USER_ID", "UserID %r has %d bytes, the limit is %d" % (text, len(content), user_id_bytes))
    return bytes((len(content),)) + content.ljust(user_id_bytes, b"\0")


def encode_message(message, user_id_bytes=DEFAULT_USER_ID_BYTES, message_bytes=DEFAULT_MESSAGE_BYTES):
    """The bytes of a message; one above the limit is refused (LIM-007)."""
    size = header_bytes(user_id_bytes) + len(message.body)
    if size > message_bytes:
        raise EsfError("E_MESSAGE_SIZE", "message of %d bytes, the limit is %d" % (size, message_bytes))
    fixed = FIXED.pack(
        START_TOKEN, message.client_type, message.message_type, len(message.body), message.message_id
    )
    source = _id_field(message.source_id, user_id_bytes)
    return fixed + source + _id_field(message.dest_id, user_id_bytes) + message.body


def body_value(message):
    """The decoded body of a message for a client, None when it has none; BodyError if it is not valid.

    Only for types in RECEIVED_BY_CLIENT and RECEIVED_OVER_CHANNEL. An empty body where a contract is asked for is invalid (FRM-028), and so is
    a null object, which stands for an empty body (SER-028).
    """
    kind = message.message_type
    contract, may_be_empty = RECEIVED_BY_CLIENT.get(kind) or RECEIVED_OVER_CHANNEL[kind]
    if contract is None:
        return None  # FRM-023
    if message.body in (b"", NULL_OBJECT):
        if may_be_empty:
            return None
        raise BodyError("E_TRUNCATED", 0, "an empty body where %s is needed" % contract)
    return decode_contract(contract, message.body)


class FrameDecoder:
    """Cuts one direction of a connection into messages, however it arrives (FRM-017).

    `invalid` is the kind of the first fault (chapter 15), or None. Nothing is delivered after it (SEC-003). At most one
    unfinished message and one chunk are held, and nothing is set aside for an announced length (SEC-011).
    """

    def __init__(self, user_id_bytes=DEFAULT_USER_ID_BYTES, message_bytes=DEFAULT_MESSAGE_BYTES):
        self.user_id_bytes = user_id_bytes
        self.message_bytes = message_bytes
        self.header_size = header_bytes(user_id_bytes)
        self.invalid = None
        self._buffer = bytearray()
        self._header = None  # of the message whose body is awaited: (Message, body length)

    def feed(self, chunk):
        """Takes a chunk and gives the messages that are complete, one by one."""
        if self.invalid is None:
            self._buffer += chunk
        while self.invalid is None:
            message = self._next()
            if message is None:
                return
            yield message

    def finish(self):
        """The peer has ended the stream: inside a message this is DataLacked (FRM-018)."""
        if self.invalid is None and self._buffer:
            self._refuse("DataLacked")

    def refuse_body(self):
        """The caller found the body of the last message invalid (FRM-019)."""
        self._refuse("DataLacked")

    def _refuse(self, kind):
        self.invalid = kind
        self._buffer.clear()

    def _next(self):
        buffer = self._buffer
        if self._header is None:
            self._read_header(buffer)
            if self._header is None:
                return None
        message, length = self._header
        end = self.header_size + length
        if len(buffer) < end:
            return None
        message.body = bytes(buffer[self.header_size : end])
        del buffer[:end]
        self._header = None
        return message

    def _read_header(self, buffer):
        """The checks of FRM-020 in their order, each as early as possible (FRM-027)."""
        if buffer and buffer[0] != START_TOKEN:
            return self._refuse("InvalidToken")
        if len(buffer) > 1 and buffer[1] > HIGHEST_CLIENT_TYPE:
            return self._refuse("InvalidClientType")
        if len(buffer) < self.header_size:
            return None
        _token, client_type, message_type, length, message_id = FIXED.unpack_from(buffer)
        source = self._read_id(FIXED.size)
        dest = self._read_id(FIXED.size + 1 + self.user_id_bytes)
        if source is None or dest is None or length < 0:
            return self._refuse("InvalidHeader")
        if self.header_size + length > self.message_bytes:
            return self._refuse("MessageSizeOverflow")  # LIM-006: before any of the body is there
        self._header = (Message(message_type, message_id, source, dest, b"", client_type), length)
        return None

    def _read_id(self, offset):
        """An id, or None when it is not valid (FRM-014); padding is not looked at (FRM-015)."""
        size = self._buffer[offset]
        if size > self.user_id_bytes:
            return None
        try:
            return self._buffer[offset + 1 : offset + 1 + size].decode("utf-8")
        except UnicodeDecodeError:
            return None
