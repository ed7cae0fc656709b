"""Events and settings of an engine."""

import logging

from errors import EsfError

log = logging.getLogger("esf")


class Event:
    """A list of handlers. One that throws is logged, the others are called all the same (USR-004)."""

    def __init__(self, name):
        self.name = name
        self._handlers = []
        self.muted = False  # after close() (RCN-011)

    def add(self, handler):
        self._handlers.append(handler)
        return handler

    def remove(self, handler):
        self._handlers.remove(handler)

    def __call__(self, *arguments):
        for handler in list(self._handlers):
            if self.muted:
                return
            try:
                handler(*arguments)
            except Exception:
                log.exception("a handler of %s threw", self.name)


def _in_range(name, value, low, high):
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise EsfError("E_ARGUMENT", "%s is %r, allowed is %d to %d" % (name, value, low, high))


class Settings:
    """What can be set before initialize; a later change is refused with E_SETTING_LATE (ENG-003)."""

    def __init__(self, **changes):
        self.locked = False
        self.system_token = None  # LOG-015
        self.heart_beat_span_secs = 10.0  # HBT-001
        self.heartbeat_timeout_secs = None  # HBT-010: None is three times the span; 0 or less is off
        self.wait_response_timeout_secs = 30.0  # QRY-004
        self.auto_reconnect = True  # D-040
        self.reconnect_delays_secs = (1.0, 2.0, 4.0, 8.0, 10.0)  # RCN-002; the last one repeats
        self.connect_timeout_secs = 0.0  # RCN-013
        self.write_timeout_secs = 60.0  # ENG-009
        self.max_length_of_user_id = 11  # LIM-001
        self.max_length_of_message = 1048576  # LIM-005
        self.client_type = 8  # FRM-005: a program that is none of the first eight
        self.version = 6  # LOG-017
        self.authorized_user = "FreeUser"  # LOG-017
        self.blob_bytes_max = 64 * 1024 * 1024  # BLB-012
        self.p2p_mode = "Udp"  # P2P-070; or "None"
        self.p2p_server_address = None  # P2P-008: (address, port)
        self.udp_address = None  # of the socket for direct channels; None: the one of the connection to the server
        self.file_package_size = 2048  # FIL-015
        self.sending_span_msecs = 0  # FIL-016
        self.check_file_zero_speed_span_secs = 20.0  # FIL-024
        self.file_first_package_timeout_secs = 30.0  # FIL-027
        self.ttl_resumed_file_item_secs = 300.0  # FIL-045
        for name, value in changes.items():
            if name not in self.__dict__:
                raise EsfError("E_ARGUMENT", "there is no setting %s" % name)
            setattr(self, name, value)

    def __setattr__(self, name, value):
        if name != "locked" and self.__dict__.get("locked"):
            raise EsfError("E_SETTING_LATE", "%s can only be set before initialize" % name)
        if name == "max_length_of_user_id":
            _in_range(name, value, 1, 255)  # LIM-002
        elif name == "max_length_of_message":
            _in_range(name, value, 1, 2147483647)
        elif name == "client_type":
            _in_range(name, value, 0, 8)
        super().__setattr__(name, value)

    @property
    def limits(self):
        return (self.max_length_of_user_id, self.max_length_of_message)

    @property
    def heartbeat_patience_secs(self):
        """HBT-010; 0 or less is for ever."""
        if self.heartbeat_timeout_secs is None:
            return 3 * self.heart_beat_span_secs
        return self.heartbeat_timeout_secs

    def reconnect_delay(self, attempt):
        """The wait before an attempt, counted from 0, without the random part (RCN-002)."""
        return self.reconnect_delays_secs[min(attempt, len(self.reconnect_delays_secs) - 1)]
