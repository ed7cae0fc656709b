"""Values of the serializer as JSON, in the way of spec/vectors/README.md and section 8 of chapter 20."""

import math
import re

from body_types import FONT, NUMBERS, kind_of
from contracts import CONTRACTS
from errors import BodyError

HEX = re.compile(r"(?:[0-9a-f]{2})*\Z")
BARE_TYPES = set(NUMBERS) | {"bool", "string", "bytes", "color", "font", "image"}


class UnknownType(Exception):
    """A contract or a type that this codec does not have."""


def type_from_json(described):
    """A type of the serializer from its description in a vector."""
    if isinstance(described, str) and described in BARE_TYPES:
        return described
    if isinstance(described, dict) and len(described) == 1:
        ((kind, inner),) = described.items()
        if kind == "list":
            return ("list", type_from_json(inner))
        if kind == "dict" and isinstance(inner, list) and len(inner) == 2:
            return ("dict", type_from_json(inner[0]), type_from_json(inner[1]))
        if kind == "enum":
            return ("enum", inner)
        if kind == "object":
            return contract_type(inner)
    raise UnknownType("unknown type %r" % (described,))


def contract_type(name):
    if not isinstance(name, str) or name not in CONTRACTS:
        raise UnknownType("unknown contract %r" % (name,))
    return ("object", name)


def unhex(text):
    """Bytes from lowercase hex; ValueError otherwise."""
    if not isinstance(text, str) or not HEX.match(text):
        raise ValueError("not lowercase hex: %.40r" % (text,))
    return bytes.fromhex(text)


def _float_to_json(value):
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 and math.copysign(1, value) < 0:
        return "-0"
    return value


def to_json(type_, value):
    """A decoded value as JSON."""
    kind = kind_of(type_)
    if value is None:
        return None
    if kind in ("int64", "dateTime"):
        return str(value)
    if kind in ("float32", "float64"):
        return _float_to_json(value)
    if kind == "bytes":
        return value.hex()
    if kind == "color":
        return dict(zip("RGB", value))
    if kind == "image":
        return {"IsGif": value[0], "Content": value[1].hex()}
    if kind == "font":
        return to_json(FONT, value)
    if kind == "list":
        return [to_json(type_[1], item) for item in value]
    if kind == "dict":
        return [[to_json(type_[1], key), to_json(type_[2], item)] for key, item in value.items()]
    if kind == "object":
        return {name: to_json(inner, value[name]) for name, inner in CONTRACTS[type_[1]]}
    return value


def _pairs(type_, value):
    pairs = {}
    for key, item in value:
        key = from_json(type_[1], key)
        if key in pairs:
            raise BodyError("E_DUPLICATE_KEY", 0, "the key %r is there twice" % (key,))
        pairs[key] = from_json(type_[2], item)
    return pairs


def from_json(type_, value):
    """A value for the encoder from JSON; ValueError, TypeError or KeyError when it has another shape."""
    kind = kind_of(type_)
    if value is None:
        return None
    if kind in ("int64", "dateTime"):
        return int(value)
    if kind in ("float32", "float64"):
        return float(value)  # also "NaN", "Infinity", "-Infinity" and "-0"
    if kind == "bytes":
        return unhex(value)
    if kind == "color":
        return (value["R"], value["G"], value["B"])
    if kind == "image":
        return (value["IsGif"], unhex(value["Content"]))
    if kind == "font":
        return from_json(FONT, value)
    if kind == "list":
        return [from_json(type_[1], item) for item in value]
    if kind == "dict":
        return _pairs(type_, value)
    if kind == "object":
        return {name: from_json(inner, value[name]) for name, inner in CONTRACTS[type_[1]]}
    return value


def stream_to_json(messages, invalid):
    """The value of a decoded stream (section 8)."""
    return {
        "messages": [
            {
                "clientType": message.client_type,
                "messageType": message.message_type,
                "messageId": message.message_id,
                "sourceId": message.source_id,
                "destId": message.dest_id,
                "body": message.body.hex(),
            }
            for message in messages
        ],
        "invalid": invalid,
    }
