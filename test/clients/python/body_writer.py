"""Writes bodies (chapter 2)."""

import struct

from body_types import FONT, LENGTH, MAX_DEPTH, NUMBERS, kind_of
from contracts import CONTRACTS
from errors import BodyError


class Writer:
    """Writes one body."""

    def __init__(self):
        self.out = bytearray()
        self.depth = 0

    def refuse(self, text):
        raise BodyError("E_VALUE", len(self.out), text)

    def deeper(self):
        self.depth += 1
        if self.depth > MAX_DEPTH:  # also ends every cycle (SER-024)
            self.refuse("value is nested deeper than %d levels, or contains itself" % MAX_DEPTH)

    def value(self, type_, value):
        kind = kind_of(type_)
        if kind in NUMBERS:
            self.number(kind, value)
        else:
            getattr(self, "write_" + kind)(type_, value)

    def number(self, kind, value):
        wanted = (int, float) if kind.startswith("float") else int
        if isinstance(value, bool) or not isinstance(value, wanted):
            self.refuse("%r is no %s" % (value, kind))
        try:
            self.out += NUMBERS[kind].pack(value)
        except (struct.error, OverflowError):
            self.refuse("%r does not fit %s" % (value, kind))

    def length(self, value):
        self.out += LENGTH.pack(value)

    def write_bool(self, _type, value):
        if not isinstance(value, bool):
            self.refuse("%r is no bool" % (value,))
        self.out.append(1 if value else 0)

    def write_enum(self, _type, value):
        self.number("int32", value)

    def write_string(self, _type, value):
        if value is None:
            return self.length(-1)
        if not isinstance(value, str):
            self.refuse("%r is no string" % (value,))
        try:
            content = value.encode("utf-8")
        except UnicodeEncodeError:
            self.refuse("text with half a surrogate pair has no UTF-8 form")
        self.length(len(content))
        self.out += content

    def write_bytes(self, _type, value):
        if value is None:
            return self.length(-1)
        if not isinstance(value, (bytes, bytearray, memoryview)):
            self.refuse("%s is no byte[]" % type(value).__name__)
        self.length(len(value))
        self.out += value

    def write_color(self, _type, value):
        for part in value:
            self.number("byte", part)

    def write_font(self, _type, value):
        self.write_object(FONT, value)

    def write_image(self, _type, value):
        if value is None:
            return self.length(-1)
        is_gif, content = value
        self.length(len(content))
        self.write_bool("bool", is_gif)
        self.out += content

    def write_list(self, type_, value):
        if value is None:
            return self.length(-1)
        self.deeper()
        self.length(len(value))
        for item in value:
            self.value(type_[1], item)
        self.depth -= 1

    def write_dict(self, type_, value):
        if value is None:
            return self.length(-1)
        self.deeper()
        self.length(len(value))
        for key, item in value.items():
            if key is None:
                self.refuse("a key is null")
            self.value(type_[1], key)
            self.value(type_[2], item)
        self.depth -= 1

    def write_object(self, type_, value):
        if value is None:
            return self.length(-1)
        self.deeper()
        start = len(self.out)
        self.length(0)
        for name, kind in CONTRACTS[type_[1]]:
            if name not in value:
                self.refuse("%s lacks %s" % (type_[1], name))
            self.value(kind, value[name])
        self.out[start : start + 4] = LENGTH.pack(len(self.out) - start)
        self.depth -= 1
