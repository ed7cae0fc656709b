"""Assembly of received blobs (12.2)."""

import logging

log = logging.getLogger("esf")

MAX_UNFINISHED = 64  # BLB-012


class _Blob:
    __slots__ = ("message_type", "information_type", "content", "next_index")

    def __init__(self, message_type, information_type):
        self.message_type = message_type
        self.information_type = information_type
        self.content = bytearray()
        self.next_index = 0


class BlobAssembler:
    """Unfinished blobs by sender and BlobID (BLB-006); a sender has one count for both message types."""

    def __init__(self, bytes_max):
        self.bytes_max = bytes_max
        self._senders = {}

    def clear(self):
        """The own connection has ended (BLB-018)."""
        self._senders.clear()

    def take(self, source, message_type, fragment):
        """(information type, content) when the fragment completes a blob, else None."""
        blob_id, index = fragment["BlobID"], fragment["FragmentIndex"]
        piece = fragment["Fragment"]
        if index == 0 and blob_id == 1:
            self._senders.pop(source, None)  # BLB-013: the sender's connection began anew
        unfinished = self._senders.setdefault(source, {})
        try:
            if index == 0:
                unfinished.pop(blob_id, None)  # BLB-016
                return self._first(unfinished, message_type, blob_id, fragment, source)
            return self._next(unfinished, message_type, blob_id, index, piece or b"", fragment["IsLast"], source)
        finally:
            if not unfinished:
                self._senders.pop(source, None)

    def _first(self, unfinished, message_type, blob_id, fragment, source):
        piece = fragment["Fragment"]
        if len(piece or b"") > self.bytes_max:
            log.warning("blob %d of %s dropped: more than %d bytes", blob_id, source, self.bytes_max)
            return None
        if fragment["IsLast"]:
            return (fragment["InformationType"], piece)  # BLB-017, also for BlobID -1
        if blob_id < 1:
            return None  # BLB-017
        if len(unfinished) >= MAX_UNFINISHED:
            log.warning("blob %d of %s dropped: %d others are unfinished", blob_id, source, MAX_UNFINISHED)
            return None
        blob = unfinished[blob_id] = _Blob(message_type, fragment["InformationType"])
        self._append(blob, piece or b"")
        return None

    def _next(self, unfinished, message_type, blob_id, index, piece, is_last, source):
        blob = unfinished.get(blob_id)
        if blob is None:
            return None  # BLB-011: unknown, or dropped before
        if index != blob.next_index or message_type != blob.message_type:
            del unfinished[blob_id]  # BLB-011
            return None
        if len(blob.content) + len(piece) > self.bytes_max:
            del unfinished[blob_id]
            log.warning("blob %d of %s dropped: more than %d bytes", blob_id, source, self.bytes_max)
            return None
        self._append(blob, piece)
        if not is_last:
            return None
        del unfinished[blob_id]
        return (blob.information_type, bytes(blob.content))

    @staticmethod
    def _append(blob, piece):
        blob.content += piece
        blob.next_index += 1
