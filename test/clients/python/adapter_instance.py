"""One instance of the adapter: a client, its built-in handler (chapter 20, section 5) and the verbs that need one."""

import asyncio
import re

from errors import EsfError
from esf_client import CONTINUE, DISCARD, Client, Settings
from json_values import unhex

NAME = re.compile(r"[A-Za-z0-9-]{1,64}\Z")
SETTINGS = {
    "systemToken": ("system_token", (str, type(None))),
    "heartBeatSpanInSecs": ("heart_beat_span_secs", (int, float)),
    "waitResponseTimeoutInSecs": ("wait_response_timeout_secs", (int, float)),
    "autoReconnect": ("auto_reconnect", bool),
    "reconnectDelaySecs": ("reconnect_delays_secs", list),
    "maxLengthOfUserID": ("max_length_of_user_id", int),
    "maxLengthOfMessage": ("max_length_of_message", int),
    "clientType": ("client_type", int),
    "version": ("version", int),
    "authorizedUser": ("authorized_user", str),
    "heartbeatTimeoutInSecs": ("heartbeat_timeout_secs", (int, float)),
    "blobBytesMax": ("blob_bytes_max", int),
}
TEXT_OR_NULL = (str, type(None))


class BadArguments(Exception):
    """A request of the wrong shape: a fault, not a failure of the client."""


class Unsupported(Exception):
    """Something that the library does not have."""


def argument(request, name, kinds):
    """A member of a request, of the right JSON type."""
    if name not in request:
        raise BadArguments("%s is missing" % name)
    value = request[name]
    if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
        raise BadArguments("%s is %.80r" % (name, value))
    return value


def bytes_argument(request, name):
    """Bytes or null; null and zero bytes stay apart."""
    text = argument(request, name, TEXT_OR_NULL)
    try:
        return None if text is None else unhex(text)
    except ValueError as error:
        raise BadArguments("%s: %s" % (name, error)) from None


def to_hex(content):
    return None if content is None else bytes(content).hex()


def response_json(response):
    return {"logonResult": response.logon_result, "failureCause": response.failure_cause}


def endpoint_json(endpoint):
    return None if endpoint is None else {"address": endpoint[0], "port": endpoint[1]}


class Instance:
    """`running` holds the tasks of the requests under way; close() lets them be answered first (3.10)."""

    def __init__(self, name, config, write):
        if not NAME.match(name):
            raise BadArguments("inst is %.80r" % name)
        self.name = name
        self.write = write
        self.running = set()
        self.closed = False
        self.silent = False
        self.time_factor = argument(config, "timeFactor", (int, float))
        values = {setting: argument(config, member, kinds) for member, (setting, kinds) in SETTINGS.items()}
        self.client = Client(Settings(p2p_mode="None", **values))  # chapter 20 has no verb for channels
        self._watch_events()

    # ---- events (section 4)

    def event(self, name, **members):
        if not self.silent:
            self.write({"ev": name, "inst": self.name, **members})

    def _watch_events(self):
        client = self.client
        client.connection_interrupted.add(lambda: self.event("connectionInterrupted"))
        client.connection_rebuild_start.add(lambda: self.event("connectionRebuildStart"))
        client.being_pushed_out.add(lambda: self.event("beingPushedOut"))
        client.being_kicked_out.add(lambda: self.event("beingKickedOut"))
        client.relogon_completed.add(
            lambda response: self.event("relogonCompleted", response=response_json(response))
        )
        client.invalid_msg_received.add(lambda _address, kind: self.event("invalidMsgReceived", invalidType=kind))
        client.message_received.add(self._message_received)

    def _message_received(self, source, information_type, message, tag):
        self.event("messageReceived", source=source, informationType=information_type, info=to_hex(message), tag=tag)

    # ---- the built-in handler (section 5)

    def handle_information(self, source, information_type, info):
        self.event("information", source=source, informationType=information_type, info=to_hex(info))
        if information_type == 6:
            raise RuntimeError("asked to throw")

    def handle_query(self, source, information_type, info):
        self.event("query", source=source, informationType=information_type, info=to_hex(info))
        if information_type == 2:
            raise RuntimeError("asked to throw")
        if information_type == 3:
            return None
        if information_type == 4:
            return asyncio.get_running_loop().create_future()  # cancelled when the client is closed
        if information_type == 5:
            return self._reverse_later(info)
        if information_type == 7:
            return None if info is None else info + info
        return info

    async def _reverse_later(self, info):
        if info is None:
            return None
        milliseconds = int.from_bytes(info[:2], "little")
        await asyncio.sleep(milliseconds / 1000 * self.time_factor)
        return info[::-1]

    # ---- verbs (section 3)

    async def perform(self, verb, request):
        if self.closed and verb != "connected":
            raise EsfError("E_CLOSED", "the instance has been closed")
        return await getattr(self, "verb_" + verb)(request)

    async def close(self):
        if not self.closed:
            self.closed = True
            await self.client.close()
        if self.running:
            await asyncio.wait(set(self.running))
        self.silent = True

    async def verb_logon(self, request):
        response = await self.client.initialize(
            argument(request, "userID", str),
            argument(request, "password", TEXT_OR_NULL),
            argument(request, "address", str),
            argument(request, "port", int),
            handler=self,
        )
        return response_json(response)

    async def verb_connected(self, _request):
        return {"connected": self.client.connected}

    async def verb_closeConnection(self, request):
        self.client.close_connection(argument(request, "reconnectNow", bool))
        return {}

    @staticmethod
    def _information(request, content="info"):
        return (
            argument(request, "target", TEXT_OR_NULL),
            argument(request, "informationType", int),
            bytes_argument(request, content),
        )

    async def verb_send(self, request):
        outter = self.client.customize_outter
        call = outter.transfer_by_server if argument(request, "byServer", bool) else outter.send
        action = {"Continue": CONTINUE, "Discard": DISCARD}.get(argument(request, "actionOnChannelIsBusy", str))
        if action is None:
            raise BadArguments("actionOnChannelIsBusy is %.80r" % request["actionOnChannelIsBusy"])
        return {"sent": call(*self._information(request), post=argument(request, "post", bool), action=action)}

    async def verb_query(self, request):
        return {"info": to_hex(await self.client.customize_outter.query(*self._information(request)))}

    async def verb_sendCertainly(self, request):
        await self.client.customize_outter.send_certainly(*self._information(request))
        return {}

    async def verb_sendBlob(self, request):
        fragment_size = argument(request, "fragmentSize", int)
        await self.client.customize_outter.send_blob(*self._information(request, "blob"), fragment_size)
        return {}

    async def verb_sendMessage(self, request):
        tag = argument(request, "tag", TEXT_OR_NULL)
        fragment_size = argument(request, "fragmentSize", (int, type(None)))
        outter = self.client.customize_outter
        await outter.send_message(*self._information(request, "message"), tag, fragment_size)
        return {}

    async def verb_basic(self, request):
        asked = argument(request, "request", dict)
        outter = self.client.basic_outter
        verb = argument(asked, "verb", str)
        simple = {
            "ping": outter.ping,
            "getAllOnlineUsers": outter.get_all_online_users,
            "getMyIPE": outter.get_my_ipe,
            "sendHeartBeatMessage": outter.send_heart_beat_message,
        }
        of_user = {
            "pingByServer": outter.ping_by_server,
            "isUserOnline": outter.is_user_online,
            "getUserIPE": outter.get_user_ipe,
            "kickOut": outter.kick_out,
        }
        if verb in simple:
            result = simple[verb]()
        elif verb in of_user:
            result = of_user[verb](argument(asked, "userID", str))
        elif verb == "areUsersOnline":
            result = outter.are_users_online(argument(asked, "userIDs", list))
        else:
            raise Unsupported("unknown request %s" % verb)
        if asyncio.iscoroutine(result):
            result = await result
        return {"result": endpoint_json(result) if verb in ("getMyIPE", "getUserIPE") else result}
