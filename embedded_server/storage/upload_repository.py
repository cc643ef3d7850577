"""Uploaded files and slots for them (XEP-0363): who, how much, until when. Not their content."""

from dataclasses import dataclass
from functools import partial

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, update

from embedded_server.storage.account_repository import account_id
from embedded_server.storage.errors import StorageError
from embedded_server.storage.tables import accounts, uploads
from embedded_server.storage.writer import StorageWriter
from shared_protocol.limits import UploadLimits

_DAY_SECONDS = 86_400.0
_MANY = 500  # values of one IN list


class UploadQuotaError(StorageError):
    """The account, or the office, has no room for another file.

    Attributes:
        retry_at: When there will be, seconds since 1970; None if nobody knows.
    """

    def __init__(self, text: str, retry_at: float | None) -> None:
        super().__init__(text)
        self.retry_at = retry_at


@dataclass(frozen=True, slots=True)
class Upload:
    """A slot, or the file that was put there.

    Attributes:
        name: Random; the file's name on disk and in its address.
        owner: Localpart of the account.
        file_name: As the owner calls it, made harmless.
        media_type: As it was asked for, or sent; may be empty.
        requested_at: Seconds since 1970, UTC.
        ends_at: When the file goes; None if it stays as long as the account.
        is_stored: Whether the file is there; else it is a slot.
    """

    name: str
    owner: str
    file_name: str
    media_type: str
    size_bytes: int
    requested_at: float
    ends_at: float | None
    is_stored: bool = False


class UploadRepository:
    """Rows of uploads."""

    def __init__(self, writer: StorageWriter) -> None:
        self._writer = writer

    async def reserve(self, upload: Upload, limits: UploadLimits) -> None:
        """Keep a slot, if there is room for its file; slots that are not void count as files.

        Raises:
            UploadQuotaError: There is no room.
            AccountMissingError: There is no such account.
            StorageError: It could not be written.
        """
        await self._writer.write(partial(_reserve, upload=upload, limits=limits))

    async def find(self, name: str) -> Upload | None:
        """Return a slot or file; errors as any read."""
        return await self._writer.read(partial(_find, name=name))

    async def mark_stored(self, name: str, media_type: str) -> bool:
        """The file of a slot is on disk; False if there is no such slot any more."""
        return await self._writer.write(partial(_mark_stored, name=name, media_type=media_type))

    async def remove_ended(self, now: float, slot_seconds: float) -> list[str]:
        """Forget files whose time is over, and void slots; returns their names."""
        return await self._writer.write(partial(_remove_ended, now=now, slot_seconds=slot_seconds))

    async def missing(self, names: list[str]) -> list[str]:
        """Return those of some names that are neither slots nor files."""
        return await self._writer.read(partial(_missing, names=names))


def _reserve(connection: Connection, *, upload: Upload, limits: UploadLimits) -> None:
    owner = account_id(connection, upload.owner)
    _check_day(connection, owner, upload, limits)
    _check_total(connection, upload, limits)
    connection.execute(
        insert(uploads).values(
            name=upload.name,
            account_id=owner,
            file_name=upload.file_name,
            media_type=upload.media_type,
            size_bytes=upload.size_bytes,
            requested_at=upload.requested_at,
            ends_at=upload.ends_at,
            is_stored=False,
        )
    )


def _check_day(connection: Connection, owner: int, upload: Upload, limits: UploadLimits) -> None:
    since = upload.requested_at - _DAY_SECONDS
    of_day = and_(
        uploads.c.account_id == owner,
        uploads.c.requested_at > since,
        _counts(upload.requested_at, limits),
    )
    count, size, first = connection.execute(
        select(
            func.count(),
            func.coalesce(func.sum(uploads.c.size_bytes), 0),
            func.min(uploads.c.requested_at),
        ).where(of_day)
    ).one()
    has_many = limits.day_files and count >= limits.day_files
    has_much = limits.day_bytes and size + upload.size_bytes > limits.day_bytes
    if has_many or has_much:
        retry_at = float(first) + _DAY_SECONDS if first is not None else None
        raise UploadQuotaError("You have uploaded as much as a day allows.", retry_at)


def _check_total(connection: Connection, upload: Upload, limits: UploadLimits) -> None:
    if not limits.total_bytes:
        return
    size, first = connection.execute(
        select(func.coalesce(func.sum(uploads.c.size_bytes), 0), func.min(uploads.c.ends_at)).where(
            _counts(upload.requested_at, limits)
        )
    ).one()
    if size + upload.size_bytes > limits.total_bytes:
        raise UploadQuotaError("The office keeps as many files as it has room for.", first)


def _counts(now: float, limits: UploadLimits) -> ColumnElement[bool]:
    return or_(uploads.c.is_stored, uploads.c.requested_at > now - limits.slot_seconds)


def _find(connection: Connection, *, name: str) -> Upload | None:
    row = connection.execute(
        select(uploads, accounts.c.localpart).join(accounts).where(uploads.c.name == name)
    ).one_or_none()
    if row is None:
        return None
    return Upload(
        name=row.name,
        owner=row.localpart,
        file_name=row.file_name,
        media_type=row.media_type,
        size_bytes=int(row.size_bytes),
        requested_at=row.requested_at,
        ends_at=row.ends_at,
        is_stored=row.is_stored,
    )


def _mark_stored(connection: Connection, *, name: str, media_type: str) -> bool:
    changed = connection.execute(
        update(uploads)
        .where(uploads.c.name == name, uploads.c.is_stored.is_(False))
        .values(is_stored=True, media_type=media_type)
    )
    return changed.rowcount == 1


def _remove_ended(connection: Connection, *, now: float, slot_seconds: float) -> list[str]:
    is_void = and_(uploads.c.is_stored.is_(False), uploads.c.requested_at <= now - slot_seconds)
    ended = connection.execute(
        delete(uploads).where(or_(uploads.c.ends_at <= now, is_void)).returning(uploads.c.name)
    )
    return list(ended.scalars())


def _missing(connection: Connection, *, names: list[str]) -> list[str]:
    known: set[str] = set()
    for start in range(0, len(names), _MANY):
        some = names[start : start + _MANY]
        known.update(
            connection.execute(select(uploads.c.name).where(uploads.c.name.in_(some))).scalars()
        )
    return [name for name in names if name not in known]
