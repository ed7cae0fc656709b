"""The receiving end of a file project (19.2, 19.4, 19.5)."""

import os
import shutil

from errors import BodyError, EsfError
from file_names import NamesSeen, relative_names
from file_project import CHILD_FOLDER, DATA, FINISHED, NEXT_FILE, TEMPORARY, Broken, Project
from serializer import decode_contract


def remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path, ignore_errors=True)
    elif os.path.lexists(path):
        os.remove(path)


class ReceivingProject(Project):
    def __init__(self, user_id, begin):
        super().__init__(user_id, begin)
        self.save_path = None
        self.begun = False  # a package has come
        self._file = None
        self._name = None  # relative path of the folder's file under way, or of the last one
        self._size = self._got = 0
        self._seen = NamesSeen()
        self._resuming = False  # the next file is the one that the former project ended in

    @property
    def temporary(self):
        return self.save_path + TEMPORARY

    def open(self, path):
        """Begins anew (FIL-042); E_FILE when it cannot (FIL-053)."""
        self.save_path = path
        if os.path.exists(path) and os.path.isdir(path) != self.is_folder:
            raise EsfError("E_FILE", "%s is there and %s folder" % (path, "no" if self.is_folder else "a"))
        try:
            remove(self.temporary)
            if self.is_folder:
                os.mkdir(self.temporary)
            else:
                self._file = open(self.temporary, "wb")  # noqa: SIM115 - kept open over many packages
        except OSError as error:
            raise EsfError("E_FILE", "%s: %s" % (path, error.strerror)) from None

    def resume(self, former):
        """Goes on where `former` ended; False when its temporary file is gone or shorter (FIL-049)."""
        target = former.temporary
        if self.is_folder and former._name is not None:
            target = os.path.join(target, *former._name.split("/"))
        if self.is_folder and former._name is None or not os.path.isfile(target):
            return False
        if os.path.getsize(target) < former._got:
            return False
        self._resuming = self.is_folder
        self.save_path, self.transferred = former.save_path, former.transferred
        self._name, self._size, self._got, self._seen = former._name, former._size, former._got, former._seen
        if not self.is_folder:
            self._file = open(target, "r+b")  # noqa: SIM115
            self._file.seek(self._got)
            self._file.truncate()
        return True

    def answer(self):
        """The properties of RejectOrAcceptFileContract that say where to go on (FIL-043)."""
        resumed_folder = self.is_folder and self.transferred > 0
        return {
            "DisrupttedFileReceivedCount": self._got if resumed_folder else 0,
            "DisrupttedFileRelativePath": self._name if resumed_folder else None,
            "DisrupttedFileSize": self._size if resumed_folder else 0,
            "ReceivedCount": self.transferred,
        }

    def package(self, package):
        """Takes one package; True when a file, or everything, is complete and is to be told (FIL-013)."""
        self.index = (self.index + 1) % 256
        if package["Index"] != self.index:
            raise Broken("package %d where %d is next" % (package["Index"], self.index))  # FIL-014
        self.begun = True
        kind, data = package["PackageType"], package["Data"] or b""
        try:
            if kind == DATA:
                return self._data(data)
            if kind == NEXT_FILE and self.is_folder and self._file is None:
                return self._next_file(data)
            if kind == CHILD_FOLDER and self.is_folder and self._file is None:
                os.mkdir(os.path.join(self.temporary, *self._path(data.decode("utf-8"), True)))
                return False
            if kind == FINISHED:
                self._finish()
                return True
        except (OSError, BodyError, UnicodeDecodeError) as error:
            raise Broken(str(error)) from None
        raise Broken("a package of type %d does not belong here" % kind)

    def _data(self, data):
        room = self._size - self._got if self.is_folder else self.total_size - self.transferred
        if self._file is None or not 0 < len(data) <= room:
            raise Broken("%d bytes where %d are missing" % (len(data), room))
        self._file.write(data)
        self._got += len(data)
        self.transferred += len(data)
        return self.is_folder and self._file_complete()

    def _path(self, relative, is_folder):
        names = relative_names(relative)
        if names is None or not self._seen.add(names, is_folder):
            raise Broken("the path %r is refused" % relative)
        return names

    def _next_file(self, data):
        info = decode_contract("FoldTransferingNextFileInfo", data)
        relative, size = info["RelativeFilePath"] or "", info["FileLength"]
        resumed = self._resuming and relative == self._name and size == self._size
        if not resumed:
            names = self._path(relative, False)
            if not 0 <= size <= self.total_size - self.transferred:
                raise Broken("a file of %d bytes is more than was announced" % size)
            self._name, self._size, self._got = "/".join(names), size, 0
        self._resuming = False
        target = os.path.join(self.temporary, *self._name.split("/"))
        self._file = open(target, "r+b" if resumed else "xb")  # noqa: SIM115
        self._file.seek(self._got)
        self._file.truncate()
        return self._file_complete()

    def _file_complete(self):
        if self._got < self._size:
            return False
        self._file.close()
        self._file = None
        return True

    def _finish(self):
        if self.transferred != self.total_size or (self.is_folder and self._file is not None):
            raise Broken("%d of %d bytes at the end" % (self.transferred, self.total_size))
        self.close()
        if self.is_folder:
            remove(self.save_path)
        os.replace(self.temporary, self.save_path)  # FIL-050

    def close(self):
        if self._file is not None:
            self._file.close()
            self._file = None

    def discard(self):
        """FIL-046."""
        self.close()
        if self.save_path is not None:
            remove(self.temporary)
