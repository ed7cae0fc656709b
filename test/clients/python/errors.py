"""Errors of the client (chapter 16): each carries a code, a clause and a text."""

CLAUSE_OF_CODE = {
    "E_TIMEOUT": "QRY-004",
    "E_HANDLING": "QRY-003",
    "E_DISCONNECTED": "RCN-006",
    "E_CONNECT": "LOG-007",
    "E_NOT_INITIALIZED": "ENG-004",
    "E_CLOSED": "CUS-011",
    "E_USER_ID": "LIM-003",
    "E_MESSAGE_SIZE": "LIM-007",
    "E_ARGUMENT": "ERR-001",
    "E_FILE": "FIL-004",
    "E_SETTING_LATE": "ENG-003",
}

TEXT_TIMEOUT = "Timeout waiting for reply !"  # QRY-004
TEXT_DISCONNECTED = "Network connection is disconnected !"  # RCN-006


class EsfError(Exception):
    """A call that the engine refuses or cannot carry out (ERR-001)."""

    def __init__(self, code, text, clause=None):
        super().__init__(text)
        self.code = code
        self.text = text
        self.clause = clause or CLAUSE_OF_CODE[code]


class TimeoutException(EsfError):
    """No reply within the waiting time (ERR-002, QRY-004)."""

    def __init__(self, clause=None):
        super().__init__("E_TIMEOUT", TEXT_TIMEOUT, clause)


class HandingException(EsfError):
    """The handler of the other side threw (ERR-002, QRY-003)."""

    def __init__(self, who, information_type):
        super().__init__(
            "E_HANDLING",
            "There is an exception occured when %s handing the query of %d." % (who, information_type),
        )


class DisconnectedException(EsfError):
    """The connection is broken, or broke while waiting (RCN-006, RCN-007)."""

    def __init__(self, clause=None):
        super().__init__("E_DISCONNECTED", TEXT_DISCONNECTED, clause)


class BodyError(Exception):
    """Bytes that are no valid body, or a value that cannot be written as one (chapter 2)."""

    def __init__(self, code, offset, text):
        super().__init__("%s (at byte %d)" % (text, offset))
        self.code = code
        self.offset = offset
