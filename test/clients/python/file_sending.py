"""The sending end of a file project (19.2)."""

import asyncio
import os
import stat

from errors import EsfError
from file_names import NamesSeen, harmless, relative_names
from file_project import CHILD_FOLDER, DATA, FINISHED, NEXT_FILE, Broken, Project
from outters import TICKS_AT_1970
from serializer import encode_contract


def _refuse(path, why):
    raise EsfError("E_FILE", "%s: %s" % (path, why))


def survey(path):
    """(is folder, total size, last update in ticks, entries below a folder) of what is to be sent; E_FILE (FIL-004,
    FIL-063). An entry is (relative path with `/`, size), the size None for a folder (FIL-012)."""
    try:
        about = os.stat(path)
    except OSError as error:
        _refuse(path, error.strerror)
    if not harmless(os.path.basename(path)):
        _refuse(path, "its name cannot be sent")
    ticks = TICKS_AT_1970 + about.st_mtime_ns // 100
    if not stat.S_ISDIR(about.st_mode):
        return False, about.st_size, ticks, []
    entries, seen = [], NamesSeen()
    _list(path, "", entries)
    for relative, size in entries:
        names = relative_names(relative)
        if names is None or not seen.add(names, size is None):
            _refuse(path, "the name %r below it cannot be sent" % relative)
    return True, sum(size or 0 for _relative, size in entries), ticks, entries


def _list(folder, above, entries):
    """Folders before what is in them."""
    for entry in sorted(os.scandir(folder), key=lambda each: each.name):
        relative = above + entry.name
        if entry.is_dir():
            entries.append((relative, None))
            _list(entry.path, relative + "/", entries)
        elif entry.is_file():
            entries.append((relative, entry.stat().st_size))


class SendingProject(Project):
    is_sender = True

    def __init__(self, user_id, begin, path, entries, package_size, span_msecs):
        super().__init__(user_id, begin)
        self.path = path
        self.task = None
        self._entries = entries
        self._package_size = package_size
        self._span_secs = span_msecs / 1000
        self._notified = asyncio.Event()

    def notify(self):
        """SingleFileRevFinishedNotify."""
        self._notified.set()

    async def run(self, answer, post):
        """Sends everything; returns when the receiver has all of it (FIL-013). `await post(body)` sends a package."""
        self._post = post
        if self.is_folder:
            await self._folder(answer)
        else:
            self.transferred = answer["ReceivedCount"]
            await self._file(self.path, self.transferred, self.total_size)
        self._notified.clear()
        await self._package(FINISHED, None)
        await self._notified.wait()

    async def _folder(self, answer):
        relative_from = answer["DisrupttedFileRelativePath"] if answer["ReceivedCount"] > 0 else None
        self.transferred = answer["ReceivedCount"] if relative_from is not None else 0
        for relative, size in self._entries:
            start = 0
            if relative_from is not None:
                if relative != relative_from:
                    continue
                relative_from, start = None, answer["DisrupttedFileReceivedCount"]
            if size is None:
                await self._package(CHILD_FOLDER, relative.encode("utf-8"))
                continue
            info = encode_contract("FoldTransferingNextFileInfo", FileLength=size, RelativeFilePath=relative)
            self._notified.clear()
            await self._package(NEXT_FILE, info)
            await self._file(os.path.join(self.path, *relative.split("/")), start, size)
            await self._notified.wait()  # FIL-017
        if relative_from is not None:
            raise Broken("the receiver wants to go on with %r, which is not there" % relative_from)

    async def _file(self, path, start, size):
        with open(path, "rb") as file:
            file.seek(start)
            while start < size:
                data = file.read(min(self._package_size, size - start))
                if not data:
                    raise Broken("%s has become shorter" % path)
                start += len(data)
                self.transferred += len(data)
                await self._package(DATA, data)

    async def _package(self, kind, data):
        self.index = (self.index + 1) % 256
        body = encode_contract(
            "FilePackage", Data=data, Index=self.index, PackageType=kind, ProjectID=self.project_id
        )
        await self._post(self, body)
        if self._span_secs > 0:
            await asyncio.sleep(self._span_secs)  # FIL-016
