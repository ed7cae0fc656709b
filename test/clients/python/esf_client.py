"""A client engine of the protocol, written from spec/ alone. Standard library only.

    client = Client(Settings(wait_response_timeout_secs=5.0))
    response = await client.initialize("alice", "secret", "127.0.0.1", 4530, handler=MyHandler())
    if response.logon_result == "Succeed":
        client.customize_outter.send("bob", 7, b"hi")
        print(await client.customize_outter.query(None, 1, b"2+3"))
    await client.close()

Everything runs on one asyncio event loop; nothing here may be called from another thread.
"""

from errors import DisconnectedException, EsfError, HandingException, TimeoutException
from events import Settings
from lifecycle import LogonResponse
from outters import CONTINUE, DISCARD, BasicOutter, CustomizeOutter
from receiving import Receiving

__all__ = [
    "CONTINUE",
    "Client",
    "DISCARD",
    "DisconnectedException",
    "EsfError",
    "HandingException",
    "LogonResponse",
    "Settings",
    "TimeoutException",
]


class Client(Receiving):
    """What the manual calls the rapid passive engine (ENG-008, ENG-010).

    Events (add a handler with `.add(function)`): connection_interrupted(), connection_rebuild_start(),
    relogon_completed(LogonResponse), being_pushed_out(), being_kicked_out(), invalid_msg_received(address, kind),
    message_received(source, information_type, message, tag).
    """

    def __init__(self, settings=None):
        super().__init__(settings)
        self.basic_outter = BasicOutter(self)
        self.customize_outter = CustomizeOutter(self)

    async def initialize(self, user_id, password, address, port, handler=None):
        """`handler` has handle_information(source, information_type, info) and handle_query(source, information_type,
        info), which returns bytes or None; both may be coroutine functions. The source None is the server (CUS-003).

        After a push-out, a kick-out or a refusal the same engine can be initialized again (REL-012).
        """
        if handler is not None:
            self._handler = handler
        return await super().initialize(user_id, password, address, port)
