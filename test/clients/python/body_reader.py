"""Reads bodies (chapter 2)."""

from body_types import FONT, LENGTH, MAX_DEPTH, NUMBERS, kind_of, least_bytes
from contracts import CONTRACTS
from errors import BodyError


class Reader:
    """Reads one body. No length of the peer is believed before it was held against what is left (SER-010)."""

    def __init__(self, data):
        self.data = bytes(data)
        self.position = 0
        self.end = len(self.data)
        self.depth = 0

    def left(self):
        return self.end - self.position

    def take(self, count):
        if count > self.left():
            raise BodyError("E_TRUNCATED", self.position, "%d bytes are missing" % (count - self.left()))
        start = self.position
        self.position += count
        return self.data[start : self.position]

    def length(self, least):
        """An int32 prefix; None for -1 (null)."""
        start = self.position
        (value,) = LENGTH.unpack(self.take(4))
        if value == -1:
            return None
        if value < least:
            raise BodyError("E_LENGTH", start, "length %d" % value)
        return value

    def sized(self):
        """The content behind a length prefix (SER-009, SER-012)."""
        start = self.position
        size = self.length(0)
        if size is None:
            return None
        if size > self.left():
            raise BodyError("E_LENGTH", start, "length %d, but %d bytes are left" % (size, self.left()))
        return self.take(size)

    def count(self, least_each):
        start = self.position
        count = self.length(0)
        if count is not None and count * least_each > self.left():
            raise BodyError("E_LENGTH", start, "count %d, but %d bytes are left" % (count, self.left()))
        return count

    def deeper(self, start):
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise BodyError("E_DEPTH", start, "nested deeper than %d levels" % MAX_DEPTH)

    def value(self, type_):
        kind = kind_of(type_)
        if kind in NUMBERS:
            codec = NUMBERS[kind]
            return codec.unpack(self.take(codec.size))[0]
        return getattr(self, "read_" + kind)(type_)

    def read_bool(self, _type):
        start = self.position
        byte = self.take(1)[0]
        if byte > 1:
            raise BodyError("E_BOOL", start, "%d is no bool" % byte)  # SER-005
        return byte == 1

    def read_enum(self, _type):
        return LENGTH.unpack(self.take(4))[0]  # SER-007; unknown numbers pass (SER-008)

    def read_string(self, _type):
        content = self.sized()
        if content is None:
            return None
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise BodyError("E_UTF8", self.position - len(content), "text is not UTF-8") from error  # SER-011

    def read_bytes(self, _type):
        return self.sized()

    def read_color(self, _type):
        return tuple(self.take(3))  # SER-020

    def read_font(self, _type):
        return self.read_object(FONT)

    def read_image(self, _type):
        start = self.position
        size = self.length(0)  # SER-022
        if size is None:
            return None
        if size > self.left():
            raise BodyError("E_LENGTH", start, "length %d, but %d bytes are left" % (size, self.left()))
        is_gif = self.read_bool("bool")
        return (is_gif, self.take(size))

    def read_list(self, type_):
        start = self.position
        count = self.count(least_bytes(type_[1]))
        if count is None:
            return None
        self.deeper(start)
        items = [self.value(type_[1]) for _ in range(count)]
        self.depth -= 1
        return items

    def read_dict(self, type_):
        start = self.position
        count = self.count(least_bytes(type_[1]) + least_bytes(type_[2]))
        if count is None:
            return None
        self.deeper(start)
        pairs = {}
        for _ in range(count):
            key_start = self.position
            key = self.value(type_[1])
            if key is None:
                raise BodyError("E_NULL_KEY", key_start, "a key is null")  # SER-026
            if key in pairs:
                raise BodyError("E_DUPLICATE_KEY", key_start, "a key is there twice")
            pairs[key] = self.value(type_[2])
        self.depth -= 1
        return pairs

    def read_object(self, type_):
        start = self.position
        size = self.length(4)  # SER-015: the length counts its own four bytes
        if size is None:
            return None
        if size - 4 > self.left():
            raise BodyError("E_LENGTH", start, "object of %d bytes, but %d are left" % (size, self.left() + 4))
        self.deeper(start)
        outer_end, self.end = self.end, start + size
        properties = {name: self.value(kind) for name, kind in CONTRACTS[type_[1]]}
        if self.position != self.end:
            raise BodyError("E_OBJECT_LENGTH", start, "object longer than its properties")  # SER-016
        self.end = outer_end
        self.depth -= 1
        return properties
