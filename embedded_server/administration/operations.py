"""The registry of operations: the only way in which an administrator does anything to a server.

An operation is a typed method; its name, arguments and scope are read from there by every face
(control channel, command line, and those to come).
"""

import inspect
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from types import NoneType
from typing import Any, TypeVar, get_args, get_type_hints

from embedded_server.accounts.credentials import AccountError
from embedded_server.storage.errors import AccountExistsError, AccountMissingError, StorageError
from shared_protocol.errors import StanzaCondition

_log = logging.getLogger(__name__)
_MARK = "operation_mark"

JsonResult = dict[str, Any]
OperationMethod = Callable[..., Awaitable[JsonResult]]
M = TypeVar("M", bound=OperationMethod)


class OperationError(Exception):
    """An operation was not done.

    Attributes:
        condition: For programs.
        text: For people, one sentence.
    """

    def __init__(self, condition: StanzaCondition, text: str) -> None:
        super().__init__(text)
        self.condition = condition
        self.text = text


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of an operation; ``kind`` is str, bool or int."""

    name: str
    kind: type[Any]
    is_required: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be done.

    Attributes:
        name: As in ``accounts.create``.
        scope: The right that it takes, as ``accounts:admin``.
        is_audited: Whether it is logged, without its arguments' values but the name.
        explanation: First line of the method's docstring.
    """

    name: str
    scope: str
    is_audited: bool
    explanation: str
    arguments: tuple[Argument, ...]
    method: OperationMethod


def operation(name: str, *, scope: str, audit: bool = False) -> Callable[[M], M]:
    """Mark a method as an operation."""

    def mark(method: M) -> M:
        setattr(method, _MARK, (name, scope, audit))
        return method

    return mark


class OperationRegistry:
    """All operations of a server; made by the composition root from the objects that have them."""

    def __init__(self, *sources: object) -> None:
        self._operations: dict[str, Operation] = {}
        for source in sources:
            for _, method in inspect.getmembers(source, inspect.ismethod):
                if hasattr(method, _MARK):
                    self._add(method)

    def __iter__(self) -> Iterator[Operation]:
        return iter(self._operations.values())

    async def call(self, name: str, arguments: Mapping[str, object], *, by: str = "") -> JsonResult:
        """Do an operation; what it returns has a form in JSON.

        Args:
            name: Of the operation.
            arguments: By name.
            by: Who wants it, for the log; empty for who owns this computer's account.

        Raises:
            OperationError: There is no such operation, an argument is wrong, or it failed.
        """
        found = self._operations.get(name)
        if found is None:
            raise OperationError(
                StanzaCondition.FEATURE_NOT_IMPLEMENTED, f"There is no operation {name!r}."
            )
        _check_arguments(found, arguments)
        if found.is_audited:
            _log.info("%s %s by %s", name, arguments.get("name", "-"), by or "the owner")
        try:
            return await found.method(**arguments)
        except AccountExistsError as error:
            raise OperationError(StanzaCondition.CONFLICT, str(error)) from error
        except AccountMissingError as error:
            raise OperationError(StanzaCondition.ITEM_NOT_FOUND, str(error)) from error
        except AccountError as error:
            raise OperationError(StanzaCondition.NOT_ACCEPTABLE, str(error)) from error
        except StorageError as error:
            raise OperationError(StanzaCondition.RESOURCE_CONSTRAINT, str(error)) from error

    def _add(self, method: OperationMethod) -> None:
        name, scope, is_audited = getattr(method, _MARK)
        if name in self._operations:
            message = f"two operations are called {name}"
            raise ValueError(message)
        explanation = (inspect.getdoc(method) or "").partition("\n")[0]
        self._operations[name] = Operation(
            name, scope, is_audited, explanation, _arguments(method), method
        )


def _arguments(method: OperationMethod) -> tuple[Argument, ...]:
    hints = get_type_hints(method)
    return tuple(
        Argument(one.name, _kind(hints[one.name]), one.default is inspect.Parameter.empty)
        for one in inspect.signature(method).parameters.values()
    )


def _kind(hint: Any) -> type[Any]:
    """Return str for ``str`` and for ``str | None``: None is what is not given."""
    kinds = [one for one in get_args(hint) if one is not NoneType] or [hint]
    return kinds[0]  # type: ignore[no-any-return]  # hints are classes


def _check_arguments(found: Operation, given: Mapping[str, object]) -> None:
    known = {one.name: one for one in found.arguments}
    for name, value in given.items():
        if name not in known:
            text = f"{found.name} has no argument {name!r}."
            raise OperationError(StanzaCondition.BAD_REQUEST, text)
        if type(value) is not known[name].kind:
            text = f"{name} of {found.name} must be a {known[name].kind.__name__}."
            raise OperationError(StanzaCondition.BAD_REQUEST, text)
    missing = [one.name for one in found.arguments if one.is_required and one.name not in given]
    if missing:
        text = f"{found.name} needs {', '.join(missing)}."
        raise OperationError(StanzaCondition.BAD_REQUEST, text)
