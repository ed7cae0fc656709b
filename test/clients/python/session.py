"""Plays one ordinary session of two users against a running server, through the adapter beside this file.

Made to be captured: `esf serve --port 4530`, then `tcpdump -i lo -w session.pcap tcp port 4530`, then
`python3 session.py 4530`. Exits 1 when a request fails.
"""

import json
import pathlib
import subprocess
import sys

ADAPTER = pathlib.Path(__file__).with_name("adapter.py")
CONFIG = {
    "systemToken": None, "heartBeatSpanInSecs": 0.5, "waitResponseTimeoutInSecs": 5, "autoReconnect": False,
    "reconnectDelaySecs": [1], "maxLengthOfUserID": 11, "maxLengthOfMessage": 1048576, "clientType": 0, "version": 6,
    "authorizedUser": "FreeUser", "heartbeatTimeoutInSecs": 5, "blobBytesMax": 67108864, "timeFactor": 1,
}


class Adapter:
    """One adapter process; `ask` sends a request and gives its `ok`, passing over events."""

    def __init__(self):
        command = [sys.executable, str(ADAPTER)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.count = 0

    def ask(self, cmd, **fields):
        self.count += 1
        self.process.stdin.write(json.dumps({"id": self.count, "cmd": cmd, **fields}) + "\n")
        self.process.stdin.flush()
        while True:
            line = json.loads(self.process.stdout.readline())
            if line.get("id") != self.count:
                continue
            if "ok" not in line:
                sys.exit(f"{cmd} was answered {line}")
            return line["ok"]


def main():
    port = int(sys.argv[1])
    adapter = Adapter()
    adapter.ask("hello", protocol=1, suite="session")
    for inst, user in (("c1", "alice"), ("c2", "bob")):
        adapter.ask("open", inst=inst, case="session", config=CONFIG)
        adapter.ask("logon", inst=inst, address="127.0.0.1", port=port, userID=user, password="secret")
    send = {"post": False, "actionOnChannelIsBusy": "Continue", "byServer": False}
    adapter.ask("send", inst="c1", target="bob", informationType=7, info="00ff10", **send)
    adapter.ask("send", inst="c2", target=None, informationType=8, info="0a", **send)
    adapter.ask("query", inst="c1", target=None, informationType=1, info="0102")
    adapter.ask("query", inst="c2", target="alice", informationType=5, info="e8030203")
    adapter.ask("sendCertainly", inst="c1", target="bob", informationType=9, info=None)
    adapter.ask("sendBlob", inst="c1", target="bob", informationType=10, blob="ab" * 5000, fragmentSize=700)
    adapter.ask("sendMessage", inst="c2", target="alice", informationType=11, message="0001", tag="t", fragmentSize=None)
    for request in ({"verb": "ping"}, {"verb": "isUserOnline", "userID": "bob"}, {"verb": "getAllOnlineUsers"}):
        adapter.ask("basic", inst="c1", request=request)
    adapter.ask("close", inst="c1")
    adapter.ask("close", inst="c2")
    adapter.ask("bye")
    adapter.process.wait(10)


main()
