"""The field app's API: thin over devices, package and batch. The contract is docs/sync.md."""

from __future__ import annotations

import base64
import binascii
import time
from dataclasses import asdict
from typing import Any
from uuid import UUID

from allauth.account import app_settings as account_settings
from allauth.account.internal.flows.login import get_authentication_records
from django.http import Http404
from django.utils.timezone import now
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import PermissionDenied, UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from monitoring.field import batch, devices, locked, photos
from monitoring.field.access import (
    DeviceAuthentication,
    DeviceThrottle,
    FromDevice,
    FromLeavingDevice,
    FromLiveDevice,
    LockedAuthentication,
)
from monitoring.field.package import package_for
from monitoring.field.serializers import (
    BatchAnswerSerializer,
    BatchSerializer,
    ContactSerializer,
    NewDeviceSerializer,
    NewPhotoSerializer,
    ProgressSerializer,
    RecoveredSerializer,
    RegisteredSerializer,
    SealedBatchSerializer,
)
from monitoring.models import FieldDevice, PhotoUpload
from ranchers.api_auth import roles
from ranchers.api_problems import NotAccepted, TooLarge
from ranchers.models import User


def contact(device: FieldDevice | None) -> dict[str, Any]:
    """What every answer to a device carries."""
    wipe = device is not None and devices.must_wipe(device)
    return {"server_time": now().isoformat(timespec="milliseconds"), "wipe": wipe}


class ByPerson(APIView):
    """Addresses for the person at the phone, logged in to the site."""

    authentication_classes = [SessionAuthentication]
    permission_classes = [roles(*devices.FIELD_ROLES)]


class ByDevice(APIView):
    """Addresses for the phone itself."""

    authentication_classes = [DeviceAuthentication]
    permission_classes = [FromDevice]
    throttle_classes = [DeviceThrottle]


class Devices(ByPerson):
    """Register this phone; again with the same id gives a new secret."""

    @extend_schema(request=NewDeviceSerializer, responses={201: RegisteredSerializer})
    def post(self, request: Request) -> Response:
        told = NewDeviceSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        given = told.validated_data
        user: Any = request.user
        try:
            data_key = base64.b64decode(given["data_key"], validate=True)
        except (binascii.Error, ValueError) as error:
            raise NotAccepted(_("This is not base64."), code="data_key") from error
        try:
            made = devices.register(
                user=user,
                device_id=given["id"],
                name=given["name"],
                app_version=given["app_version"],
                data_key=data_key,
                session_key=request.session.session_key or "",
            )
        except devices.DeviceRefused as refusal:
            raise NotAccepted(str(refusal), code=refusal.code) from refusal
        told_once = asdict(made) | {"user": holder(user)} | contact(None)
        return Response(told_once, status=201)


def holder(user: User) -> dict[str, Any]:
    return {"id": user.pk, "name": user.name, "language": user.language}


class DeviceKey(ByPerson):
    """The key of one's own device after a log-in of the last 15 minutes: the PIN was forgotten."""

    @extend_schema(request=None, responses=RecoveredSerializer)
    def post(self, request: Request, pk: UUID) -> Response:
        user: Any = request.user
        records = get_authentication_records(request._request, user)
        latest = max((record["at"] for record in records), default=0)
        if time.time() - latest > account_settings.REAUTHENTICATION_TIMEOUT:
            message = _("Log in with your password again to open this phone.")
            raise PermissionDenied(message, code="reauthenticate")
        try:
            data_key, made = devices.recover(
                user=user, device_id=pk, session_key=request.session.session_key or ""
            )
        except devices.DeviceRefused as refusal:
            raise NotAccepted(str(refusal), code=refusal.code) from refusal
        told = base64.b64encode(data_key).decode()
        return Response({"data_key": told} | asdict(made) | contact(None))


class LeavingDevice(ByDevice):
    """What a signed-out phone still does, locked or not."""

    authentication_classes = [DeviceAuthentication, LockedAuthentication]
    permission_classes = [FromLeavingDevice]


class DeviceLocked(ByDevice):
    """A locked phone asks whether it was signed out. If so it hands over what it kept, encrypted as it
    is: at most 100 items, 2 MB; the answers come in their order. If not, nothing is taken."""

    authentication_classes = [LockedAuthentication]

    @extend_schema(request=SealedBatchSerializer, responses=BatchAnswerSerializer)
    def post(self, request: Request, pk: UUID) -> Response:
        device: Any = request.auth
        if device.pk != pk:
            raise PermissionDenied
        told = SealedBatchSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        given = told.validated_data
        answers = []
        if devices.must_wipe(device) and given["items"]:
            answers = locked.hand_over(
                given["items"], device=device, app_version=given["app_version"]
            )
        return Response({**contact(device), "clock_offset_s": None, "items": answers})


class DeviceWiped(LeavingDevice):
    """The phone says that it has wiped itself."""

    @extend_schema(request=None, responses=ContactSerializer)
    def post(self, request: Request, pk: UUID) -> Response:
        device: Any = request.auth
        if device.pk != pk:
            raise PermissionDenied
        devices.note_wiped(device)
        return Response(contact(device))


class Package(ByDevice):
    """What the phone carries: whole, or what changed since its last package."""

    permission_classes = [FromLiveDevice]

    @extend_schema(
        parameters=[OpenApiParameter("since", str, description="Cursor of the last package")],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        device: Any = request.auth
        package = package_for(device, since=request.query_params.get("since", ""))
        return Response(package | contact(device))


class RawParser(BaseParser):
    """Leaves the body alone: a chunk of a photo."""

    media_type = "*/*"

    def parse(
        self, stream: Any, media_type: Any = None, parser_context: Any = None
    ) -> dict[str, Any]:
        return {}


class Photos(LeavingDevice):
    """Announce a photo; again, to hear how far it has come."""

    @extend_schema(request=NewPhotoSerializer, responses=ProgressSerializer)
    def post(self, request: Request) -> Response:
        told = NewPhotoSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        given, device = told.validated_data, request.auth
        try:
            upload = photos.announce(
                photo_id=given["id"],
                visit_id=given["visit"],
                practice=given["practice"] or "",
                sha256=given["sha256"],
                size=given["size"],
                taken_at=given["taken_at"],
                sealed_iv=given["sealed_iv"],
                sender=request.user,  # type: ignore[arg-type]
                device=device,  # type: ignore[arg-type]
            )
        except photos.UploadRefused as refusal:
            raise NotAccepted(str(refusal), code=refusal.code) from refusal
        return Response(_progress(photos.progress_of(upload)) | contact(device))  # type: ignore[arg-type]


class PhotoPart(LeavingDevice):
    """The next bytes of a photo, up to 512 KB, from the offset that the last answer named."""

    parser_classes = [RawParser]

    @extend_schema(
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses={200: ProgressSerializer, 409: ProgressSerializer},
        parameters=[OpenApiParameter("Upload-Offset", int, OpenApiParameter.HEADER, required=True)],
    )
    def patch(self, request: Request, pk: UUID) -> Response:
        device: Any = request.auth
        data = request._request.read(photos.CHUNK_BYTES_MAX + 1)
        try:
            offset = int(request.headers.get("Upload-Offset", ""))
            progress = photos.append(photo_id=pk, offset=offset, data=data, sender=device.user)
        except ValueError as error:
            return self._refused(error, device)
        except PhotoUpload.DoesNotExist as error:
            raise Http404 from error
        if progress.done:
            progress = photos.progress_of(photos.place(pk))
        return Response(_progress(progress) | contact(device))

    def _refused(self, error: ValueError, device: FieldDevice) -> Response:
        if isinstance(error, photos.WrongOffset):
            right = photos.Progress(error.offset, False)
            return Response(_progress(right) | contact(device), status=409)
        if isinstance(error, photos.UploadRefused):
            raise NotAccepted(str(error), code=error.code) from error
        message = _("The header Upload-Offset is not a number.")
        raise NotAccepted(message, code="offset") from error


def _progress(progress: photos.Progress) -> dict[str, Any]:
    return asdict(progress)


class Sync(ByDevice):
    """Take a batch. Each item is stored as it came, then judged for itself; the answers come in the
    order of the items."""

    @extend_schema(request=BatchSerializer, responses=BatchAnswerSerializer)
    def post(self, request: Request) -> Response:
        if request.content_type.partition(";")[0].strip().lower() != "application/json":
            raise UnsupportedMediaType(request.content_type)
        encoding = request.headers.get("Content-Encoding", "").strip().lower()
        device: Any = request.auth
        try:
            body = batch.unpacked(request._request.body, encoding=encoding)
            found = batch.read_batch(body)
        except batch.BatchTooLarge as error:
            raise TooLarge(_("At most 100 items and 2 MB at once.")) from error
        except batch.BatchUnreadable as error:
            raise NotAccepted(_("This is not a batch of the field app."), code="batch") from error
        answers = batch.receive_batch(found, device=device)
        device.refresh_from_db()
        return Response({**contact(device), "clock_offset_s": found.offset_s, "items": answers})
