"""Names that come from a peer, or go to one (19.5)."""

import re

FORBIDDEN = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"|?*/\\]')
DEVICES = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[1-9]|lpt[1-9])(?:\..*)?\Z", re.IGNORECASE)
NAME_BYTES_MAX, NAMES_MAX = 255, 64  # FIL-060


def harmless(name):
    """FIL-060."""
    if name in ("", ".", "..") or FORBIDDEN.search(name) or name[-1] in ". " or DEVICES.match(name):
        return False
    try:
        return len(name.encode("utf-8")) <= NAME_BYTES_MAX
    except UnicodeEncodeError:
        return False


def parts(path):
    """The names of a path; `/` and `\\` both part them."""
    return re.split(r"[/\\]", path)


def last_name(path):
    return parts(path)[-1]


def relative_names(path):
    """The names of a relative path, or None when one is not harmless or there are too many."""
    names = parts(path)
    return names if len(names) <= NAMES_MAX and all(map(harmless, names)) else None


class NamesSeen:
    """What a folder holds so far: nothing twice, no two names that differ only by case, no file as folder (FIL-062)."""

    ENTRIES_MAX = 65536  # FIL-061

    def __init__(self):
        self._kinds = {}  # folded path -> (path as it came, whether a folder)

    def add(self, names, is_folder):
        """Whether the path may be used; folders above it have to be there as they are written here."""
        for depth in range(1, len(names)):
            if self._kinds.get("/".join(names[:depth]).casefold()) != ("/".join(names[:depth]), True):
                return False
        path = "/".join(names)
        if path.casefold() in self._kinds or len(self._kinds) >= self.ENTRIES_MAX:
            return False
        self._kinds[path.casefold()] = (path, is_folder)
        return True
