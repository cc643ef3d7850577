"""What a good name and a good password are, and how a password is made.

A password that was refused never appears in the text of the error.
"""

import secrets

from shared_protocol.addresses import AddressError, prepare_localpart
from shared_protocol.sasl.mechanisms import ScramHash
from shared_protocol.sasl.scram import ScramKeys, prepared_password

FEWEST_PASSWORD_CHARACTERS = 8
FEWEST_DIFFERENT_CHARACTERS = 4
_LONGEST_PASSWORD_BYTES = 1_023
_LONGEST_NAME_CHARACTERS = 64
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # no 0 o 1 i l: it may be read out
_GENERATED_GROUPS = 4
_GROUP_CHARACTERS = 5  # 20 of 31 signs: 99 bits


class AccountError(Exception):
    """Something is wrong with what was asked about an account; a sentence for people."""


class NameRefusedError(AccountError):
    """The name cannot be that of an account."""


class PasswordRefusedError(AccountError):
    """The password is empty, weak, or holds what a password must not hold."""


def checked_name(text: str) -> str:
    """Return the prepared localpart for a name that somebody chose.

    Raises:
        NameRefusedError: It is empty, too long, an address, or holds what is not allowed.
    """
    if "@" in text:
        message = f"{text!r} is an address: give the name before the @ alone."
        raise NameRefusedError(message)
    if len(text) > _LONGEST_NAME_CHARACTERS:
        message = f"The name is longer than {_LONGEST_NAME_CHARACTERS} characters."
        raise NameRefusedError(message)
    try:
        return prepare_localpart(text)
    except AddressError as error:
        message = f"{text!r} cannot be the name of an account: {error}."
        raise NameRefusedError(message) from error


def checked_password(localpart: str, password: str) -> str:
    """Return the prepared password (RFC 8265, section 4.2) for one that somebody chose.

    Raises:
        PasswordRefusedError: It is empty, weak, or cannot be prepared.
    """
    if not password:
        message = "The password is empty."
        raise PasswordRefusedError(message)
    if len(password.encode(errors="replace")) > _LONGEST_PASSWORD_BYTES:
        message = f"The password is longer than {_LONGEST_PASSWORD_BYTES} bytes."
        raise PasswordRefusedError(message)
    try:
        prepared = prepared_password(password)
    except ValueError:
        message = "The password holds a character that is not allowed in passwords."
        raise PasswordRefusedError(message) from None
    if len(prepared) < FEWEST_PASSWORD_CHARACTERS:
        message = (
            f"The password is too short: take {FEWEST_PASSWORD_CHARACTERS} characters or more."
        )
        raise PasswordRefusedError(message)
    if len(set(prepared)) < FEWEST_DIFFERENT_CHARACTERS or prepared.casefold() == localpart:
        message = "The password is too easy to guess."
        raise PasswordRefusedError(message)
    return prepared


def made_password() -> str:
    """Return a random password of 99 bits, in groups that can be read out."""
    groups = (
        "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_CHARACTERS))
        for _ in range(_GENERATED_GROUPS)
    )
    return "-".join(groups)


def derived_keys(password: str) -> dict[ScramHash, ScramKeys]:
    """Return the keys of a prepared password for every hash; slow on purpose."""
    return {scram_hash: ScramKeys.derive(password, scram_hash) for scram_hash in ScramHash}
