"""The adapter of chapter 20: JSON lines on standard input and output, this client library behind them."""

import asyncio
import json
import logging
import os
import sys
import threading
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from adapter_codec import CodecFailure, decode_verb, encode_verb  # noqa: E402
from adapter_instance import BadArguments, Instance, Unsupported, argument  # noqa: E402
from errors import EsfError  # noqa: E402
from json_values import UnknownType  # noqa: E402

LINE_MAX = 16 * 1024 * 1024
FEATURES = [
    "logon", "send", "query", "ack", "blob", "heartbeat", "relogon", "reconnect", "basic", "sendMessage",
    "decode", "encode",
]  # fmt: skip
INSTANCE_VERBS = {
    "logon", "send", "query", "sendCertainly", "sendBlob", "sendMessage", "basic", "connected", "closeConnection",
}  # fmt: skip


class Output:
    """Standard output, one line in one piece. Whatever else prints goes to standard error."""

    def __init__(self):
        self._descriptor = os.dup(1)
        os.dup2(2, 1)

    def write(self, line):
        data = memoryview(json.dumps(line, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n")
        while data:
            data = data[os.write(self._descriptor, data) :]


def read_lines(loop, queue):
    """Runs in a thread: lines of any length up to LINE_MAX to the loop, None at the end; a longer one as ValueError."""
    buffer, too_long = bytearray(), False
    while True:
        chunk = os.read(0, 65536)
        if not chunk:
            break
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            buffer += end
            line = ValueError("line too long") if too_long or len(buffer) >= LINE_MAX else bytes(buffer)
            loop.call_soon_threadsafe(queue.put_nowait, line)
            buffer, too_long = bytearray(), False
        if len(buffer) + len(rest) >= LINE_MAX:
            buffer, too_long = bytearray(), True
        else:
            buffer += rest
    loop.call_soon_threadsafe(queue.put_nowait, None)


def no_constant(name):
    raise ValueError("%s is no JSON" % name)


class Adapter:
    def __init__(self, output):
        self.write = output.write
        self.instances = {}
        self.used_names = set()
        self.running = set()

    # ---- lines

    async def run(self, queue):
        while True:
            line = await queue.get()
            if line is None:
                await self.reset()
                return
            if isinstance(line, bytes) and not line.strip():
                continue
            request = self.parse(line)
            if request is None:
                continue
            if request.get("cmd") == "bye":
                await self.reset()
                await asyncio.gather(*self.running, return_exceptions=True)
                self.write({"id": request["id"], "ok": {}})
                return
            self.start(request)

    def parse(self, line):
        try:
            if isinstance(line, ValueError):
                raise line
            request = json.loads(line.decode("utf-8"), parse_constant=no_constant)
            if not isinstance(request, dict):
                raise ValueError("not a JSON object")
            number = request.get("id")
            if isinstance(number, bool) or not isinstance(number, int) or number < 1:
                raise ValueError("no usable id")
            return request
        except (ValueError, RecursionError) as error:
            self.write({"id": None, "fault": {"message": "not a request: %s" % error}})
            return None

    def start(self, request):
        """Each request runs beside the loop; tasks begin in the order in which they are made (1.3)."""
        task = asyncio.ensure_future(self.answer(request))
        self.running.add(task)
        task.add_done_callback(self.running.discard)

    # ---- replies

    async def answer(self, request):
        reply = {"id": request["id"]}
        try:
            reply["ok"] = await self.perform(request)
        except (Unsupported, UnknownType) as error:
            reply["unsupported"] = {"reason": str(error)}
        except EsfError as error:
            reply["failed"] = {"code": error.code, "message": error.text, "clause": error.clause}
        except CodecFailure as error:
            reply["failed"] = {"code": error.code, "message": str(error)}
        except asyncio.CancelledError:
            raise
        except Exception as error:
            message = str(error) if isinstance(error, BadArguments) else repr(error)
            reply["fault"] = {"message": message, "trace": traceback.format_exc()}
        self.write(reply)

    async def perform(self, request):
        verb = argument(request, "cmd", str)
        if verb in INSTANCE_VERBS:
            instance = self.instance_of(request)
            task = asyncio.current_task()
            instance.running.add(task)
            task.add_done_callback(instance.running.discard)
            return await instance.perform(verb, request)
        if verb == "hello":
            return self.hello(request)
        if verb == "open":
            return self.open(request)
        if verb == "close":
            await self.instance_of(request).close()
            return {}
        if verb == "reset":
            await self.reset()
            return {}
        if verb == "decode":
            return decode_verb(request)
        if verb == "encode":
            return encode_verb(request)
        raise Unsupported("unknown verb %s" % verb)

    def instance_of(self, request):
        name = argument(request, "inst", str)
        if name not in self.instances:
            raise BadArguments("there is no instance %s" % name)
        return self.instances[name]

    def hello(self, request):
        argument(request, "protocol", int)
        return {
            "protocol": 1,
            "implementation": {
                "name": "esf-python-from-spec",
                "version": "1.0.0",
                "language": "Python",
                "languageVersion": "%d.%d" % sys.version_info[:2],
            },
            "features": FEATURES,
            "maxConcurrency": 16,
        }

    def open(self, request):
        name = argument(request, "inst", str)
        if name in self.used_names:
            raise BadArguments("the instance name %s was used before" % name)
        self.instances[name] = Instance(name, argument(request, "config", dict), self.write)
        self.used_names.add(name)
        return {}

    async def reset(self):
        instances = list(self.instances.values())
        self.instances.clear()
        await asyncio.gather(*(instance.close() for instance in instances))


async def main():
    queue = asyncio.Queue()
    reader = threading.Thread(target=read_lines, args=(asyncio.get_running_loop(), queue), daemon=True)
    output = Output()
    reader.start()
    await Adapter(output).run(queue)


if __name__ == "__main__":
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(message)s")
    try:
        asyncio.run(main())
    except BrokenPipeError:
        sys.exit(1)
