"""XMPP addresses (RFC 7622): bare and full JIDs as types of their own.

Parts are prepared by PRECIS (RFC 8265: UsernameCaseMapped for the localpart, OpaqueString for the
resourcepart) and IDNA 2008. Addresses of plain ASCII, nearly all, take a path of their own with
the same result.
"""

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache

import idna
from precis_i18n import get_profile

from shared_protocol.limits import JID_PART_BYTES

_USERNAME = get_profile("UsernameCaseMapped")
_OPAQUE = get_profile("OpaqueString")
_FORBIDDEN_IN_LOCALPART = frozenset("\"&'/:<>@ ")  # RFC 7622, section 3.3.1
_PLAIN_LOCALPART = re.compile(r"[!#$%()*+,\-.0-9;=?A-Z\[\\\]^_`a-z{|}~]+")
_PLAIN_RESOURCEPART = re.compile(r"[ -~]+")
_PLAIN_LABEL = re.compile(r"(?!xn--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LONGEST_PLAIN_DOMAIN = 253
_CACHED_ADDRESSES = 20_000
_LONGEST_CACHED = 256  # characters; so that long addresses cannot fill the memory


class AddressError(ValueError):
    """A text is no address; says which part is wrong and why."""


@dataclass(frozen=True, slots=True)
class BareJid:
    """An account (``romeo@montague.lit``) or, without localpart, a domain (``montague.lit``)."""

    localpart: str
    domainpart: str

    @classmethod
    def parse(cls, text: str) -> "BareJid":
        """Read an address without resourcepart.

        Raises:
            AddressError: It is no address, or it has a resourcepart.
        """
        jid = parse_jid(text)
        if not isinstance(jid, cls):
            message = f"{text!r} has a resource, expected an address without one"
            raise AddressError(message)
        return jid

    @property
    def bare(self) -> "BareJid":
        """The address itself, so that both kinds can be asked."""
        return self

    def with_resource(self, resourcepart: str) -> "FullJid":
        """Return the full JID of one of this account's resources.

        Raises:
            AddressError: The resourcepart is empty, too long, or holds what is not allowed.
        """
        return FullJid(self, prepare_resourcepart(resourcepart))

    def __str__(self) -> str:
        return f"{self.localpart}@{self.domainpart}" if self.localpart else self.domainpart


@dataclass(frozen=True, slots=True)
class FullJid:
    """One resource of an account (``romeo@montague.lit/orchard``)."""

    bare: BareJid
    resourcepart: str

    @classmethod
    def parse(cls, text: str) -> "FullJid":
        """Read an address with resourcepart.

        Raises:
            AddressError: It is no address, or it has no resourcepart.
        """
        jid = parse_jid(text)
        if not isinstance(jid, cls):
            message = f"{text!r} has no resource, expected an address with one"
            raise AddressError(message)
        return jid

    @property
    def localpart(self) -> str:
        """The account's name; empty for a resource of a domain."""
        return self.bare.localpart

    @property
    def domainpart(self) -> str:
        """The domain."""
        return self.bare.domainpart

    def __str__(self) -> str:
        return f"{self.bare}/{self.resourcepart}"


Jid = BareJid | FullJid


def parse_jid(text: str) -> Jid:
    """Read an address as RFC 7622, section 3.1, cuts it: at the first ``/``, then the first ``@``.

    Raises:
        AddressError: A part is empty, longer than 1,023 bytes, or holds what is not allowed.
    """
    return _parse_cached(text) if len(text) <= _LONGEST_CACHED else _parse(text)


def _parse(text: str) -> Jid:
    bare, slash, resourcepart = text.partition("/")
    before, at, after = bare.partition("@")
    localpart, domainpart = (before, after) if at else ("", before)
    if at and not localpart:
        message = f"{text!r} has nothing before the @"
        raise AddressError(message)
    jid = BareJid(prepare_localpart(localpart) if at else "", prepare_domainpart(domainpart))
    return jid.with_resource(resourcepart) if slash else jid


_parse_cached = lru_cache(maxsize=_CACHED_ADDRESSES)(_parse)


def prepare_localpart(text: str) -> str:
    """Prepare and compare-normalise a localpart (RFC 7622, section 3.3).

    Raises:
        AddressError: It is empty, too long, or holds what is not allowed.
    """
    _check_length(text, "name")
    if _PLAIN_LOCALPART.fullmatch(text):
        return text.lower()
    if any(character in _FORBIDDEN_IN_LOCALPART for character in text):
        message = f"the name {text!r} holds a character that is not allowed in addresses"
        raise AddressError(message)
    try:
        prepared = _USERNAME.enforce(text)
    except UnicodeEncodeError as error:
        message = f"the name {text!r} is not allowed in addresses: {error.reason}"
        raise AddressError(message) from error
    if any(character in _FORBIDDEN_IN_LOCALPART for character in prepared):
        message = f"the name {text!r} holds a character that is not allowed in addresses"
        raise AddressError(message)
    return _checked(prepared, "name")


def prepare_resourcepart(text: str) -> str:
    """Prepare a resourcepart (RFC 7622, section 3.4); case is kept.

    Raises:
        AddressError: It is empty, too long, or holds what is not allowed.
    """
    _check_length(text, "resource")
    if _PLAIN_RESOURCEPART.fullmatch(text):
        return text
    try:
        return _checked(_OPAQUE.enforce(text), "resource")
    except UnicodeEncodeError as error:
        message = f"the resource {text!r} is not allowed in addresses: {error.reason}"
        raise AddressError(message) from error


def prepare_domainpart(text: str) -> str:
    """Prepare a domain: lower case, IDNA for what is not ASCII, no final dot (section 3.2).

    Raises:
        AddressError: It is empty, too long, or no domain and no IP address.
    """
    _check_length(text, "domain")
    domain = text.removesuffix(".").lower()
    if len(domain) <= _LONGEST_PLAIN_DOMAIN and all(map(_PLAIN_LABEL.fullmatch, domain.split("."))):
        return domain
    if domain.startswith("["):
        return _ip_literal(domain)
    try:
        unicode_form = idna.decode(idna.encode(domain, uts46=True))
    except idna.IDNAError as error:
        message = f"{text!r} is not the name of a domain"
        raise AddressError(message) from error
    # A dot of another script was mapped to a final dot: it goes as well, but only one
    unicode_form = unicode_form.removesuffix(".")
    if domain.endswith(".") or not unicode_form:
        message = f"{text!r} is not the name of a domain"
        raise AddressError(message)
    return _checked(unicode_form, "domain")


def _ip_literal(domain: str) -> str:
    try:
        address = ipaddress.IPv6Address(domain[1:-1] if domain.endswith("]") else "")
    except ValueError as error:
        message = f"{domain!r} is not an IP address in brackets"
        raise AddressError(message) from error
    if address.scope_id is not None:  # free text, and of no meaning to anybody else
        message = f"{domain!r} has a zone, expected an address alone"
        raise AddressError(message)
    return f"[{address}]"


def _check_length(text: str, part: str) -> None:
    """Refuse by the length in bytes before anything is mapped, so that mapping stays cheap."""
    if not text:
        message = f"the {part} of the address is empty"
        raise AddressError(message)
    _checked(text, part)


def _checked(text: str, part: str) -> str:
    try:
        size_bytes = len(text.encode())
    except UnicodeEncodeError as error:
        message = f"the {part} of the address is not valid Unicode"
        raise AddressError(message) from error
    if size_bytes > JID_PART_BYTES:
        message = f"the {part} of the address is longer than {JID_PART_BYTES} bytes"
        raise AddressError(message)
    return text
