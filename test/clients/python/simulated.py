"""The adapter beside this file on a simulated host: `esf validate --adapter "python3 simulated.py" --simulated`.

The client and the adapter are the same as on real sockets; only the event loop under them is another (host_loop.py).
"""

import asyncio
import json
import logging
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import outters  # noqa: E402
from adapter import Adapter  # noqa: E402
from host_loop import HostLoop, Lines  # noqa: E402


class HostTime:
    """In the place of the module `time`, where the client reads clocks."""

    def __init__(self, loop):
        self.perf_counter = loop.time
        self.time_ns = loop.wall_ns


class SimulatedAdapter(Adapter):
    def hello(self, request):
        return {**super().hello(request), "simulated": 1, "reusable": True}


def live(lines, start):
    """One life of the host, from `start` to `stop`. False when the lines have ended."""
    queue = None

    async def adapt():
        nonlocal queue
        queue = asyncio.Queue()
        await SimulatedAdapter(loop).run(queue)

    random.seed(start["seed"])
    loop = HostLoop(lines, start, lambda line: queue.put_nowait(json.dumps(line).encode()))
    outters.time = HostTime(loop)
    loop.create_task(adapt())
    loop.run_forever()
    loop.finish()
    lines.write({"idle": True})


def answer_off_host(lines, request):
    """hello, and the codec: nothing of it needs a network or time."""
    loop = HostLoop(lines, request, None)
    loop.run_until_complete(SimulatedAdapter(lines).answer(request))
    loop.close()
    lines.write({"idle": True})


def main():
    lines = Lines()
    while True:
        line = lines.read()
        if line is None:
            return
        event = json.loads(line)
        if event.get("net") == "start":
            live(lines, event)
        elif "cmd" in event:
            answer_off_host(lines, event)
        else:
            lines.write({"idle": True})


if __name__ == "__main__":
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(message)s")
    try:
        main()
    except BrokenPipeError:
        sys.exit(1)
