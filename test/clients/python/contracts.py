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
    "P2PAddress": _ordinal(
        PrivateIP="string",
        PrivateTcpPort="int32",
        PrivateUdpPort="int32",
        PublicIP="string",
        PublicTcpPort="int32",
        PublicUdpPort="int32",
    ),
    "P2PLogonContract": _ordinal(IsPublicIP="bool", P2PAddress=("object", "P2PAddress")),
    "ReqUserDataContract": _ordinal(FriendID="string"),
    "ResUserDataContract": _ordinal(P2PAddress=("object", "P2PAddress"), UserID="string"),
    "PublicIPEResponseContract": _ordinal(IP="string", PublicPort="int32", SecondPort="int32"),
    "P2PCandidateContract": _ordinal(IP="string", Kind=("enum", "P2PCandidateKind"), Port="int32"),
    "P2PInvitationContract": _ordinal(
        Candidates=("list", ("object", "P2PCandidateContract")),
        Kind=("enum", "P2PInvitationKind"),
        Mapping=("enum", "NatMapping"),
        PredictedPort="int32",
        PredictedStep="int32",
        PublicIP="string",
        Token="int64",
    ),
    "P2PChannelTestContract": _ordinal(Chosen="bool", Token="int64"),
    "P2PStreamContract": _ordinal(StreamID="int32"),
    "P2PStreamCountContract": _ordinal(Count="int64", StreamID="int32"),
    "P2PChannelReportContract": _ordinal(DestUserID="string"),
    "P2PUserGoneContract": _ordinal(UserID="string"),
    "BeginSendFileContract": _ordinal(
        Comment="string",
        IsFolder="bool",
        LastUpdateTime="dateTime",
        OriginPath="string",
        ProjectID="string",
        TotalSize="int64",
    ),
    "RejectOrAcceptFileContract": _ordinal(
        Agree="bool",
        DisrupttedFileReceivedCount="int64",
        DisrupttedFileRelativePath="string",
        DisrupttedFileSize="int64",
        ProjectID="string",
        ReceivedCount="int64",
        RejectCause="string",
    ),
    "FilePackage": _ordinal(Data="bytes", Index="byte", PackageType=("enum", "PackageType"), ProjectID="string"),
    "FoldTransferingNextFileInfo": _ordinal(FileLength="int64", RelativeFilePath="string"),
    "CancelFileContract": _ordinal(Cause="string", InnerError="bool", ProjectID="string"),
    "SingleFileNotifyContract": _ordinal(ProjectID="string"),
    "FilePartnerContract": _ordinal(UserID="string"),
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
PING_BY_P2P_CHANNEL = 13
INFORMATION_BY_POST = 100
INFORMATION_BY_SEND = 101
REQUEST = 102
RESPONSE = 103
INFORMATION_NEED_ACK = 104
ACK = 105
BLOB_INFORMATION = 106
BLOB_BY_RAPID_ENGINE = 107
BEGIN_SEND_FILE = 200
REJECT_OR_ACCEPT_FILE = 201
FILE_PACKAGE_DATA = 202
CANCEL_FILE_SENDING = 203
CANCEL_FILE_RECEIVING = 204
SINGLE_FILE_REV_FINISHED_NOTIFY = 205
FILE_PARTNER_OFFLINE = 207
P2P_LOGON = 300
INVITE_TCP_P2P = 302
INVITE_UDP_P2P = 303
GET_MY_PUBLIC_IPE = 304
P2P_CHANNEL_HELLO = 310
P2P_CHANNEL_PROBE = 311
P2P_CHANNEL_COUNT = 312
P2P_PATH_MARK = 313
P2P_PATH_MARKED = 314
P2P_STREAM_ASK = 315
P2P_STREAM_FINAL = 316
P2P_CHANNEL_REPORT = 317
P2P_USER_GONE = 318

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
    BEGIN_SEND_FILE: ("BeginSendFileContract", False),
    REJECT_OR_ACCEPT_FILE: ("RejectOrAcceptFileContract", False),
    FILE_PACKAGE_DATA: ("FilePackage", False),
    CANCEL_FILE_SENDING: ("CancelFileContract", False),
    CANCEL_FILE_RECEIVING: ("CancelFileContract", False),
    SINGLE_FILE_REV_FINISHED_NOTIFY: ("SingleFileNotifyContract", False),
    FILE_PARTNER_OFFLINE: ("FilePartnerContract", False),
    INVITE_TCP_P2P: ("P2PInvitationContract", True),
    INVITE_UDP_P2P: ("P2PInvitationContract", True),
    P2P_PATH_MARK: (None, True),
    P2P_PATH_MARKED: (None, True),
    P2P_STREAM_ASK: ("P2PStreamContract", False),
    P2P_STREAM_FINAL: ("P2PStreamCountContract", False),
    P2P_USER_GONE: ("P2PUserGoneContract", False),
}
FILES = range(200, 208)
P2P = (INVITE_TCP_P2P, INVITE_UDP_P2P, P2P_PATH_MARK, P2P_PATH_MARKED, P2P_STREAM_ASK, P2P_STREAM_FINAL, P2P_USER_GONE)

# What comes over a direct channel only (18.8).
RECEIVED_OVER_CHANNEL = {
    PING_BY_P2P_CHANNEL: ("PingContract", False),
    P2P_CHANNEL_HELLO: ("P2PStreamContract", False),
    P2P_CHANNEL_PROBE: (None, True),
    P2P_CHANNEL_COUNT: ("P2PStreamCountContract", False),
}

LOGON_RESULTS = {0: "Succeed", 1: "Failed", 2: "HadLoggedOn", 3: "VersionMismatched"}
SERVER_ID = "_0"
