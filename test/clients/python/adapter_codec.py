"""The verbs decode and encode of the adapter (chapter 20, section 8)."""

import struct

from adapter_instance import BadArguments, argument
from errors import BodyError
from framing import FrameDecoder
from json_values import contract_type, from_json, stream_to_json, to_json, type_from_json, unhex
from serializer import decode, encode


class CodecFailure(Exception):
    """Bytes that are no valid encoding, or a value that has none."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


def _type_of(request):
    named = [name for name in ("contract", "type", "stream") if name in request]
    if len(named) != 1:
        raise BadArguments("exactly one of contract, type and stream is needed")
    if named[0] == "contract":
        return contract_type(request["contract"])
    if named[0] == "type":
        return type_from_json(request["type"])
    return None


def _data(request):
    try:
        return unhex(argument(request, "hex", str))
    except ValueError as error:
        raise BadArguments(str(error)) from None


def decode_verb(request):
    type_, data = _type_of(request), _data(request)
    if type_ is None:
        return {"value": _decode_stream(argument(request, "stream", dict), data)}
    try:
        return {"value": to_json(type_, decode(type_, data))}
    except BodyError as error:
        raise CodecFailure(error.code, str(error)) from None


def _decode_stream(limits, data):
    decoder = FrameDecoder(argument(limits, "userIdBytesMax", int), argument(limits, "messageBytesMax", int))
    messages = list(decoder.feed(data))
    decoder.finish()
    return stream_to_json(messages, decoder.invalid)


def encode_verb(request):
    type_ = _type_of(request)
    if type_ is None or "value" not in request:
        raise BadArguments("encode takes a contract or a type, and a value")
    try:
        return {"hex": encode(type_, from_json(type_, request["value"])).hex()}
    except BodyError as error:
        raise CodecFailure(error.code, str(error)) from None
    except (ValueError, TypeError, KeyError, OverflowError, struct.error) as error:
        raise CodecFailure("E_VALUE", "the value does not fit its type: %r" % error) from None
