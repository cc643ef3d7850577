"""What a colleague needs to join the office: told to him once, by whoever hosts it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ColleagueAccess:
    """One account that was just made.

    Attributes:
        office_address: The office's domain.
        computer, port: Where the office server is reached, for the field "Server and port".
        fingerprint: SHA-256 of the office authority's certificate, 64 hexadecimal digits.
    """

    office_address: str
    name: str
    password: str = field(repr=False)
    computer: str = ""
    port: int = 0
    fingerprint: str = ""
