"""Does operations for ad-hoc commands: addresses in, errors of stanzas out."""

from collections.abc import Iterable

from embedded_server.administration.operations import (
    JsonResult,
    OperationError,
    OperationRegistry,
)
from embedded_server.modules.service.ad_hoc_commands import Outcome
from embedded_server.plugin_api import Session
from shared_protocol.addresses import BareJid, Jid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.namespaces import ADMINISTRATION
from shared_protocol.stanzas.data_forms import DataForm, FieldType, FormField, FormKind
from shared_protocol.stanzas.entity.commands import CommandNote, NoteKind
from shared_protocol.stanzas.form_answers import FormAnswers


class OperationCaller:
    """Calls the registry in the name of who runs a command."""

    def __init__(self, registry: OperationRegistry, domain: str) -> None:
        self._registry = registry
        self._domain = domain

    async def call(
        self, session: Session | None, operation: str, **arguments: object
    ) -> JsonResult:
        """Do an operation.

        Args:
            session: In whose name, for the log; None for what a form shows.
            operation: Its name.
            arguments: Its arguments.

        Raises:
            StanzaError: It was not done.
        """
        by = "" if session is None else str(session.full_jid)
        try:
            return await self._registry.call(operation, arguments, by=by)
        except OperationError as error:
            raise StanzaError(error.condition, error.text) from error

    async def call_for_each(
        self, session: Session, operation: str, addresses: Iterable[Jid]
    ) -> Outcome:
        """Do an operation for each address; one alone fails as a whole.

        Raises:
            StanzaError: Nothing was done: there was one address, or a foreign one among them.
        """
        names = {jid: self.name_of(jid) for jid in addresses}
        notes = []
        for jid, name in names.items():
            try:
                await self.call(session, operation, name=name)
            except StanzaError as error:
                if len(names) == 1:
                    raise
                notes.append(CommandNote(f"{jid}: {error.text}", NoteKind.ERROR))
        return Outcome(notes=tuple(notes))

    def name_of(self, jid: Jid) -> str:
        """Return the name of an account of this domain by its address.

        Raises:
            StanzaError: It is the domain, a resource, or belongs to somebody else.
        """
        if jid.domainpart != self._domain or not jid.localpart:
            text = f"{jid} is no account of {self._domain}."
            raise StanzaError(StanzaCondition.NOT_ALLOWED, text)
        if not isinstance(jid, BareJid):
            text = f"{jid} is a resource, expected the address of an account."
            raise StanzaError(StanzaCondition.NOT_ACCEPTABLE, text)
        return jid.localpart


def question(title: str, *fields: FormField, form_type: str = ADMINISTRATION) -> DataForm:
    """Make a form that asks."""
    return DataForm(FormKind.FORM, form_type, fields, title)


def result(*fields: FormField) -> DataForm:
    """Make a form that answers."""
    return DataForm(FormKind.RESULT, ADMINISTRATION, fields)


def field(
    var: str, kind: FieldType, label: str, *, is_required: bool = True, values: Iterable[str] = ()
) -> FormField:
    """Make one question."""
    return FormField(var, tuple(values), kind, label, is_required=is_required)


def fact(var: str, label: str, *values: object, kind: FieldType | None = None) -> FormField:
    """Make one answer."""
    return FormField(var, tuple(map(str, values)), kind, label)


def same_password(answers: FormAnswers) -> str:
    """Return the password that was typed twice.

    Raises:
        StanzaError: ``not-acceptable``: once another one.
    """
    password = answers.text("password")
    if "password-verify" in answers and answers.text("password-verify") != password:
        raise StanzaError(StanzaCondition.NOT_ACCEPTABLE, "The passwords differ.")
    return password
