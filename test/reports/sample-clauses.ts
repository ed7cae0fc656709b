/**
 * Eighty clauses for the sample log: enough to look like a spec, short enough to read. Not the real spec.
 *
 * One line each: id, level, role, text; a line that begins with `#` starts a chapter.
 */
import type { ClauseLevel, ClauseRow } from '../../reports/model.ts';

const TEXT = `
# 1. Framing and header
FRM-001 MUST sender A sender MUST write every message as one header of 12 + 2 x (1 + N) bytes followed by exactly MessageBodyLength body bytes, with nothing between two messages.
FRM-002 MUST sender A sender MUST write the integers of the header little-endian.
FRM-003 MUST sender A sender MUST write \`E5\` (hexadecimal) as byte 0, the start token.
FRM-004 MUST receiver A receiver MUST treat a message with another start token as invalid, of kind InvalidToken.
FRM-006 MUST receiver A receiver MUST treat a client type above 8 as invalid, of kind InvalidClientType.
FRM-008 MUST receiver A receiver MUST ignore a well-formed message of an unknown type from a bound peer and keep the connection.
FRM-010 MUST receiver A receiver MUST treat a negative body length as invalid, of kind InvalidHeader.
FRM-012 MUST sender A sender MUST give a reply the message id of the request it answers.
FRM-015 SHOULD receiver A receiver SHOULD accept and ignore padding bytes of an id that are not zero.
FRM-017 MUST receiver A receiver MUST get the same messages from a stream however it is divided into chunks: one byte at a time, several messages in one, or anything between.
# 2. Serializer
SER-001 MUST sender A sender MUST write numbers little-endian.
SER-002 MUST sender A sender MUST write properties in ordinal alphabetical order of their names.
SER-004 MUST sender A sender MUST write a bool as one byte, 0 or 1.
SER-005 MUST receiver A receiver MUST treat any other bool byte as invalid.
SER-009 MUST sender A sender MUST write a string as its length in bytes, -1 for null, then its UTF-8 bytes.
SER-010 MUST receiver A receiver MUST treat a string length below -1 or beyond the end as invalid and allocate nothing for it.
SER-011 MUST receiver A receiver MUST treat bytes that are not UTF-8 as invalid.
SER-016 MUST receiver A receiver MUST treat an object length that is not what its properties take as invalid.
SER-023 MUST receiver A receiver MUST treat nesting deeper than 32 as invalid.
SER-024 SHOULD sender A sender SHOULD refuse a cyclic value with an error that names the property.
# 3. Limits
LIM-001 MUST both Both sides MUST take 11 for N unless told otherwise.
LIM-002 MUST both Both sides MUST refuse a value for N outside 1 to 255.
LIM-003 MUST client A client MUST refuse a UserID that is empty, longer than N bytes, or begins with \`_\`.
LIM-005 MUST both Both sides MUST take 1,048,576 bytes, header included, for the largest message unless told otherwise.
LIM-006 MUST receiver A receiver MUST close the connection as soon as a header announces more than the limit, before the body arrives, and report MessageSizeOverflow.
LIM-007 MUST sender A sender MUST refuse a message above the limit in the call that sends it.
LIM-008 MUST receiver A receiver MUST accept a message of exactly the limit.
LIM-009 SHOULD client A client SHOULD use digits and letters only in a UserID.
LIM-010 MUST both Both sides MUST tell UserIDs apart by case.
LIM-011 MUST both Both sides MUST NOT let a limit that is changed after initialize change a running engine.
# 4. Logon
LOG-001 MUST client A client MUST send Logon as the first message on a connection.
LOG-002 MUST server A server MUST ask VerifyUser exactly once for each logon.
LOG-003 MUST server A server MUST answer a successful logon with LogonResult Succeed and bind the connection to the UserID.
LOG-004 MUST server A server MUST answer a refused logon with Failed and its cause, then close the connection.
LOG-006 MUST server A server MUST answer a differing version with VersionMismatched without asking VerifyUser.
LOG-007 MUST client A client MUST give up a logon that stays unanswered for WaitResponseTimeoutInSecs, with “Timeout waiting for reply !”.
LOG-008 MUST server A server MUST answer a second Logon on a bound connection with HadLoggedOn and keep the connection.
LOG-010 MUST server A server MUST raise SomeOneConnected once for each successful logon.
LOG-014 SHOULD server A server SHOULD say in P2PEnabled whether it helps peers to connect.
LOG-015 MUST client A client MUST pass SystemToken unchanged; null when none is set.
# 5. Heartbeat
HBT-001 MUST client A client MUST send HeartBeat every HeartBeatSpanInSecs, the first one span after logon.
HBT-002 MUST client A client MUST NOT send HeartBeat when the span is 0 or less.
HBT-003 MUST server A server MUST return a HeartBeat with the same id and body when AutoRespondHeartBeat is on.
HBT-004 MUST server A server MUST NOT answer a HeartBeat when AutoRespondHeartBeat is off, which is the default.
HBT-005 MUST server A server MUST count a user as timed out when no complete message came for HeartbeatTimeoutInSecs.
HBT-006 MUST server A server MUST take any message as a sign of life.
HBT-008 MUST server A server MUST, on a timeout, raise SomeOneTimeOuted, wait for its handlers, close the connection, and then raise SomeOneDisconnected.
HBT-009 SHOULD server A server SHOULD notice a timeout within a tenth of it plus one second.
HBT-011 MAY both Both sides MAY rely on TCP keep-alive of 10 s idle and 2 s interval as well.
HBT-012 MUST server A server MUST NOT drop a client that stalls and resumes within the timeout.
# 6. Relogon
REL-001 MUST server A server MUST keep at most one connection for a UserID at any moment.
REL-002 MUST server A server MUST replace the old connection by default.
REL-003 MUST server A server MUST raise SomeOneBeingPushedOut, notify the old connection, close it, and only then bind the new one.
REL-004 MUST client A client MUST be closed already when it raises BeingPushedOut.
REL-005 MUST client A client MUST NOT reconnect after it was pushed out.
REL-006 MUST server A server MUST, in mode IgnoreNew, leave the old connection untouched.
REL-008 MUST server A server MUST NOT push anyone out for a logon that it refuses.
REL-009 MUST server A server MUST treat overlapping logons of one UserID as if they had come one after the other.
REL-010 MUST server A server MUST send what is for the user over the new connection only, once it has replaced the old one.
REL-012 MAY client A client MAY initialize the same engine again after it was pushed out.
# 7. Reconnect
RCN-001 MUST client A client MUST raise ConnectionInterrupted, ConnectionRebuildStart and RelogonCompleted in this order, once each.
RCN-002 SHOULD client A client SHOULD wait 1, 2, 4, 8, then 10 seconds between attempts, each plus up to a fifth.
RCN-003 MUST client A client MUST NOT go on reconnecting after its relogon was refused.
RCN-004 MUST client A client MUST NOT reconnect after Close.
RCN-005 MUST client A client MUST go on with its attempts when the connection breaks during the automatic logon.
RCN-006 MUST client A client MUST fail pending queries at once when the connection breaks.
RCN-007 MUST client A client MUST refuse to send while it is disconnected.
RCN-009 MUST server A server MUST raise SomeOneDisconnected exactly once for each SomeOneConnected.
RCN-011 MUST both Both sides MUST NOT raise events of an engine after it was closed.
RCN-012 MUST client A client MUST send heartbeats again after a relogon.
# 8. Blobs
BLB-001 MUST sender A sender MUST count BlobID from 1 and FragmentIndex from 0, and set IsLast on the last fragment only.
BLB-002 MUST sender A sender MUST fill every fragment but the last to exactly the fragment size.
BLB-003 MUST sender A sender MUST refuse a fragment size that is 0, negative, or too large for one message.
BLB-004 MUST receiver A receiver MUST NOT hand over a blob before its last fragment has come.
BLB-005 MUST receiver A receiver MUST drop the parts of a blob when its sender disconnects.
BLB-006 MUST receiver A receiver MUST keep the blobs of different senders apart.
BLB-007 SHOULD sender A sender SHOULD let other messages pass between two fragments.
BLB-008 MUST receiver A receiver MUST bound the memory it spends on unfinished blobs.
BLB-009 MAY sender A sender MAY send several blobs at the same time.
BLB-010 MUST sender A sender MUST be written by people who have read the whole chapter.
`;

/** Parses the table above. */
export function sampleClauses(): ClauseRow[] {
  const rows: ClauseRow[] = [];
  let chapter = '';
  for (const line of TEXT.trim().split('\n')) {
    if (line.startsWith('# ')) chapter = line.slice(2);
    else {
      const [id, level, role, ...words] = line.split(' ') as [string, ClauseLevel, string, ...string[]];
      rows.push({ id, area: id.slice(0, 3), level, role, text: words.join(' '), chapter, testable: id !== 'BLB-010' });
    }
  }
  return rows;
}
