/**
 * Every number of the wire format that is a limit or a fixed value: name, unit, clause.
 *
 * Data only; it checks nothing. Where the manual is silent the value is ours and the comment says why.
 */

/** FRM-003 MUST (ours): byte 0 of every message. Not a letter and not the start of UTF-8 text, so stray text is noticed. */
export const START_TOKEN = 0xe5;

/** FRM-006 MUST: the highest client type of this generation (`Others`). */
export const CLIENT_TYPE_MAX = 8;

/** FRM-007 MUST: message types are unsigned 16-bit numbers. */
export const MESSAGE_TYPE_MAX = 0xffff;

/** FRM-001 MUST: bytes of the header before the two ids. */
export const HEADER_FIXED_BYTES = 12;

/** FRM-016 MUST: the id that names the server; an empty destination means the server as well. */
export const SERVER_ID = '_0';

/** LIM-003 MUST: ids of the system start with this; a user's must not. */
export const SYSTEM_ID_PREFIX = '_';

/** LIM-001 MUST, bytes: N, the maximum length of a UserID, unless set otherwise. */
export const USER_ID_BYTES_MAX_DEFAULT = 11;

/** LIM-002 MUST, bytes: smallest N that can be set. Below 2 the server's id does not fit and is sent empty (FRM-031). */
export const USER_ID_BYTES_LOWEST = 1;

/** LIM-002 MUST, bytes: largest N that can be set; the length is one byte. */
export const USER_ID_BYTES_HIGHEST = 255;

/** LIM-005 MUST, bytes: the longest message, header included, unless set otherwise (1 MiB). */
export const MESSAGE_BYTES_MAX_DEFAULT = 1_048_576;

/** FRM-009 MUST, bytes: no setting can pass this; the body length is a signed 32-bit number. */
export const MESSAGE_BYTES_HIGHEST = 0x7fff_ffff;

/** SER-023 MUST (ours), levels: the outermost object is level 1; every object, list and dictionary inside adds one. */
export const NESTING_DEPTH_MAX = 32;

/** SER-019 MUST (ours), ticks of 100 ns: 1970-01-01 UTC counted from 0001-01-01 UTC. */
export const UNIX_EPOCH_TICKS = 621_355_968_000_000_000n;

/** SER-019 MUST: ticks of 100 ns in a millisecond. */
export const TICKS_PER_MILLISECOND = 10_000n;

/** BLB-012 MUST (ours), bytes: the largest blob a receiver assembles, unless set otherwise (64 MiB). */
export const BLOB_BYTES_MAX_DEFAULT = 67_108_864;

/** BLB-012 MUST (ours): unfinished blobs a receiver keeps for one sender. */
export const BLOBS_UNFINISHED_PER_SENDER_MAX = 64;

/** BLB-001 MUST: the id of the first blob of a sender. */
export const BLOB_ID_FIRST = 1;

/** ENG-001 MUST: the id of a blob that consists of one fragment only. */
export const BLOB_ID_SINGLE = -1;

/** RUD-010 MUST (ours), bytes: UDP payload of the largest datagram of reliable UDP, unless set otherwise; passes IPv6 tunnels. */
export const rudpDatagramBytesMax = 1_200;

/** RUD-013 MUST (ours), bytes: memory for what has arrived over reliable UDP and was not yet taken (4 MiB). */
export const rudpReceiveBytesMax = 4_194_304;

/** RUD-020 MUST (ours), bytes: memory for what is queued or not yet acknowledged (64 MiB). */
export const rudpSendBytesMax = 67_108_864;

/** RUD-013 MUST (ours): how many chunks a sender may be ahead of the lowest one not acknowledged. */
export const rudpChunksAheadMax = 65_536;
/** FIL-015 MUST, bytes: data in a package unless the sender's parameters say otherwise. */
export const FILE_PACKAGE_BYTES_DEFAULT = 2048;

/** Bytes read from a disk in one go, at most. Facts: the original's buffer. */
export const FILE_READ_BYTES = 1_048_576;

/** FIL-060 MUST (ours), bytes of UTF-8: the longest single name a receiver takes; what common file systems take. */
export const FILE_NAME_BYTES_MAX = 255;

/** FIL-060 MUST (ours), names: the deepest place below a folder; keeps paths short enough for common systems. */
export const FILE_DEPTH_MAX = 64;

/** FIL-061 MUST (ours), bytes of UTF-8: longest OriginPath, ProjectID and the like in a request. */
export const FILE_PATH_BYTES_MAX = 32_767;
export const FILE_PROJECT_ID_BYTES_MAX = 512;

/** FIL-061 MUST (ours): projects of one sender that a receiver keeps at once. */
export const FILE_PROJECTS_PER_SENDER_MAX = 64;

/** FIL-061 MUST (ours): files and folders in one project; bounds what a receiver remembers of names. */
export const FILE_ENTRIES_MAX = 65_536;

/** FIL-046 MUST (ours): resumable items an engine keeps; the oldest goes first. */
export const FILE_RESUME_ITEMS_MAX = 256;

/** FIL-042 MUST: what the name of a file that is still coming in ends with. */
export const FILE_TEMPORARY_SUFFIX = '.tmpe$';

/** The TCP port the vendor's demonstrations use; the dissector's default. */
export const TCP_PORT_DEFAULT = 4530;

/** CLU-002 MUST: the platform server's port for servers and systems outside (the manual's RemotingPort). */
export const ACMS_SERVICE_PORT_DEFAULT = 11_000;

/** CLU-002 MUST: the platform server's port for messages between servers (TransferPort). */
export const ACMS_TRANSFER_PORT_DEFAULT = 12_000;

/** CLU-007 MUST (ours): users in one ReportUsers or UserNotice, so that a table of any size fits its messages. */
export const USERS_PER_MESSAGE_MAX = 500;

/** LOG-006 MUST (ours as to the value): the version a client sends and a server expects. */
export const VERSION_DEFAULT = 6;

/** LOG-006 MUST (ours as to the value): the authorised account of an installation that names none. */
export const AUTHORIZED_USER_DEFAULT = 'FreeUser';

/** P2P-004 MUST (ours), bytes: zeros behind the message of a DiscoverRequest; more than the answer is longer. */
export const P2P_DISCOVER_PADDING_BYTES = 64;

/** P2P-016 MUST (ours): candidates that are taken from one invitation. */
export const P2P_CANDIDATES_MAX = 16;

/** P2P-007 MUST: port of a P2P server that stands alone, unless set otherwise. */
export const P2P_SERVER_PORT_DEFAULT = 9901;

/** CON-055 MUST (ours): dynamic groups a user may be a member of. */
export const DYNAMIC_GROUPS_PER_USER_MAX = 1000;

/** CON-055 MUST (ours), bytes of UTF-8: the tag of a dynamic group. */
export const GROUP_TAG_BYTES_MAX = 4096;

/** Bytes of a header when ids may be up to `userIdBytesMax` bytes long (FRM-001). */
export function headerBytes(userIdBytesMax: number): number {
  return HEADER_FIXED_BYTES + 2 * (1 + userIdBytesMax);
}
