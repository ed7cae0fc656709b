"""Plays one session over a direct UDP channel against another client, and says what went out and what came in.

    python3 p2p_session.py --port 4530 --user python --peer reference --folder /some/folder [--invite]
        [--p2p-server 127.0.9.1:4531] [--udp-address 127.0.0.3]

It logs on, waits for the channel (or asks for it with --invite), sends the peer information, information with ACK, a
query, a blob and a file, and takes the same from it. One JSON line on standard output for each step: `loggedOn`, `opened`
with the endpoint of the other side, at last `result` with SHA-256 sums. A line on standard input ends it. Exits 1 when
something fails. What is sent is drawn from --seed.
"""

import argparse
import asyncio
import hashlib
import json
import logging
import os
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from esf_client import Client, Settings  # noqa: E402

PLAIN, CERTAIN, QUERY, BLOB, DONE = 100, 500, 600, 700, 900
COUNT, BLOB_BYTES, FILE_BYTES = 200, 300_000, 1_000_000
STEP_SECS = 30.0


def say(event, **members):
    print(json.dumps({"event": event, **members}), flush=True)


def endpoint(text):
    address, port = text.rsplit(":", 1)
    return (address, int(port))


class Digest:
    """SHA-256 over information types and contents, in the order they came or went."""

    def __init__(self):
        self._hash = hashlib.sha256()
        self.count = 0

    def add(self, information_type, content):
        self._hash.update(b"%d %d " % (information_type, len(content)) + content)
        self.count += 1

    def report(self):
        return {"count": self.count, "sha256": self._hash.hexdigest()}


class Session:
    def __init__(self, options):
        self.options = options
        loop = asyncio.get_running_loop()
        self.opened, self.done, self.file_sent, self.file_come = (loop.create_future() for _each in range(4))
        self.sent, self.received = Digest(), Digest()
        self.ways = set()  # whether each file went over a channel
        self.client = Client(
            Settings(p2p_server_address=options.p2p_server, udp_address=options.udp_address, auto_reconnect=False)
        )
        controller, files = self.client.p2p_controller, self.client.file_outter
        controller.channel_opened.add(lambda _user: self.opened.set_result(None))
        controller.connect_failed.add(lambda user: self.opened.set_exception(RuntimeError("no channel to " + user)))
        files.file_request_received.add(self.file_asked)
        files.sending_events.completed.add(lambda project: self.file_over(project, self.file_sent))
        files.receiving_events.completed.add(lambda project: self.file_over(project, self.file_come))
        for events in (files.sending_events, files.receiving_events):
            events.disrupted.add(lambda project, kind: say("disrupted", kind=kind, cause=project.cause))

    # ---- what comes

    def handle_information(self, source, information_type, info):
        assert source == self.options.peer
        if information_type == DONE:
            self.done.set_result(None)
        else:
            self.received.add(information_type, info or b"")

    def handle_query(self, _source, _information_type, info):
        return info[::-1]

    def file_asked(self, project_id, _sender, name, _size, _item, _comment):
        self.client.file_outter.begin_receive_file(project_id, os.path.join(self.options.folder, "received-" + name))

    def file_over(self, project, future):
        self.ways.add(project.way is not None)
        path = project.path if project.is_sender else project.save_path
        future.set_result(hashlib.sha256(Path(path).read_bytes()).hexdigest())

    # ---- what goes

    async def send_all(self):
        outter, peer, draw = self.client.customize_outter, self.options.peer, random.Random(self.options.seed)
        for number in range(COUNT):
            content = draw.randbytes(draw.randrange(3000))
            self.sent.add(PLAIN + number, content)
            outter.send(peer, PLAIN + number, content)
        content = draw.randbytes(1000)
        self.sent.add(CERTAIN, content)
        await outter.send_certainly(peer, CERTAIN, content)
        question = draw.randbytes(500)
        assert await outter.query(peer, QUERY, question) == question[::-1]
        blob = draw.randbytes(BLOB_BYTES)
        self.sent.add(BLOB, blob)
        await outter.send_blob(peer, BLOB, blob, 2048)
        path = Path(self.options.folder) / "from-python.bin"
        path.write_bytes(draw.randbytes(FILE_BYTES))
        self.client.file_outter.begin_send_file(peer, str(path))
        await asyncio.wait_for(self.file_sent, STEP_SECS)
        await outter.send_certainly(peer, DONE, b"")

    async def play(self):
        options, client = self.options, self.client
        response = await client.initialize(options.user, "secret", "127.0.0.1", options.port, self)
        assert response.logon_result == "Succeed", response
        await client.p2p_controller.ready()
        say("loggedOn")
        if options.invite:
            client.p2p_controller.p2p_connect_asyn(options.peer)
        await asyncio.wait_for(self.opened, STEP_SECS)
        say("opened", way=client.p2p_controller.way(options.peer).link.way)
        await self.send_all()
        for future in (self.done, self.file_come):
            await asyncio.wait_for(future, STEP_SECS)
        say(
            "result", sent=self.sent.report(), received=self.received.report(), fileSent=self.file_sent.result(),
            fileReceived=self.file_come.result(), filesDirect=self.ways == {True},
        )  # fmt: skip
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
        await client.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    for name in ("--user", "--peer", "--folder"):
        parser.add_argument(name, required=True)
    parser.add_argument("--p2p-server", type=endpoint)
    parser.add_argument("--udp-address")
    parser.add_argument("--invite", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(message)s")

    async def run():
        await Session(options).play()

    asyncio.run(run())


if __name__ == "__main__":
    main()
