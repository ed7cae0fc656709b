"""File transfer of a client (chapter 19): `client.file_outter`.

    outter.file_request_received.add(lambda project_id, sender, name, size, item, comment:
                                     outter.begin_receive_file(project_id, "/tmp/" + name))
    project_id = outter.begin_send_file("bob", "/home/alice/report.pdf")
"""

import asyncio
import logging
import os
import secrets

import contracts as c
from errors import EsfError
from events import Event
from file_names import harmless, last_name
from file_project import CAUSES, Broken, FileEvents
from file_receiving import ReceivingProject
from file_sending import SendingProject, survey
from framing import header_bytes
from serializer import encode_arguments, encode_contract

log = logging.getLogger("esf")

PROJECTS_MAX, PROJECT_ID_BYTES, ORIGIN_BYTES, ITEMS_MAX = 64, 512, 32767, 256  # FIL-061, FIL-046
PACKAGE_FRAME = 17  # of a FilePackage beside Data and ProjectID
NO_POSITION = {
    "DisrupttedFileReceivedCount": 0, "DisrupttedFileRelativePath": None, "DisrupttedFileSize": 0, "ReceivedCount": 0,
}  # fmt: skip


class FileOutter:
    def __init__(self, engine):
        self.sending_events, self.receiving_events = FileEvents(), FileEvents()
        self.file_request_received = Event("fileRequestReceived")
        self.file_response_received = Event("fileResponseReceived")
        self._engine = engine
        self._projects = {}
        self._items = {}  # resume key -> (project, timer) of an interrupted reception

    # ---- calls

    def begin_send_file(self, target, path, comment=None, package_size=None, span_msecs=None):
        """FIL-001; the ProjectID."""
        engine, settings = self._engine, self._engine.settings
        engine.require_connection()
        path = os.path.abspath(path)
        is_folder, total, ticks, entries = survey(path)
        package_size = settings.file_package_size if package_size is None else package_size
        project_id = "%s_%s" % (engine.current_user_id, secrets.token_hex(8))  # FIL-003
        frame = header_bytes(settings.max_length_of_user_id) + PACKAGE_FRAME + len(project_id.encode())
        if not 1 <= package_size <= settings.max_length_of_message - frame:
            raise EsfError("E_ARGUMENT", "filePackageSize is %r, which fits no message" % package_size, "FIL-015")
        begin = {
            "Comment": comment, "IsFolder": is_folder, "LastUpdateTime": ticks, "OriginPath": path,
            "ProjectID": project_id, "TotalSize": total,
        }  # fmt: skip
        span = settings.sending_span_msecs if span_msecs is None else span_msecs
        target = None if target == c.SERVER_ID else target
        project = SendingProject(target, begin, path, entries, package_size, span)
        self._say(target, c.BEGIN_SEND_FILE, encode_arguments("BeginSendFileContract", **begin))
        self._projects[project_id] = project
        return project_id

    def begin_receive_file(self, project_id, path, allow_resume=True):
        """FIL-002, FIL-047, FIL-048."""
        project = self._asked(project_id)
        path = os.path.abspath(path)
        others = [each for each in self._projects.values() if not each.is_sender and each is not project]
        if any(each.save_path == path for each in others):
            raise EsfError("E_FILE", "another project writes to %s" % path)
        former = self._take_item(project)
        fits = allow_resume and former is not None and former.save_path == path
        if not fits or not project.resume(former):
            if former is not None:
                former.discard()
            project.open(path)
        project.is_transfering = True
        self._answer(project.user_id, project_id, True, None, project.answer())
        events = self.receiving_events
        (events.resumed if project.transferred else events.started)(project)
        project.touch()
        project.watch(self._engine.settings.file_first_package_timeout_secs, lambda each: self._give_up(each, 11))

    def reject_file(self, project_id, cause=None):
        project = self._asked(project_id)
        self._answer(project.user_id, project_id, False, cause, NO_POSITION)
        self._end(project, 0, cause)  # FIL-034

    def cancel_transfering(self, project_id, cause=None):
        """FIL-005."""
        self._give_up(self._project(project_id), 1, cause)

    def get_transfering_progress(self, project_id):
        """(total, transferred), or None (FIL-008)."""
        project = self._projects.get(project_id)
        return (project.total_size, project.transferred) if project and project.is_transfering else None

    def _project(self, project_id):
        if project_id not in self._projects:
            raise EsfError("E_ARGUMENT", "there is no project %s" % project_id, "FIL-006")
        return self._projects[project_id]

    def _asked(self, project_id):
        project = self._project(project_id)
        if project.is_sender or project.is_transfering:
            raise EsfError("E_ARGUMENT", "project %s does not wait for an answer" % project_id, "FIL-002")
        return project

    # ---- messages

    def handle(self, kind, source, value, way):
        """A message of the file room; `way` is the channel that it came over, None for the server."""
        if kind == c.FILE_PARTNER_OFFLINE:
            if source is None:
                self.partner_offline(value["UserID"])
            return
        if kind == c.BEGIN_SEND_FILE:
            self._requested(source, value)
            return
        project = self._projects.get(value["ProjectID"])
        if project is None or project.user_id != source:
            return
        if kind == c.REJECT_OR_ACCEPT_FILE and project.is_sender and not project.is_transfering:
            self._answered(project, value)
        elif kind == c.FILE_PACKAGE_DATA and not project.is_sender and project.is_transfering:
            project.way = way
            self._package(project, value)
        elif kind == c.SINGLE_FILE_REV_FINISHED_NOTIFY and project.is_sender:
            project.notify()
        elif kind == (c.CANCEL_FILE_RECEIVING if project.is_sender else c.CANCEL_FILE_SENDING):
            closed = value["Cause"] == CAUSES[4]  # FIL-025
            self._end(project, 4 if closed else 7 if value["InnerError"] else 2, value["Cause"])

    def _requested(self, source, begin):
        """FIL-018, FIL-060, FIL-061."""
        project_id, origin = begin["ProjectID"] or "", begin["OriginPath"] or ""
        count = sum(1 for each in self._projects.values() if each.user_id == source and not each.is_sender)
        if project_id in self._projects:
            return
        if (
            not 0 < len(project_id.encode()) <= PROJECT_ID_BYTES or begin["TotalSize"] < 0 or count >= PROJECTS_MAX
            or len(origin.encode()) > ORIGIN_BYTES or not harmless(last_name(origin))
        ):  # fmt: skip
            self._answer(source, begin["ProjectID"], False, "the request is refused", NO_POSITION)
            return
        project = self._projects[project_id] = ReceivingProject(source, begin)
        item = self._items.get(project.resume_key, (None,))[0]
        self.file_request_received(
            project_id, source, last_name(origin), project.total_size, item, project.comment
        )

    def _answered(self, project, answer):
        self.file_response_received(project, answer["Agree"])
        if not answer["Agree"]:
            self._end(project, 0, answer["RejectCause"])
            return
        project.is_transfering = True
        (self.sending_events.resumed if answer["ReceivedCount"] else self.sending_events.started)(project)
        project.touch()
        project.task = self._engine.spawn(self._send(project, answer))

    async def _send(self, project, answer):
        project.watch(self._engine.settings.check_file_zero_speed_span_secs, self._too_slow)
        try:
            await project.run(answer, self._post)
        except (Broken, OSError) as error:
            self._give_up(project, 6, str(error))
            return
        except EsfError as error:
            self._end(project, 6, error.text)
            return
        self._complete(project, self.sending_events)

    async def _post(self, project, body):
        """FIL-019."""
        await self._engine.room(project.user_id)
        project.way = self._engine.way(project.user_id)
        self._say(project.user_id, c.FILE_PACKAGE_DATA, body)
        project.touch()
        self.sending_events.progress(project.project_id, project.total_size, project.transferred)

    def _package(self, project, package):
        if not project.begun:
            project.watch(self._engine.settings.check_file_zero_speed_span_secs, self._too_slow)
        project.touch()
        try:
            tell = project.package(package)
        except Broken as error:
            self._give_up(project, 6, str(error))
            return
        self.receiving_events.progress(project.project_id, project.total_size, project.transferred)
        if tell:
            body = encode_contract("SingleFileNotifyContract", ProjectID=project.project_id)
            self._say(project.user_id, c.SINGLE_FILE_REV_FINISHED_NOTIFY, body)
        if package["PackageType"] == 3:
            self._complete(project, self.receiving_events)

    # ---- ends

    def _too_slow(self, project):
        self._give_up(project, 8)

    def _give_up(self, project, kind, words=None):
        """Ends the project and cancels it at the other end."""
        cancel = c.CANCEL_FILE_SENDING if project.is_sender else c.CANCEL_FILE_RECEIVING
        body = encode_contract(
            "CancelFileContract", Cause=words or CAUSES[kind], InnerError=kind != 1, ProjectID=project.project_id
        )
        try:
            self._say(project.user_id, cancel, body)
        except EsfError as error:
            log.info("the cancellation of %s cannot be sent: %s", project.project_id, error.text)
        self._end(project, kind, words)

    def _complete(self, project, events):
        if self._projects.pop(project.project_id, None) is not None:
            project.stop()
            events.completed(project)

    def _end(self, project, kind, words=None):
        if self._projects.pop(project.project_id, None) is None:
            return
        project.stop()
        project.cause = words or CAUSES[kind]  # FIL-028
        if project.is_sender:
            if project.task is not None:
                project.task.cancel()
            self.sending_events.disrupted(project, kind)
            return
        project.close()
        self._keep(project)
        self.receiving_events.disrupted(project, kind)

    def partner_offline(self, user_id):
        for project in [each for each in self._projects.values() if each.user_id == user_id]:
            self._end(project, 3)

    def self_offline(self):
        for project in list(self._projects.values()):
            self._end(project, 5)

    def channel_over(self, channel):
        """FIL-025."""
        for project in [each for each in self._projects.values() if each.way is channel]:
            self._give_up(project, 4)

    # ---- resuming (19.4)

    def _keep(self, project):
        patience = self._engine.settings.ttl_resumed_file_item_secs
        if patience <= 0 or project.transferred == 0:
            project.discard()
            return
        while len(self._items) >= ITEMS_MAX:
            self._forget(next(iter(self._items)))
        key = project.resume_key
        timer = asyncio.get_running_loop().call_later(patience, self._forget, key)
        self._items[key] = (project, timer)

    def _take_item(self, project):
        former, timer = self._items.pop(project.resume_key, (None, None))
        if timer is not None:
            timer.cancel()
        return former

    def _forget(self, key):
        project, timer = self._items.pop(key)
        timer.cancel()
        project.discard()

    def initialized(self):
        """FIL-044."""
        for key in list(self._items):
            self._forget(key)

    # ---- sending

    def _say(self, target, message_type, body):
        engine = self._engine
        engine.post(target, engine.message(message_type, engine.waiting.next_id(), target, body))

    def _answer(self, target, project_id, agree, cause, position):
        body = encode_contract(
            "RejectOrAcceptFileContract", Agree=agree, ProjectID=project_id, RejectCause=cause, **position
        )
        self._say(target, c.REJECT_OR_ACCEPT_FILE, body)
