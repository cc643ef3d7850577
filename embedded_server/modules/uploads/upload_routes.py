"""What the address of an uploaded file answers: PUT once, GET and HEAD as often as wanted.

Whoever knows an address may read it; it has 122 random bits. Nothing that a browser would run is
served as what it is: only pictures, sound and films that cannot act are shown, all else is saved.
"""

import logging
import re
import time
from http import HTTPStatus
from urllib.parse import quote

from embedded_server.modules.uploads.byte_ranges import (
    ByteRange,
    RangeNotSatisfiableError,
    wanted_range,
)
from embedded_server.modules.uploads.file_names import disposition
from embedded_server.modules.uploads.file_store import FileStore, WrongSizeError
from embedded_server.plugin_api import (
    Cors,
    HttpAccess,
    HttpError,
    HttpRequest,
    HttpResponse,
    Route,
    StorageError,
    Upload,
    UploadRepository,
    text_response,
)
from shared_protocol.limits import UploadLimits

_logger = logging.getLogger(__name__)
_PATTERN = "/upload/{id}/{name}"
_NAME = re.compile("[0-9a-f]{32}")
_UNNAMED_TYPE = "application/octet-stream"
# What cannot act, whatever it holds: no SVG, no PDF, no text that could be taken for a page.
_INERT = frozenset(
    f"{kind}/{name}"
    for kind, names in {
        "image": ("png", "jpeg", "gif", "webp", "avif", "heic", "bmp"),
        "audio": ("mpeg", "mp4", "aac", "ogg", "opus", "flac", "wav", "x-wav", "webm", "x-m4a"),
        "video": ("mp4", "webm", "ogg", "quicktime", "x-matroska"),
    }.items()
    for name in names
)
_SAFE = [
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
]
_OF_PAGES = Cors(
    request_headers=("Content-Type", "Range", "If-None-Match", "If-Range"),
    exposed_headers=("Content-Length", "Content-Range", "Content-Disposition", "ETag"),
)
_YEAR_SECONDS = 31_536_000


def upload_path(name: str, file_name: str) -> str:
    """Return the path of a file's address, encoded (RFC 3986)."""
    return f"/upload/{name}/{quote(file_name, safe='')}"


class UploadRoutes:
    """Takes files that have a slot, and hands out those that are there."""

    def __init__(
        self, repository: UploadRepository, files: FileStore, limits: UploadLimits
    ) -> None:
        self._repository = repository
        self._files = files
        self._limits = limits
        self._arriving: set[str] = set()

    @property
    def routes(self) -> tuple[Route, ...]:
        """What is to be registered."""
        access = HttpAccess.WHO_KNOWS_THE_ADDRESS
        return (
            Route("PUT", _PATTERN, access, self._on_put, _OF_PAGES),
            Route("GET", _PATTERN, access, self._on_get, _OF_PAGES),
        )

    @property
    def arriving(self) -> frozenset[str]:
        """Names of files that are being written."""
        return frozenset(self._arriving)

    async def _on_put(self, request: HttpRequest) -> HttpResponse:
        upload = await self._found(request)
        if upload.is_stored or upload.name in self._arriving:
            raise HttpError(HTTPStatus.CONFLICT, "Something was uploaded here already.")
        if time.time() > upload.requested_at + self._limits.slot_seconds:
            raise HttpError(HTTPStatus.FORBIDDEN, "The time for this upload is over.")
        media_type = _checked_type(upload, request)
        _check_length(upload, request)
        request.mark_known()
        self._arriving.add(upload.name)
        try:
            return await self._receive(upload, request, media_type)
        finally:
            self._arriving.discard(upload.name)

    async def _receive(self, upload: Upload, request: HttpRequest, media_type: str) -> HttpResponse:
        try:
            await self._files.receive(upload.name, request.body, upload.size_bytes)
            is_stored = await self._repository.mark_stored(upload.name, media_type)
        except WrongSizeError as error:
            raise HttpError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _WRONG_SIZE) from error
        except (OSError, StorageError) as error:
            _logger.warning("an upload could not be kept: %s", error)
            raise HttpError(HTTPStatus.INSUFFICIENT_STORAGE) from error
        if not is_stored:  # the account is gone, or its time was over
            await self._files.remove([upload.name])
            raise HttpError(HTTPStatus.GONE)
        return text_response(HTTPStatus.CREATED)

    async def _on_get(self, request: HttpRequest) -> HttpResponse:
        upload = await self._found(request)
        now = time.time()
        if not upload.is_stored or (upload.ends_at is not None and upload.ends_at <= now):
            raise HttpError(HTTPStatus.NOT_FOUND)
        tag = f'"{upload.name}"'
        headers = [*_content_headers(upload), *_SAFE, *_cache_headers(upload, tag, now)]
        if _matches(request.headers.get("if-none-match"), tag):
            return HttpResponse(HTTPStatus.NOT_MODIFIED, headers)
        try:
            part = _asked_part(request, upload.size_bytes, tag)
        except RangeNotSatisfiableError:
            length = [("Content-Range", f"bytes */{upload.size_bytes}")]
            return text_response(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=length)
        status = HTTPStatus.OK
        if part is None:
            part = ByteRange(0, upload.size_bytes)
        else:
            status = HTTPStatus.PARTIAL_CONTENT
            headers.append(("Content-Range", part.content_range(upload.size_bytes)))
        pieces = self._files.pieces(upload.name, part)
        return HttpResponse(status, headers, pieces=pieces, length=part.end - part.start)

    async def _found(self, request: HttpRequest) -> Upload:
        name = request.parameters["id"]
        upload = await self._repository.find(name) if _NAME.fullmatch(name) else None
        if upload is None or upload.file_name != request.parameters["name"]:
            raise HttpError(HTTPStatus.NOT_FOUND)
        return upload


_WRONG_SIZE = "The content has not the size that was asked for."


def _check_length(upload: Upload, request: HttpRequest) -> None:
    """Refuse another length (XEP-0363, section 7), before anything is read."""
    if request.body.length is None:
        raise HttpError(HTTPStatus.LENGTH_REQUIRED)
    if request.body.length != upload.size_bytes:
        raise HttpError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _WRONG_SIZE)
    if request.headers.get("content-encoding"):
        raise HttpError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send the file as it is.")


def _checked_type(upload: Upload, request: HttpRequest) -> str:
    """Return the type of what is sent; it must be that of the slot, if that has one (section 7)."""
    sent = request.headers.get("content-type")
    if upload.media_type and sent and _bare_type(sent) != _bare_type(upload.media_type):
        raise HttpError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Another type was asked for.")
    return upload.media_type or _bare_type(sent) or _UNNAMED_TYPE


def _bare_type(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def _content_headers(upload: Upload) -> list[tuple[str, str]]:
    bare = _bare_type(upload.media_type)
    is_inert = bare in _INERT
    return [
        ("Content-Type", bare if is_inert else _UNNAMED_TYPE),
        ("Content-Disposition", disposition(upload.file_name, is_inline=is_inert)),
        ("Accept-Ranges", "bytes"),
    ]


def _cache_headers(upload: Upload, tag: str, now: float) -> list[tuple[str, str]]:
    """What stands at an address never changes; it may be kept as long as it is there."""
    seconds = _YEAR_SECONDS if upload.ends_at is None else int(upload.ends_at - now)
    return [("ETag", tag), ("Cache-Control", f"private, max-age={seconds}, immutable")]


def _matches(field: str, tag: str) -> bool:
    """Whether one of the tags of ``If-None-Match`` is this one (RFC 9110, section 13.1.2)."""
    found = [one.strip().removeprefix("W/") for one in field.split(",")]
    return "*" in found or tag in found


def _asked_part(request: HttpRequest, size_bytes: int, tag: str) -> ByteRange | None:
    condition = request.headers.get("if-range").strip()
    field = request.headers.get("range")
    if not field or (condition and condition != tag):  # RFC 9110, section 13.1.5
        return None
    return wanted_range(field, size_bytes)
