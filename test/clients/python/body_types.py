"""Types and values of the serializer (2.1).

A type is a string ("bool", "byte", "int16", "int32", "int64", "float32", "float64", "dateTime", "string", "bytes",
"color", "font", "image") or a tuple: ("list", T), ("dict", K, V), ("enum", NAME), ("object", CONTRACT).

Values in Python: bool, int, float, str, bytes, list, dict; an object is a dict of its properties, a color a tuple of
three numbers, an image a tuple (is_gif, content), a DateTime its ticks. None is null.
"""

import struct

MAX_DEPTH = 32  # SER-023

NUMBERS = {
    "byte": struct.Struct("<B"),
    "int16": struct.Struct("<h"),
    "int32": struct.Struct("<i"),
    "int64": struct.Struct("<q"),
    "dateTime": struct.Struct("<q"),
    "float32": struct.Struct("<f"),
    "float64": struct.Struct("<d"),
}
FONT = ("object", "SimpleFont")  # SER-021
LENGTH = NUMBERS["int32"]


def kind_of(type_):
    """The first word of a type."""
    return type_ if isinstance(type_, str) else type_[0]


def least_bytes(type_):
    """The fewest bytes a value of the type takes; never 0 (SER-027)."""
    kind = kind_of(type_)
    if kind in NUMBERS:
        return NUMBERS[kind].size
    return {"bool": 1, "color": 3}.get(kind, 4)
