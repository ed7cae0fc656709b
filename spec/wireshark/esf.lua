-- Wireshark dissector of the ESFramework protocol. Generated from spec/grammar; do not edit.
-- Use: tshark -X lua_script:esf.lua -r capture.pcap [-o esf.user_id_bytes_max:20] [-d tcp.port==5000,esf]

local TOKEN = 229
local CLIENT_TYPE_MAX = 8
local DEPTH_MAX = 32
local SERVER_ID = "_0"
local DEFAULTS = { user_id_bytes_max = 11, message_bytes_max = 1048576, port = 4530 }
local SIMPLE = {
  bool = { bytes_min = 1 },
  byte = { bytes_min = 1 },
  int16 = { bytes_min = 2 },
  int32 = { bytes_min = 4 },
  int64 = { bytes_min = 8 },
  float32 = { bytes_min = 4 },
  float64 = { bytes_min = 8 },
  string = { bytes_min = 4 },
  bytes = { bytes_min = 4 },
  dateTime = { bytes_min = 8 },
  color = { bytes_min = 3 },
  font = { bytes_min = 4 },
  image = { bytes_min = 4 },
}
local ENUMS = {
  ActionTypeOnChannelIsBusy = { [0] = "Continue", [1] = "Discard" },
  ActionTypeOnNoP2PChannel = { [0] = "TransferByServer", [1] = "Discard" },
  ChannelMode = { [0] = "P2PChannelFirst", [1] = "TransferByServer", [2] = "ByP2PChannel" },
  ClientType = { [0] = "DotNET", [1] = "Silverlight", [2] = "WindowsPhone", [3] = "WebSocket", [4] = "IOS", [5] = "Android", [6] = "Xamarin", [7] = "WebSocket_SSL", [8] = "Others" },
  DisconnectedType = { [0] = "NetworkInterrupted", [1] = "InvalidMessage", [2] = "MessageWithWrongUserID", [3] = "HeartBeatTimeout", [4] = "BeingPushedOut", [5] = "NewConnectionIgnored", [6] = "ChannelCacheOverflow", [7] = "UnauthorizedClientType", [8] = "MaxConnectionCountLimitted" },
  FileTransDisrupttedType = { [0] = "RejectAccepting", [1] = "ActiveCancel", [2] = "DestCancel", [3] = "DestOffline", [4] = "ReliableP2PChannelClosed", [5] = "SelfOffline", [6] = "InnerError", [7] = "DestInnerError", [8] = "NetworkSpeedSlow", [9] = "ReadFileBlocked", [10] = "SendThreadNotStarted", [11] = "Timeout4FirstPackage" },
  LogonResult = { [0] = "Succeed", [1] = "Failed", [2] = "HadLoggedOn", [3] = "VersionMismatched" },
  MessageInvalidType = { [0] = "Valid", [1] = "MessageSizeOverflow", [2] = "InvalidHeader", [3] = "InvalidToken", [4] = "DataLacked", [5] = "InvalidClientType" },
  NatMapping = { [0] = "Unknown", [1] = "Independent", [2] = "Sequential", [3] = "Random" },
  P2PCandidateKind = { [0] = "Host", [1] = "ServerReflexive" },
  P2PInvitationKind = { [0] = "Invite", [1] = "Answer", [2] = "Refuse" },
  PackageType = { [0] = "FileTransferingPackage", [1] = "FoldTransferingNextFile", [2] = "NewChildFolder", [3] = "Finished" },
  PlatformCallKind = { [0] = "Broadcast", [1] = "Information", [2] = "Query", [3] = "Test", [4] = "Kick" },
  PlatformPurpose = { [0] = "Application", [1] = "Transfer", [2] = "Outside", [3] = "Lookup" },
  P2PChannelMode = { [0] = "TcpAndUdp", [1] = "Tcp", [2] = "Udp", [3] = "None" },
  ProtocolType = { [6] = "Tcp", [17] = "Udp" },
  RelogonMode = { [0] = "IgnoreNew", [1] = "ReplaceOld" },
  ServerAssignedPolicy = { [0] = "Poll", [1] = "MinUserCount", [2] = "MinCpuUsage" },
  ServerControlAction = { [0] = "Freeze", [1] = "Defreeze", [2] = "Test", [3] = "Remove" },
}
local CONTRACTS = {
  ReqLogonContract = {
    { "AuthorizedUser", "string" },
    { "Password", "string" },
    { "SystemToken", "string" },
    { "Version", "int32" },
  },
  ResLogonContract = {
    { "FailureCause", "string" },
    { "GroupRelationEnabled", "bool" },
    { "LogonResult", { enum = "LogonResult" } },
    { "P2PEnabled", "bool" },
    { "UseAsP2PServer", "bool" },
  },
  KickOutContract = {
    { "UserBeKickedOut", "string" },
  },
  UserIpeResContract = {
    { "IP", "string" },
    { "Port", "int32" },
  },
  QueryIPEContract = {
    { "UserID", "string" },
  },
  QueryOnlineContract = {
    { "UserID", "string" },
  },
  ResOnlineContract = {
    { "Online", "bool" },
  },
  QueryOnlinesContract = {
    { "UserList", { list = "string" } },
  },
  ResOnlinesContract = {
    { "Result", { dict = { "string", "bool" } } },
  },
  ResUsersContract = {
    { "UserList", { list = "string" } },
  },
  PingContract = {
    { "SendTicks", "int64" },
  },
  CallClientContract = {
    { "InstanceID", "int32" },
  },
  BinaryInformationContract = {
    { "Content", "bytes" },
    { "InformationType", "int32" },
  },
  BlobFragmentContract = {
    { "BlobID", "int32" },
    { "Fragment", "bytes" },
    { "FragmentIndex", "int32" },
    { "InformationType", "int32" },
    { "IsLast", "bool" },
  },
  BlobAndTagContract = {
    { "Message", "bytes" },
    { "Tag", "string" },
  },
  ResGetTimeContract = {
    { "Time", "dateTime" },
  },
  BeginSendFileContract = {
    { "Comment", "string" },
    { "IsFolder", "bool" },
    { "LastUpdateTime", "dateTime" },
    { "OriginPath", "string" },
    { "ProjectID", "string" },
    { "TotalSize", "int64" },
  },
  RejectOrAcceptFileContract = {
    { "Agree", "bool" },
    { "DisrupttedFileReceivedCount", "int64" },
    { "DisrupttedFileRelativePath", "string" },
    { "DisrupttedFileSize", "int64" },
    { "ProjectID", "string" },
    { "ReceivedCount", "int64" },
    { "RejectCause", "string" },
  },
  FilePackage = {
    { "Data", "bytes" },
    { "Index", "byte" },
    { "PackageType", { enum = "PackageType" } },
    { "ProjectID", "string" },
  },
  FoldTransferingNextFileInfo = {
    { "FileLength", "int64" },
    { "RelativeFilePath", "string" },
  },
  CancelFileContract = {
    { "Cause", "string" },
    { "InnerError", "bool" },
    { "ProjectID", "string" },
  },
  SingleFileNotifyContract = {
    { "ProjectID", "string" },
  },
  FilePartnerContract = {
    { "UserID", "string" },
  },
  P2PAddress = {
    { "PrivateIP", "string" },
    { "PrivateTcpPort", "int32" },
    { "PrivateUdpPort", "int32" },
    { "PublicIP", "string" },
    { "PublicTcpPort", "int32" },
    { "PublicUdpPort", "int32" },
  },
  P2PLogonContract = {
    { "IsPublicIP", "bool" },
    { "P2PAddress", { object = "P2PAddress" } },
  },
  ReqUserDataContract = {
    { "FriendID", "string" },
  },
  ResUserDataContract = {
    { "P2PAddress", { object = "P2PAddress" } },
    { "UserID", "string" },
  },
  PublicIPEResponseContract = {
    { "IP", "string" },
    { "PublicPort", "int32" },
    { "SecondPort", "int32" },
  },
  P2PCandidateContract = {
    { "IP", "string" },
    { "Kind", { enum = "P2PCandidateKind" } },
    { "Port", "int32" },
  },
  P2PInvitationContract = {
    { "Candidates", { list = { object = "P2PCandidateContract" } } },
    { "Kind", { enum = "P2PInvitationKind" } },
    { "Mapping", { enum = "NatMapping" } },
    { "PredictedPort", "int32" },
    { "PredictedStep", "int32" },
    { "PublicIP", "string" },
    { "Token", "int64" },
  },
  P2PChannelTestContract = {
    { "Chosen", "bool" },
    { "Token", "int64" },
  },
  P2PStreamContract = {
    { "StreamID", "int32" },
  },
  P2PStreamCountContract = {
    { "Count", "int64" },
    { "StreamID", "int32" },
  },
  P2PChannelReportContract = {
    { "DestUserID", "string" },
  },
  P2PUserGoneContract = {
    { "UserID", "string" },
  },
  UserContract = {
    { "UserID", "string" },
  },
  GroupContract = {
    { "GroupID", "string" },
  },
  GroupmatesContract = {
    { "OfflineGroupmates", { list = "string" } },
    { "OnlineGroupmates", { list = "string" } },
  },
  ReqContactsContract = {
    { "JustOnline", "bool" },
    { "Tag", "string" },
  },
  ResContactsContract = {
    { "UserList", { list = "string" } },
  },
  BroadcastContract = {
    { "ActionTypeOnChannelIsBusy", { enum = "ActionTypeOnChannelIsBusy" } },
    { "Content", "bytes" },
    { "GroupID", "string" },
    { "InformationType", "int32" },
    { "Tag", "string" },
  },
  BroadcastBlobContract = {
    { "BlobID", "int32" },
    { "Fragment", "bytes" },
    { "FragmentIndex", "int32" },
    { "GroupID", "string" },
    { "InformationType", "int32" },
    { "IsLast", "bool" },
  },
  GroupInfomationContract = {
    { "GroupID", "string" },
    { "Members", { list = "string" } },
    { "Tag", "string" },
  },
  GroupNotifyContract = {
    { "GroupID", "string" },
    { "UserID", "string" },
  },
  RecruitOrFireContract = {
    { "GroupID", "string" },
    { "Members", { list = "string" } },
    { "OperatorID", "string" },
  },
  SetGroupTagContract = {
    { "GroupID", "string" },
    { "Tag", "string" },
  },
  GroupTagChangedNotifyContract = {
    { "GroupID", "string" },
    { "OperatorID", "string" },
    { "Tag", "string" },
  },
  GroupmateOfflineContract = {
    { "QuitGroupWhenOffline", "bool" },
    { "UserID", "string" },
  },
  ResGroupsContract = {
    { "GroupList", { list = "string" } },
  },
  PlatformChallengeContract = {
    { "Nonce", "bytes" },
    { "Version", "int32" },
  },
  PlatformHelloContract = {
    { "InstanceID", "int32" },
    { "Proof", "bytes" },
    { "Purpose", { enum = "PlatformPurpose" } },
    { "ServerID", "int32" },
  },
  PlatformResultContract = {
    { "ErrorCode", "string" },
    { "Info", "bytes" },
    { "Message", "string" },
  },
  RegisterServerContract = {
    { "Address", "string" },
    { "Port", "int32" },
    { "StartTime", "int64" },
  },
  ServerStateContract = {
    { "CpuUsage", "float64" },
    { "MemoryUsage", "float64" },
  },
  PlatformUserContract = {
    { "AgeMicros", "int64" },
    { "ClientType", { enum = "ClientType" } },
    { "IP", "string" },
    { "P2PAddress", { object = "P2PAddress" } },
    { "Port", "int32" },
    { "ServerID", "int32" },
    { "Session", "int32" },
    { "Tag", "bytes" },
    { "TimeLogon", "int64" },
    { "UserID", "string" },
  },
  ReportUsersContract = {
    { "Users", { list = { object = "PlatformUserContract" } } },
  },
  ReportUsersResContract = {
    { "Sessions", { list = "int32" } },
  },
  UserLogonContract = {
    { "RelogonMode", { enum = "RelogonMode" } },
    { "User", { object = "PlatformUserContract" } },
  },
  UserLogonResContract = {
    { "Granted", "bool" },
    { "Session", "int32" },
  },
  UserOfflineContract = {
    { "Session", "int32" },
    { "UserID", "string" },
  },
  UserChangedContract = {
    { "P2PAddress", { object = "P2PAddress" } },
    { "Session", "int32" },
    { "Tag", "bytes" },
    { "UserID", "string" },
  },
  UserNoticeContract = {
    { "Online", "bool" },
    { "Users", { list = { object = "PlatformUserContract" } } },
  },
  LogonOtherServerContract = {
    { "NewServerID", "int32" },
    { "Session", "int32" },
    { "UserID", "string" },
  },
  CallServerContract = {
    { "Info", "bytes" },
    { "InformationType", "int32" },
    { "Kind", { enum = "PlatformCallKind" } },
    { "UserID", "string" },
  },
  TransferContract = {
    { "Message", "bytes" },
    { "Session", "int32" },
  },
  ServerConfigurationContract = {
    { "Address", "string" },
    { "Port", "int32" },
    { "ServerID", "int32" },
  },
  ClusterServerInfoContract = {
    { "Address", "string" },
    { "CpuUsage", "float64" },
    { "Frozen", "bool" },
    { "LastUpdateTime", "int64" },
    { "MemoryUsage", "float64" },
    { "Port", "int32" },
    { "ServerID", "int32" },
    { "StartTime", "int64" },
    { "TelnetFailure", "bool" },
    { "UserCount", "int32" },
  },
  GetClusterServersContract = {
    { "ServerID", "int32" },
  },
  ClusterServersContract = {
    { "Servers", { list = { object = "ClusterServerInfoContract" } } },
  },
  ControlServerContract = {
    { "Action", { enum = "ServerControlAction" } },
    { "ServerID", "int32" },
  },
  ServerNoticeContract = {
    { "Registered", "bool" },
    { "Server", { object = "ClusterServerInfoContract" } },
  },
  CallClusterContract = {
    { "Info", "bytes" },
    { "InformationType", "int32" },
    { "Kind", { enum = "PlatformCallKind" } },
    { "ServerID", "int32" },
    { "UserID", "string" },
  },
  GetPlatformUserContract = {
    { "UserID", "string" },
  },
  PlatformUserResContract = {
    { "Count", "int32" },
    { "User", { object = "PlatformUserContract" } },
  },
  SimpleFont = {
    { "FontFamily", "string" },
    { "FontStyle", "int32" },
    { "Size", "float32" },
  },
}
local MESSAGES = {
  [0] = { name = "GetMyIPE", to_server = true, has_reply = true, reply = "UserIpeResContract" },
  [1] = { name = "PingByServer", body = "PingContract" },
  [2] = { name = "PingAck", body = "PingContract" },
  [3] = { name = "HeartBeat", to_server = true, has_reply = true },
  [4] = { name = "BeingPushedOutNotify" },
  [5] = { name = "KickOut", to_server = true, body = "KickOutContract" },
  [6] = { name = "BeingKickedOutNotify" },
  [7] = { name = "GetAllOnlineUsers", to_server = true, has_reply = true, reply = "ResUsersContract" },
  [8] = { name = "QueryOnline", to_server = true, body = "QueryOnlineContract", has_reply = true, reply = "ResOnlineContract" },
  [9] = { name = "Logon", to_server = true, body = "ReqLogonContract", has_reply = true, reply = "ResLogonContract" },
  [10] = { name = "GetUserIPE", to_server = true, body = "QueryIPEContract", has_reply = true, reply = "UserIpeResContract", reply_optional = true },
  [11] = { name = "QueryOnlines", to_server = true, body = "QueryOnlinesContract", has_reply = true, reply = "ResOnlinesContract" },
  [12] = { name = "CallClient", body = "CallClientContract", body_optional = true, reserved = true },
  [13] = { name = "PingByP2PChannel", body = "PingContract" },
  [100] = { name = "InformationByPost", body = "BinaryInformationContract" },
  [101] = { name = "InformationBySend", body = "BinaryInformationContract" },
  [102] = { name = "Request", body = "BinaryInformationContract" },
  [103] = { name = "Response", body = "BinaryInformationContract", body_optional = true },
  [104] = { name = "InformationNeedAck", body = "BinaryInformationContract" },
  [105] = { name = "Ack" },
  [106] = { name = "BlobInformation", body = "BlobFragmentContract" },
  [107] = { name = "BlobByRapidEngine", body = "BlobFragmentContract" },
  [108] = { name = "GetClientTimeRequest", reserved = true },
  [109] = { name = "GetClientTimeResponse", to_server = true, body = "ResGetTimeContract", reserved = true },
  [200] = { name = "BeginSendFile", body = "BeginSendFileContract" },
  [201] = { name = "RejectOrAcceptFile", body = "RejectOrAcceptFileContract" },
  [202] = { name = "FilePackageData", body = "FilePackage" },
  [203] = { name = "CancelFileSending", body = "CancelFileContract" },
  [204] = { name = "CancelFileReceiving", body = "CancelFileContract" },
  [205] = { name = "SingleFileRevFinishedNotify", body = "SingleFileNotifyContract" },
  [206] = { name = "ContinueTransFile", reserved = true },
  [207] = { name = "FilePartnerOffline", body = "FilePartnerContract" },
  [300] = { name = "P2PLogon", to_server = true, body = "P2PLogonContract" },
  [301] = { name = "ReqUserData", to_server = true, body = "ReqUserDataContract", has_reply = true, reply = "ResUserDataContract", reply_optional = true },
  [302] = { name = "InviteTcpP2P", body = "P2PInvitationContract", body_optional = true },
  [303] = { name = "InviteUdpP2P", body = "P2PInvitationContract", body_optional = true },
  [304] = { name = "GetMyPublicIPE", to_server = true, has_reply = true, reply = "PublicIPEResponseContract" },
  [305] = { name = "TcpP2PChannelTest", body = "P2PChannelTestContract" },
  [306] = { name = "Help4UDP_FeedbackVacancy", reserved = true },
  [307] = { name = "Help4UDP_SynAck", reserved = true },
  [308] = { name = "Help4UDP_Exit", reserved = true },
  [309] = { name = "Help4UDP_PMTUTestAck", reserved = true },
  [310] = { name = "P2PChannelHello", body = "P2PStreamContract" },
  [311] = { name = "P2PChannelProbe" },
  [312] = { name = "P2PChannelCount", body = "P2PStreamCountContract" },
  [313] = { name = "P2PPathMark" },
  [314] = { name = "P2PPathMarked" },
  [315] = { name = "P2PStreamAsk", body = "P2PStreamContract" },
  [316] = { name = "P2PStreamFinal", body = "P2PStreamCountContract" },
  [317] = { name = "P2PChannelReport", to_server = true, body = "P2PChannelReportContract" },
  [318] = { name = "P2PUserGone", body = "P2PUserGoneContract" },
  [400] = { name = "ContactsOfflineNotify", body = "UserContract" },
  [401] = { name = "ContactsConnectedNotify", body = "UserContract" },
  [402] = { name = "GetGroupMembers", to_server = true, body = "GroupContract", has_reply = true, reply = "GroupmatesContract" },
  [403] = { name = "BroadcastByServer", body = "BroadcastContract" },
  [404] = { name = "BroadcastBlob", body = "BroadcastBlobContract" },
  [405] = { name = "GetContracts", to_server = true, body = "ReqContactsContract", has_reply = true, reply = "ResContactsContract" },
  [800] = { name = "GetGroupInfomation", to_server = true, body = "GroupContract", has_reply = true, reply = "GroupInfomationContract", reply_optional = true },
  [801] = { name = "JoinGroup", to_server = true, body = "GroupContract", has_reply = true, reply = "GroupInfomationContract", reply_optional = true },
  [802] = { name = "QuitGroup", to_server = true, body = "GroupContract" },
  [803] = { name = "PullIntoGroup", to_server = true, body = "RecruitOrFireContract" },
  [804] = { name = "RemoveFromGroup", to_server = true, body = "RecruitOrFireContract" },
  [805] = { name = "SomeoneJoinGroupNotify", body = "GroupNotifyContract" },
  [806] = { name = "SomeoneQuitGroupNotify", body = "GroupNotifyContract" },
  [807] = { name = "PullIntoGroupNotify", body = "RecruitOrFireContract" },
  [808] = { name = "RemoveFromGroupNotify", body = "RecruitOrFireContract" },
  [809] = { name = "SomeonePullIntoGroupNotify", body = "RecruitOrFireContract" },
  [810] = { name = "SomeoneRemoveFromGroupNotify", body = "RecruitOrFireContract" },
  [811] = { name = "GroupmateOfflineNotify", body = "GroupmateOfflineContract" },
  [812] = { name = "GroupmateOnlineNotify", body = "UserContract" },
  [813] = { name = "InvitedJoinGroupNotify", body = "GroupNotifyContract" },
  [814] = { name = "GetMyGroups", to_server = true, has_reply = true, reply = "ResGroupsContract" },
  [815] = { name = "SetGroupTag", to_server = true, body = "SetGroupTagContract" },
  [816] = { name = "GroupTagChangedNotify", body = "GroupTagChangedNotifyContract" },
  [817] = { name = "InviteJoinGroup", to_server = true, body = "RecruitOrFireContract" },
  [818] = { name = "GetOnlineGroupmates", to_server = true, has_reply = true, reply = "ResContactsContract" },
  [819] = { name = "Broadcast", body = "BroadcastContract" },
  [900] = { name = "PlatformChallenge", body = "PlatformChallengeContract" },
  [901] = { name = "PlatformHello", to_server = true, body = "PlatformHelloContract", has_reply = true, reply = "PlatformResultContract" },
  [902] = { name = "RegisterServer", to_server = true, body = "RegisterServerContract", has_reply = true, reply = "PlatformResultContract" },
  [903] = { name = "UnregisterServer", to_server = true },
  [904] = { name = "ReportServerState", to_server = true, body = "ServerStateContract", has_reply = true, reply = "PlatformResultContract" },
  [905] = { name = "ReportUsers", to_server = true, body = "ReportUsersContract", has_reply = true, reply = "ReportUsersResContract" },
  [906] = { name = "UserLogon", to_server = true, body = "UserLogonContract", has_reply = true, reply = "UserLogonResContract" },
  [907] = { name = "UserOffline", to_server = true, body = "UserOfflineContract" },
  [908] = { name = "UserChanged", to_server = true, body = "UserChangedContract" },
  [909] = { name = "UserNotice", body = "UserNoticeContract" },
  [910] = { name = "LogonOtherServer", body = "LogonOtherServerContract" },
  [911] = { name = "CallServer", body = "CallServerContract" },
  [912] = { name = "PlatformCallReply", to_server = true, body = "PlatformResultContract" },
  [913] = { name = "TransferMessage", body = "TransferContract" },
  [914] = { name = "TransferFailed", body = "TransferContract" },
  [915] = { name = "GetServerToLogon", to_server = true, has_reply = true, reply = "ServerConfigurationContract", reply_optional = true },
  [916] = { name = "GetClusterServers", to_server = true, body = "GetClusterServersContract", has_reply = true, reply = "ClusterServersContract" },
  [917] = { name = "ControlServer", to_server = true, body = "ControlServerContract", has_reply = true, reply = "PlatformResultContract" },
  [918] = { name = "SubscribeServers", to_server = true, has_reply = true, reply = "PlatformResultContract" },
  [919] = { name = "ServerNotice", body = "ServerNoticeContract" },
  [920] = { name = "CallCluster", to_server = true, body = "CallClusterContract", has_reply = true, reply = "PlatformResultContract" },
  [921] = { name = "GetPlatformUser", to_server = true, body = "GetPlatformUserContract", has_reply = true, reply = "PlatformUserResContract" },
}

local esf = Proto("esf", "ESFramework")

esf.prefs.user_id_bytes_max = Pref.uint("Maximum UserID length N", DEFAULTS.user_id_bytes_max, "Bytes, 1 to 255; both ends must agree")
esf.prefs.message_bytes_max = Pref.uint("Maximum message length", DEFAULTS.message_bytes_max, "Bytes, header included")
esf.prefs.port = Pref.uint("TCP port", DEFAULTS.port, "Port that is taken for ESFramework without further evidence")
esf.prefs.heuristic = Pref.bool("Recognise by header", true, "Take other ports for ESFramework when the first bytes look like a header")

-- Fields -----------------------------------------------------------------------------------------------------------

local all_fields = {}

local function field(make, ...)
  local made = make(...)
  all_fields[#all_fields + 1] = made
  return made
end

local message_names = {}
for number, message in pairs(MESSAGES) do message_names[number] = message.name end

local f = {
  start_token = field(ProtoField.uint8, "esf.start_token", "Start token", base.HEX),
  client_type = field(ProtoField.uint8, "esf.client_type", "Client type", base.DEC, ENUMS.ClientType),
  message_type = field(ProtoField.uint16, "esf.message_type", "Message type", base.DEC, message_names),
  body_length = field(ProtoField.int32, "esf.body_length", "Body length"),
  message_id = field(ProtoField.int32, "esf.message_id", "Message id"),
  source_length = field(ProtoField.uint8, "esf.source_length", "Sender length"),
  source = field(ProtoField.string, "esf.source", "Sender"),
  dest_length = field(ProtoField.uint8, "esf.dest_length", "Destination length"),
  dest = field(ProtoField.string, "esf.dest", "Destination"),
  padding = field(ProtoField.bytes, "esf.padding", "Padding"),
  body = field(ProtoField.bytes, "esf.body", "Body"),
  length = field(ProtoField.int32, "esf.length", "Length"),
  count = field(ProtoField.int32, "esf.count", "Count"),
  is_null = field(ProtoField.bool, "esf.is_null", "Null"),
  is_gif = field(ProtoField.bool, "esf.is_gif", "IsGif"),
}

local make_simple = {
  bool = ProtoField.bool, byte = ProtoField.uint8, int16 = ProtoField.int16, int32 = ProtoField.int32,
  int64 = ProtoField.int64, float32 = ProtoField.float, float64 = ProtoField.double, string = ProtoField.string,
  bytes = ProtoField.bytes, image = ProtoField.bytes,
}

-- The fields of one place: its own, and for lists and dictionaries those of what is inside.
local function make_fields(abbr, name, kind)
  if kind == "font" then kind = { object = "SimpleFont" } end
  if kind == "dateTime" then return { own = field(ProtoField.absolute_time, abbr, name, base.UTC) } end
  if kind == "color" then return { own = field(ProtoField.uint24, abbr, name, base.HEX) } end
  if type(kind) == "string" then return { own = field(make_simple[kind], abbr, name) } end
  if kind.enum then return { own = field(ProtoField.int32, abbr, name, base.DEC, ENUMS[kind.enum]) } end
  local fields = { own = field(ProtoField.none, abbr, name) }
  if kind.list then fields.item = make_fields(abbr .. ".item", "Item", kind.list) end
  if kind.dict then
    fields.key = make_fields(abbr .. ".key", "Key", kind.dict[1])
    fields.value = make_fields(abbr .. ".value", "Value", kind.dict[2])
  end
  return fields
end

for name, contract in pairs(CONTRACTS) do
  contract.own = { own = field(ProtoField.none, "esf." .. name, name) }
  for _, property in ipairs(contract) do
    property.fields = make_fields("esf." .. name .. "." .. property[1], property[1], property[2])
  end
end

esf.fields = all_fields

local function malformed(name, text)
  return ProtoExpert.new("esf.expert." .. name, text, expert.group.MALFORMED, expert.severity.ERROR)
end

local e = {
  InvalidToken = malformed("invalid_token", "InvalidToken"),
  InvalidClientType = malformed("invalid_client_type", "InvalidClientType"),
  InvalidHeader = malformed("invalid_header", "InvalidHeader"),
  MessageSizeOverflow = malformed("message_size_overflow", "MessageSizeOverflow"),
  DataLacked = malformed("data_lacked", "DataLacked"),
  note = ProtoExpert.new("esf.expert.note", "Unusual", expert.group.PROTOCOL, expert.severity.NOTE),
  unknown = ProtoExpert.new("esf.expert.unknown_type", "Unknown message type", expert.group.UNDECODED, expert.severity.NOTE),
}
esf.experts = { e.InvalidToken, e.InvalidClientType, e.InvalidHeader, e.MessageSizeOverflow, e.DataLacked, e.note, e.unknown }

-- Text -------------------------------------------------------------------------------------------------------------

-- Whether a Lua string is UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF (SER-011).
local function is_utf8(text)
  local i, size = 1, #text
  while i <= size do
    local first = text:byte(i)
    local more, low, high = 0, 0x80, 0xBF
    if first >= 0x80 then
      if first >= 0xC2 and first <= 0xDF then more = 1
      elseif first >= 0xE0 and first <= 0xEF then
        more = 2
        if first == 0xE0 then low = 0xA0 elseif first == 0xED then high = 0x9F end
      elseif first >= 0xF0 and first <= 0xF4 then
        more = 3
        if first == 0xF0 then low = 0x90 elseif first == 0xF4 then high = 0x8F end
      else return false end
    end
    if i + more > size then return false end
    for k = 1, more do
      local byte = text:byte(i + k)
      if byte < low or byte > high then return false end
      low, high = 0x80, 0xBF
    end
    i = i + 1 + more
  end
  return true
end

-- Bodies -----------------------------------------------------------------------------------------------------------

local STOP = {}
-- What a fault of the body at hand is: DataLacked, or a note where the type is reserved and nobody reads it (FRM-008).
local fault = e.DataLacked

-- Marks what is wrong and leaves the body; dissect_body catches it.
local function bad(tree, clause, text)
  tree:add_proto_expert_info(fault, "DataLacked: " .. text .. " (" .. clause .. ")")
  error(STOP, 0)
end

local function need(tree, bytes, pos, stop)
  if stop - pos < bytes then bad(tree, "SER-016", "needs " .. bytes .. " bytes, " .. (stop - pos) .. " are left") end
end

-- A length or count: -1 is null; otherwise that many things of at least bytes_each must be left.
local function prefix(what, clause, bytes_each, extra, tvb, pos, stop, tree)
  need(tree, 4, pos, stop)
  local value = tvb(pos, 4):le_int()
  if value < -1 then bad(tree, clause, what .. " " .. value .. " is below -1") end
  if value >= 0 and value * bytes_each + extra > stop - pos - 4 then
    bad(tree, clause, what .. " " .. value .. " does not fit, " .. (stop - pos - 4) .. " bytes are left")
  end
  return value
end

local walk

local fixed = {
  bool = function(field_, tvb, pos, tree)
    local item = tree:add(field_, tvb(pos, 1))
    if tvb(pos, 1):uint() > 1 then bad(item, "SER-005", "bool byte is " .. tvb(pos, 1):uint()) end
  end,
  dateTime = function(field_, tvb, pos, tree)
    local ticks = tvb(pos, 8):le_int64() - Int64.new(0xF7B58000, 0x089F7FF5) -- 621355968000000000: 1970-01-01
    local per_second = Int64.new(10000000)
    local seconds, rest = ticks / per_second, ticks % per_second
    tree:add(field_, tvb(pos, 8), NSTime.new(seconds:tonumber(), rest:tonumber() * 100))
  end,
  color = function(field_, tvb, pos, tree) tree:add(field_, tvb(pos, 3)) end,
}

local function walk_null(field_, tvb, pos, tree)
  local item = tree:add(field_, tvb(pos, 4))
  item:append_text(" null")
  item:add(f.is_null, tvb(pos, 4), true):set_generated()
  return pos + 4
end

local function walk_string(field_, tvb, pos, stop, tree)
  local size = prefix("string length", "SER-010", 1, 0, tvb, pos, stop, tree)
  if size == -1 then
    local item = tree:add(field_, tvb(pos, 4), "")
    item:append_text("(null)")
    item:add(f.is_null, tvb(pos, 4), true):set_generated()
    return pos + 4
  end
  local item
  if size == 0 then item = tree:add(field_, tvb(pos, 4), "")
  else item = tree:add(field_, tvb(pos + 4, size), tvb(pos + 4, size):string(ENC_UTF_8)) end
  item:add_le(f.length, tvb(pos, 4))
  if size > 0 and not is_utf8(tvb(pos + 4, size):raw()) then bad(item, "SER-011", "the text is not UTF-8") end
  return pos + 4 + size
end

local function walk_bytes(field_, tvb, pos, stop, tree)
  local size = prefix("byte length", "SER-012", 1, 0, tvb, pos, stop, tree)
  if size == -1 then return walk_null(field_, tvb, pos, tree) end
  local item = size == 0 and tree:add(field_, tvb(pos, 4), "") or tree:add(field_, tvb(pos + 4, size))
  item:add_le(f.length, tvb(pos, 4))
  return pos + 4 + size
end

local function walk_image(field_, tvb, pos, stop, tree)
  local size = prefix("image length", "SER-022", 1, 1, tvb, pos, stop, tree)
  if size == -1 then return walk_null(field_, tvb, pos, tree) end
  local item = size == 0 and tree:add(field_, tvb(pos, 5), "") or tree:add(field_, tvb(pos + 5, size))
  item:add_le(f.length, tvb(pos, 4))
  fixed.bool(f.is_gif, tvb, pos + 4, item)
  return pos + 5 + size
end

local function bytes_min(kind)
  return type(kind) == "string" and SIMPLE[kind].bytes_min or 4
end

local function too_deep(tree, depth)
  if depth > DEPTH_MAX then bad(tree, "SER-023", "nested deeper than " .. DEPTH_MAX) end
end

local function walk_list(fields, kind, tvb, pos, stop, tree, depth)
  local count = prefix("list count", "SER-013", bytes_min(kind), 0, tvb, pos, stop, tree)
  if count == -1 then return walk_null(fields.own, tvb, pos, tree) end
  local item = tree:add(fields.own, tvb(pos, 4))
  item:append_text(": " .. count)
  item:add_le(f.count, tvb(pos, 4))
  too_deep(item, depth)
  local at = pos + 4
  for _ = 1, count do at = walk(fields.item, kind, tvb, at, stop, item, depth + 1) end
  item:set_len(at - pos)
  return at
end

local function walk_dict(fields, kind, tvb, pos, stop, tree, depth)
  local each = bytes_min(kind[1]) + bytes_min(kind[2])
  local count = prefix("dictionary count", "SER-014", each, 0, tvb, pos, stop, tree)
  if count == -1 then return walk_null(fields.own, tvb, pos, tree) end
  local item = tree:add(fields.own, tvb(pos, 4))
  item:append_text(": " .. count)
  item:add_le(f.count, tvb(pos, 4))
  too_deep(item, depth)
  local at, seen = pos + 4, {}
  for _ = 1, count do
    local from = at
    at = walk(fields.key, kind[1], tvb, at, stop, item, depth + 1)
    if kind[1] == "string" and tvb(from, 4):le_int() == -1 then bad(item, "SER-014", "a key is null") end
    local key = tvb(from, at - from):raw()
    if seen[key] then bad(item, "SER-014", "a key occurs twice") end
    seen[key] = true
    at = walk(fields.value, kind[2], tvb, at, stop, item, depth + 1)
  end
  item:set_len(at - pos)
  return at
end

local function walk_object(fields, name, tvb, pos, stop, tree, depth)
  need(tree, 4, pos, stop)
  local length = tvb(pos, 4):le_int()
  if length == -1 then return walk_null(fields.own, tvb, pos, tree) end
  if length < 4 then bad(tree, "SER-015", "object length is " .. length) end
  if length > stop - pos then bad(tree, "SER-016", "object length " .. length .. ", " .. (stop - pos) .. " bytes are left") end
  local item = tree:add(fields.own, tvb(pos, length))
  item:add_le(f.length, tvb(pos, 4))
  too_deep(item, depth)
  local at, inner = pos + 4, pos + length
  for _, property in ipairs(CONTRACTS[name]) do
    at = walk(property.fields, property[2], tvb, at, inner, item, depth + 1)
  end
  if at ~= inner then bad(item, "SER-016", "object length " .. length .. ", its properties take " .. (at - pos)) end
  return inner
end

walk = function(fields, kind, tvb, pos, stop, tree, depth)
  if kind == "font" then return walk_object(fields, "SimpleFont", tvb, pos, stop, tree, depth) end
  if kind == "string" then return walk_string(fields.own, tvb, pos, stop, tree) end
  if kind == "bytes" then return walk_bytes(fields.own, tvb, pos, stop, tree) end
  if kind == "image" then return walk_image(fields.own, tvb, pos, stop, tree) end
  if type(kind) == "string" then
    local size = SIMPLE[kind].bytes_min
    need(tree, size, pos, stop)
    if fixed[kind] then fixed[kind](fields.own, tvb, pos, tree) else tree:add_le(fields.own, tvb(pos, size)) end
    return pos + size
  end
  if kind.list then return walk_list(fields, kind.list, tvb, pos, stop, tree, depth) end
  if kind.dict then return walk_dict(fields, kind.dict, tvb, pos, stop, tree, depth) end
  if kind.object then return walk_object(fields, kind.object, tvb, pos, stop, tree, depth) end
  need(tree, 4, pos, stop)
  local item = tree:add_le(fields.own, tvb(pos, 4))
  if not ENUMS[kind.enum][tvb(pos, 4):le_int()] then
    item:add_proto_expert_info(e.note, "value is not defined by " .. kind.enum .. " (SER-008)")
  end
  return pos + 4
end

local function dissect_body(contract, tvb, pos, size, tree)
  local ok, failure = pcall(function()
    local after = walk_object(CONTRACTS[contract].own, contract, tvb, pos, pos + size, tree, 1)
    if after ~= pos + size then bad(tree, "SER-017", (pos + size - after) .. " bytes follow the value") end
  end)
  if not ok and failure ~= STOP then error(failure, 0) end
end

-- Messages ---------------------------------------------------------------------------------------------------------

local function dissect_id(tvb, pos, n, length_field, id_field, tree)
  local size = tvb(pos, 1):uint()
  local length_item = tree:add(length_field, tvb(pos, 1))
  if size > n then
    length_item:add_proto_expert_info(e.InvalidHeader, "InvalidHeader: id length " .. size .. " exceeds " .. n .. " (FRM-014)")
    return nil
  end
  local range = size > 0 and tvb(pos + 1, size) or tvb(pos, 1)
  local id = size > 0 and range:string(ENC_UTF_8) or ""
  local item = tree:add(id_field, range, id)
  if size > 0 and not is_utf8(range:raw()) then
    item:add_proto_expert_info(e.InvalidHeader, "InvalidHeader: the id is not UTF-8 (FRM-014)")
    return nil
  end
  if size < n then
    local rest = tvb(pos + 1 + size, n - size)
    local padding = tree:add(f.padding, rest)
    if rest:raw():find("[^%z]") then padding:add_proto_expert_info(e.note, "padding is not zero (FRM-015)") end
  end
  return id
end

-- Which contract the body has: a reply of the same type comes from the server.
local function body_contract(message, from_server)
  if message.has_reply and from_server and message.to_server then return message.reply, message.reply_optional end
  return message.body, message.body_optional
end

local function show_body(message, from_server, tvb, pos, size, tree)
  if not message then
    tree:add_proto_expert_info(e.unknown)
    if size > 0 then tree:add(f.body, tvb(pos, size)) end
    return
  end
  local contract, optional = body_contract(message, from_server)
  fault = message.reserved and e.note or e.DataLacked
  if message.reserved then tree:add_proto_expert_info(e.note, "reserved message type (FRM-030)") end
  if size == 0 then
    if contract and not optional then
      tree:add_proto_expert_info(fault, "DataLacked: the body is empty where " .. contract .. " is needed (FRM-028)")
    end
  elseif contract then
    dissect_body(contract, tvb, pos, size, tree)
  else
    tree:add(f.body, tvb(pos, size)):add_proto_expert_info(e.note, "a body where none is expected (FRM-023)")
  end
end

-- One message whose header is complete; size is header and body, or the header alone when the length cannot be true.
local function dissect_message(tvb, pos, n, size, pinfo, root, length_error)
  local header = 12 + 2 * (1 + n)
  local tree = root:add(esf, tvb(pos, size))
  tree:add(f.start_token, tvb(pos, 1))
  tree:add(f.client_type, tvb(pos + 1, 1))
  local number = tvb(pos + 2, 2):le_uint()
  local message = MESSAGES[number]
  tree:add_le(f.message_type, tvb(pos + 2, 2))
  local length_item = tree:add_le(f.body_length, tvb(pos + 4, 4))
  tree:add_le(f.message_id, tvb(pos + 8, 4))
  local source = dissect_id(tvb, pos + 12, n, f.source_length, f.source, tree)
  if not source then return false end
  local dest = dissect_id(tvb, pos + 13 + n, n, f.dest_length, f.dest, tree)
  if not dest then return false end
  if length_error then
    local text = length_error.kind .. ": " .. length_error.text
    length_item:add_proto_expert_info(e[length_error.kind], text)
    pinfo.cols.info:append("[" .. text .. "]  ")
    return false
  end
  local name = message and message.name or ("type " .. number)
  local summary = name .. " " .. source .. " > " .. (dest == "" and SERVER_ID or dest) .. " id=" .. tvb(pos + 8, 4):le_int()
  tree:append_text(", " .. summary)
  pinfo.cols.info:set(summary .. " len=" .. size .. "  ")
  pinfo.cols.info:fence()
  show_body(message, source == SERVER_ID, tvb, pos + header, size - header, tree)
  return true
end

local function length_error_of(body_length, header)
  if body_length < 0 then return { kind = "InvalidHeader", text = "body length " .. body_length .. " is negative (FRM-010)" } end
  if header + body_length > esf.prefs.message_bytes_max then
    local text = (header + body_length) .. " bytes announced, the limit is " .. esf.prefs.message_bytes_max .. " (LIM-006)"
    return { kind = "MessageSizeOverflow", text = text }
  end
  return nil
end

-- What is judged at the first and second byte, before the header is complete (FRM-020).
local function early_error(tvb, pos, left)
  if tvb(pos, 1):uint() ~= TOKEN then
    return { kind = "InvalidToken", field = f.start_token, range = tvb(pos, 1), text = "InvalidToken (FRM-004)" }
  end
  if left >= 2 and tvb(pos + 1, 1):uint() > CLIENT_TYPE_MAX then
    return { kind = "InvalidClientType", field = f.client_type, range = tvb(pos + 1, 1), text = "InvalidClientType (FRM-006)" }
  end
  return nil
end

function esf.dissector(tvb, pinfo, root)
  local total = tvb:len()
  if total == 0 or tvb:reported_length_remaining() > total then return 0 end
  local n = esf.prefs.user_id_bytes_max
  local header = 12 + 2 * (1 + n)
  pinfo.cols.protocol = "ESF"
  local pos = 0
  while pos < total do
    local left = total - pos
    local early = early_error(tvb, pos, left)
    if early then
      local tree = root:add(esf, tvb(pos, left))
      tree:add(early.field, early.range):add_proto_expert_info(e[early.kind], early.text)
      pinfo.cols.info:append("[" .. early.text .. "]  ")
      pinfo.cols.info:fence()
      return total
    end
    local body_length = left >= header and tvb(pos + 4, 4):le_int() or 0
    local length_error = left >= header and length_error_of(body_length, header) or nil
    local size = length_error and header or header + body_length
    if left < size then
      pinfo.desegment_offset = pos
      pinfo.desegment_len = left < header and DESEGMENT_ONE_MORE_SEGMENT or size - left
      return total
    end
    if not dissect_message(tvb, pos, n, size, pinfo, root, length_error) then return total end
    pos = pos + size
  end
  return total
end

-- Which connections ------------------------------------------------------------------------------------------------

local function looks_like_header(tvb)
  local n = esf.prefs.user_id_bytes_max
  local header = 12 + 2 * (1 + n)
  if tvb:len() < header or tvb(0, 1):uint() ~= TOKEN or tvb(1, 1):uint() > CLIENT_TYPE_MAX then return false end
  if tvb(12, 1):uint() > n or tvb(13 + n, 1):uint() > n then return false end
  return length_error_of(tvb(4, 4):le_int(), header) == nil
end

esf:register_heuristic("tcp", function(tvb, pinfo, root)
  if not esf.prefs.heuristic or not looks_like_header(tvb) then return false end
  pinfo.conversation = esf
  esf.dissector(tvb, pinfo, root)
  return true
end)

local tcp_ports = DissectorTable.get("tcp.port")
local port_now = esf.prefs.port
tcp_ports:add(port_now, esf)

function esf.prefs_changed()
  if port_now == esf.prefs.port then return end
  tcp_ports:remove(port_now, esf)
  port_now = esf.prefs.port
  tcp_ports:add(port_now, esf)
end
