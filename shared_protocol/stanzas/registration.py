"""In-band registration (XEP-0077 2.4).

Example::

    <query xmlns='jabber:iq:register'>
      <username>bill</username>
      <password>Calliope</password>
    </query>
"""

from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import REGISTRATION

QUERY = f"{{{REGISTRATION}}}query"
_USERNAME = f"{{{REGISTRATION}}}username"
_PASSWORD = f"{{{REGISTRATION}}}password"
_REMOVE = f"{{{REGISTRATION}}}remove"
_REGISTERED = f"{{{REGISTRATION}}}registered"
_INSTRUCTIONS = f"{{{REGISTRATION}}}instructions"


@dataclass(frozen=True, slots=True)
class RegistrationRequest:
    """What a client fills in.

    Attributes:
        is_removal: True if the account is to be deleted.
    """

    username: str = ""
    password: str = field(default="", repr=False)
    is_removal: bool = False


@dataclass(frozen=True, slots=True)
class RegistrationForm:
    """What a server wants to know of who registers.

    Attributes:
        fields: Names of the wanted fields, in order; mostly username and password.
        username: The account's name if it exists.
        is_registered: True if the asking account exists already.
    """

    instructions: str = ""
    fields: tuple[str, ...] = ()
    username: str = ""
    is_registered: bool = False


def from_element(query: Element) -> RegistrationRequest:
    """Read a request.

    Raises:
        MalformedStanzaError: It is none, or ``remove`` is not alone (section 3.2).
    """
    _require(query)
    if query.find(_REMOVE) is not None and len(query) > 1:
        message = "expected a removal with nothing beside it"
        raise MalformedStanzaError(message)
    return RegistrationRequest(
        username=query.findtext(_USERNAME, ""),
        password=query.findtext(_PASSWORD, ""),
        is_removal=query.find(_REMOVE) is not None,
    )


def form_from_element(query: Element) -> RegistrationForm:
    """Read what a server wants to know; other namespaces, as of data forms, are left out.

    Raises:
        MalformedStanzaError: It is no form.
    """
    _require(query)
    apart = {_INSTRUCTIONS, _REGISTERED}
    prefix = f"{{{REGISTRATION}}}"
    return RegistrationForm(
        instructions=query.findtext(_INSTRUCTIONS, "").strip(),
        fields=tuple(
            child.tag.removeprefix(prefix)
            for child in query
            if child.tag.startswith(prefix) and child.tag not in apart
        ),
        username=query.findtext(_USERNAME, ""),
        is_registered=query.find(_REGISTERED) is not None,
    )


def form_element(instructions: str) -> Element:
    """Write which fields are wanted (example 3)."""
    query = Element(QUERY)
    SubElement(query, _INSTRUCTIONS).text = instructions
    SubElement(query, _USERNAME)
    SubElement(query, _PASSWORD)
    return query


def registered_element(username: str) -> Element:
    """Write that the account exists, with its name (example 4)."""
    query = Element(QUERY)
    SubElement(query, _REGISTERED)
    SubElement(query, _USERNAME).text = username
    SubElement(query, _PASSWORD)
    return query


def request_element(request: RegistrationRequest) -> Element:
    """Write a request."""
    query = Element(QUERY)
    if request.is_removal:
        SubElement(query, _REMOVE)
        return query
    SubElement(query, _USERNAME).text = request.username
    SubElement(query, _PASSWORD).text = request.password
    return query


def _require(query: Element) -> None:
    if query.tag != QUERY:
        message = f"expected {QUERY}, got {query.tag}"
        raise MalformedStanzaError(message)
