"""What both ends of a file project have in common (19.1, 19.3)."""

import asyncio

from events import Event

CAUSES = (
    "RejectAccepting", "ActiveCancel", "DestCancel", "DestOffline", "ReliableP2PChannelClosed", "SelfOffline",
    "InnerError", "DestInnerError", "NetworkSpeedSlow", "ReadFileBlocked", "SendThreadNotStarted",
    "Timeout4FirstPackage",
)  # fmt: skip
DATA, NEXT_FILE, CHILD_FOLDER, FINISHED = range(4)  # PackageType
TEMPORARY = ".tmpe$"  # FIL-042


class Broken(Exception):
    """The project cannot go on: InnerError (FIL-014, FIL-026, FIL-060 to FIL-062)."""


class FileEvents:
    """started(project), resumed(project), progress(projectID, total, transferred), completed(project),
    disrupted(project, type) (FIL-007)."""

    def __init__(self):
        self.started = Event("fileTransStarted")
        self.resumed = Event("fileResumedTransStarted")
        self.progress = Event("fileTransProgress")
        self.completed = Event("fileTransCompleted")
        self.disrupted = Event("fileTransDisruptted")

    def mute(self):
        for event in vars(self).values():
            event.muted = True


class Project:
    """One project at one end. `begin` is its BeginSendFileContract as a dict; `user_id` is the other end, None the
    server."""

    is_sender = False

    def __init__(self, user_id, begin):
        self.user_id = user_id
        self.project_id = begin["ProjectID"]
        self.is_folder = begin["IsFolder"]
        self.total_size = begin["TotalSize"]
        self.origin_path = begin["OriginPath"]
        self.last_update_time = begin["LastUpdateTime"]
        self.comment = begin["Comment"]
        self.is_transfering = False
        self.transferred = 0
        self.index = 0  # of the last package (FIL-011)
        self.cause = None  # words of a disruption
        self.ended = False
        self.way = None  # the channel that the last package went over
        self.active_at = asyncio.get_running_loop().time()
        self.timer = None

    @property
    def resume_key(self):
        """FIL-040."""
        return (self.user_id, self.origin_path, self.total_size, self.last_update_time, self.is_folder)

    def touch(self):
        self.active_at = asyncio.get_running_loop().time()

    def watch(self, patience, too_long):
        """Calls `too_long(project)` when nothing moved for `patience` seconds; 0 or less: never (FIL-024)."""
        if self.timer is not None:
            self.timer.cancel()
        if patience <= 0 or self.ended:
            return
        loop = asyncio.get_running_loop()

        def check():
            due = self.active_at + patience
            if loop.time() >= due:
                too_long(self)
            elif not self.ended:
                self.timer = loop.call_at(due, check)

        self.timer = loop.call_at(self.active_at + patience, check)

    def stop(self):
        self.ended = True
        if self.timer is not None:
            self.timer.cancel()
