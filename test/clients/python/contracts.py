"""Contracts (2.4), the Zoo classes of the vectors, message types (1.5) and enumerations, as data.

CONTRACTS lists the properties of each contract in the order in which they are written (SER-002).
"""

STRINGS = ("list", "string")


def _ordinal(**properties):
    """Properties in ordinal order of their names (SER-002)."""
    return sorted(properties.items())


CONTRACTS = {
    "ReqLogonContract": _ordinal(AuthorizedUser="string", Password="string", SystemToken="string", Version="int32"),
    "ResLogonContract": _ordinal(
        FailureCause="string",
        GroupRelationEnabled="bool",
        LogonResult=("enum", "LogonResult"),
        P2PEnabled="bool",
        UseAsP2PServer="bool",
    ),
    "KickOutContract": _ordinal(UserBeKickedOut="string"),
    "UserIpeResContract": _ordinal(IP="string", Port="int32"),
    "QueryIPEContract": _ordinal(UserID="string"),
    "QueryOnlineContract": _ordinal(UserID="string"),
    "ResOnlineContract": _ordinal(Online="bool"),
    "QueryOnlinesContract": _ordinal(UserList=STRINGS),
    "ResOnlinesContract": _ordinal(Result=("dict", "string", "bool")),
    "ResUsersContract": _ordinal(UserList=STRINGS),
    "PingContract": _ordinal(SendTicks="int64"),
    "BinaryInformationContract": _ordinal(Content="bytes", InformationType="int32"),
    "BlobFragmentContract": _ordinal(
        BlobID="int32", Fragment="bytes", FragmentIndex="int32", InformationType="int32", IsLast="bool"
    ),
    "BlobAndTagContract": _ordinal(Message="bytes", Tag="string"),
    # Not in 2.4; the vector "client-time" shows it for the reserved type 109.
    "ResGetTimeContract": _ordinal(Time="dateTime"),
    "SimpleFont": _ordinal(FontFamily="string", FontStyle="int32", Size="float32"),
    "ZooNumbers": _ordinal(
        Double="float64",
        Flag="bool",
        Kind=("enum", "ClientType"),
        Paint="color",
        Plain="int32",
        Short="int16",
        Single="float32",
        Small="byte",
        When="dateTime",
        Wide="int64",
    ),
    "ZooText": _ordinal(Blob="bytes", Face="font", Picture="image", Text="string"),
    "ZooOrder": _ordinal(B="byte", _z="byte", a10="byte", a2="byte", b="byte"),
    "ZooEmpty": _ordinal(),
    "ZooLists": _ordinal(
        Grid=("list", ("list", "byte")),
        Ints=("list", "int32"),
        Kinds=("list", ("enum", "ClientType")),
        Points=("list", ("object", "ZooPoint")),
        Texts=STRINGS,
    ),
    "ZooDicts": _ordinal(
        ByNumber=("dict", "int32", "string"),
        ByText=("dict", "string", "int32"),
        ByWide=("dict", "int64", "bool"),
        Deep=("dict", "string", ("list", "int16")),
    ),
    "ZooPoint": _ordinal(X="int32", Y="int32"),
    "ZooNested": _ordinal(Label="string", Origin=("object", "ZooPoint"), Target=("object", "ZooPoint")),
    "ZooTree": _ordinal(Children=("list", ("object", "ZooTree")), Left=("object", "ZooTree"), Name="string"),
}

GET_MY_IPE = 0
PING_BY_SERVER = 1
PING_ACK = 2
HEARTBEAT = 3
BEING_PUSHED_OUT_NOTIFY = 4
KICK_OUT = 5
BEING_KICKED_OUT_NOTIFY = 6
GET_ALL_ONLINE_USERS = 7
QUERY_ONLINE = 8
LOGON = 9
GET_USER_IPE = 10
QUERY_ONLINES = 11
INFORMATION_BY_POST = 100
INFORMATION_BY_SEND = 101
REQUEST = 102
RESPONSE = 103
INFORMATION_NEED_ACK = 104
ACK = 105
BLOB_INFORMATION = 106
BLOB_BY_RAPID_ENGINE = 107

# What a client receives: type -> (contract, or None for no body; whether an empty body is right too), 1.5, FRM-028.
# A type that is not here is unknown, reserved, or not meant for a client, and is ignored (FRM-008, FRM-033).
RECEIVED_BY_CLIENT = {
    GET_MY_IPE: ("UserIpeResContract", False),
    PING_BY_SERVER: ("PingContract", False),
    PING_ACK: ("PingContract", False),
    HEARTBEAT: (None, True),
    BEING_PUSHED_OUT_NOTIFY: (None, True),
    BEING_KICKED_OUT_NOTIFY: (None, True),
    GET_ALL_ONLINE_USERS: ("ResUsersContract", False),
    QUERY_ONLINE: ("ResOnlineContract", False),
    LOGON: ("ResLogonContract", False),
    GET_USER_IPE: ("UserIpeResContract", True),
    QUERY_ONLINES: ("ResOnlinesContract", False),
    INFORMATION_BY_POST: ("BinaryInformationContract", False),
    INFORMATION_BY_SEND: ("BinaryInformationContract", False),
    REQUEST: ("BinaryInformationContract", False),
    RESPONSE: ("BinaryInformationContract", True),
    INFORMATION_NEED_ACK: ("BinaryInformationContract", False),
    ACK: (None, True),
    BLOB_INFORMATION: ("BlobFragmentContract", False),
    BLOB_BY_RAPID_ENGINE: ("BlobFragmentContract", False),
}

LOGON_RESULTS = {0: "Succeed", 1: "Failed", 2: "HadLoggedOn", 3: "VersionMismatched"}
SERVER_ID = "_0"
