"""Runs every vector of spec/vectors against the codec: python3 test/clients/python/test_vectors.py"""

import json
import re
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from contracts import RECEIVED_BY_CLIENT  # noqa: E402
from errors import BodyError  # noqa: E402
from framing import FrameDecoder, Message, encode_message  # noqa: E402
from json_values import contract_type, from_json, stream_to_json, to_json, type_from_json  # noqa: E402
from serializer import decode, encode  # noqa: E402

FILES = sorted((HERE.parents[2] / "spec" / "vectors").glob("*.json"))
REPEATED = re.compile(r"\(([0-9a-f]+)\)\*(\d+)")


def unfold(text):
    """`(5a)*28` written out."""
    return REPEATED.sub(lambda match: match.group(1) * int(match.group(2)), text)


def unfolded(value):
    """The same for every text inside a JSON value that could hold hex."""
    if isinstance(value, str):
        return unfold(value)
    if isinstance(value, list):
        return [unfolded(item) for item in value]
    if isinstance(value, dict):
        return {name: unfolded(item) for name, item in value.items()}
    return value


def read_stream(data, vector, piece, end=True):
    """Messages and kind that a receiver makes of a stream that comes in pieces."""
    decoder = FrameDecoder(vector.get("userIdBytesMax", 11), vector.get("messageBytesMax", 1048576))
    messages = []
    for start in range(0, len(data), piece):
        messages.extend(decoder.feed(data[start : start + piece]))
    if end:
        decoder.finish()
    return messages, decoder.invalid


class Vectors(unittest.TestCase):
    """One test method a file is made below; each vector is a subtest."""

    def check_body(self, vector, data):
        type_ = contract_type(vector["contract"]) if "contract" in vector else type_from_json(vector["type"])
        if vector["result"] == "invalid":
            with self.assertRaises(BodyError) as caught:
                decode(type_, data)
            self.assertEqual(caught.exception.code, vector["error"]["code"])  # the offset binds nobody
            return
        value = decode(type_, data)
        expected = unfolded(vector["decoded"])
        self.assertEqual(to_json(type_, value), expected)
        if vector["result"] == "valid":
            self.assertEqual(encode(type_, value), data)
            self.assertEqual(encode(type_, from_json(type_, expected)), data)

    def check_stream(self, vector, data):
        expected = [
            {name: unfolded(item) for name, item in message.items() if name not in ("contract", "value")}
            for message in vector["decoded"]
        ]
        kind = vector.get("error", {}).get("kind")
        for piece in (max(len(data), 1), 1, 7) if len(data) < 100000 else (len(data), 65536):
            messages, invalid = read_stream(data, vector, piece)
            self.assertEqual(stream_to_json(messages, invalid), {"messages": expected, "invalid": kind})
        if "early" in vector["flags"]:
            self.assertEqual(read_stream(data, vector, len(data), end=False)[1], kind)
        if vector["result"] == "valid":
            self.assertEqual(b"".join(self.encoded(message, vector) for message in messages), data)
        for message in vector["decoded"]:
            if message.get("contract"):
                self.check_message_body(message)

    def encoded(self, message, vector):
        return encode_message(message, vector.get("userIdBytesMax", 11), vector.get("messageBytesMax", 1048576))

    def check_message_body(self, message):
        body = bytes.fromhex(message["body"])
        if message["value"] is None:
            self.assertEqual(body, b"")
            self.assertTrue(RECEIVED_BY_CLIENT[message["messageType"]][1])
            return
        type_ = contract_type(message["contract"])
        self.assertEqual(to_json(type_, decode(type_, body)), message["value"])
        self.assertEqual(encode(type_, from_json(type_, message["value"])), body)

    def check_file(self, path):
        for vector in json.loads(path.read_text(encoding="utf-8")):
            with self.subTest(vector["id"]):
                data = bytes.fromhex(unfold(vector["hex"]))
                check = self.check_body if vector["kind"] == "body" else self.check_stream
                check(vector, data)
                Vectors.checked += 1

    checked = 0

    @classmethod
    def tearDownClass(cls):
        print("%d vectors passed" % cls.checked)

    def test_there_are_vectors(self):
        self.assertGreaterEqual(len(FILES), 6)

    def test_a_value_that_contains_itself_is_refused(self):
        tree = {"Children": None, "Name": None}
        tree["Left"] = tree
        with self.assertRaises(BodyError):  # SER-024
            encode(("object", "ZooTree"), tree)

    def test_a_message_of_one_byte_too_many_is_refused(self):
        with self.assertRaises(Exception) as caught:  # LIM-007
            encode_message(Message(101, 1, "a", "b", bytes(29)), 11, 64)
        self.assertEqual(caught.exception.code, "E_MESSAGE_SIZE")


for _path in FILES:
    setattr(Vectors, "test_" + _path.stem, lambda self, path=_path: self.check_file(path))

if __name__ == "__main__":
    unittest.main()
