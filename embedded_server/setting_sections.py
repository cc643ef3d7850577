"""How a setting is declared, and the sections of the settings that concern the web and the relay.

``config`` puts all sections together, reads them, and writes the documented file.
"""

import re
from dataclasses import dataclass, field
from typing import Any

HIGHEST_PORT = 65_535
HIGHEST = 2**31 - 1

_NAME = r"(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])"
_NAME_AND_PORT = rf"{_NAME}(?::[0-9]{{1,5}})?"
_HTTPS_URL = re.compile(rf"https://{_NAME_AND_PORT}/?")
_ORIGIN = re.compile(rf"https?://{_NAME_AND_PORT}|null")
_HOST = re.compile(r"[a-z0-9_.-]+|[0-9a-f:.]+")


def number(explanation: str, default: int, lowest: int, highest: int = HIGHEST) -> Any:
    """Declare a whole number with its bounds, both inclusive."""
    bounds = {"explanation": explanation, "lowest": lowest, "highest": highest}
    return field(default=default, metadata=bounds)


def setting(explanation: str, *, default: Any) -> Any:
    """Declare anything else."""
    return field(default=default, metadata={"explanation": explanation})


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """Section ``[http]``."""

    public_url: str = setting(
        'Where others reach the port for HTTPS, as "https://chat.example.com"; '
        '"" for the domain and that port.',
        default="",
    )
    origins: tuple[str, ...] = setting(
        "Origins of pages whose scripts may chat through this server, as "
        '["https://chat.example.com"]; ["*"] for all, [] for its own.',
        default=(),
    )

    def problem(self) -> str:
        """Say what is wrong with it; empty if nothing is."""
        if self.public_url and not _HTTPS_URL.fullmatch(self.public_url):
            return f"http.public_url is {self.public_url!r}, expected https://, a name, and a port."
        for origin in self.origins:
            if origin != "*" and not _ORIGIN.fullmatch(origin):
                return f"http.origins has {origin!r}, expected one as https://chat.example.com."
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxySettings:
    """Section ``[proxy]``."""

    enabled: bool = setting(
        "Whether files may be relayed between two clients by SOCKS5 (XEP-0065), in clear text.",
        default=False,
    )
    port: int = number("Port for that; 0 for any free one.", 7777, 0, HIGHEST_PORT)
    host: str = setting(
        'Name or IP address that clients connect to for that; "" for the domain.', default=""
    )

    def problem(self) -> str:
        """Say what is wrong with it; empty if nothing is."""
        if self.host and not _HOST.fullmatch(self.host):
            return f"proxy.host is {self.host!r}, expected a name or an IP address."
        return ""
