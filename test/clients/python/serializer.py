"""The compact property serializer (chapter 2): values to bytes and back. Types and values are those of body_types."""

from body_reader import Reader
from body_writer import Writer
from errors import BodyError, EsfError


def decode(type_, data):
    """The value that the bytes hold, or BodyError; nothing may follow it (SER-017)."""
    reader = Reader(data)
    value = reader.value(type_)
    if reader.left():
        raise BodyError("E_TRAILING", reader.position, "%d bytes too many" % reader.left())
    return value


def encode(type_, value):
    """The bytes of a value, or BodyError."""
    writer = Writer()
    writer.value(type_, value)
    return bytes(writer.out)


def decode_contract(name, data):
    return decode(("object", name), data)


def encode_contract(name, **properties):
    return encode(("object", name), properties)


def encode_arguments(name, **properties):
    """The same for what an application gave: an error of the API instead of the serializer (ERR-001)."""
    try:
        return encode_contract(name, **properties)
    except BodyError as error:
        raise EsfError("E_ARGUMENT", str(error)) from None
