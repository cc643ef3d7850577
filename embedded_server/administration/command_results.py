"""What operations have found, in lines for people."""

import json
from collections.abc import Iterator

from embedded_server.administration.operations import JsonResult

_PAST = {
    "accounts.create": "made",
    "accounts.set-password": "has another password",
    "accounts.set-administrator": "has other rights",
    "accounts.disable": "may not log in any more",
    "accounts.enable": "may log in again",
    "accounts.delete": "deleted",
}


def lines_of(operation: str, result: JsonResult) -> Iterator[str]:
    """Write a result, line by line; nothing for what needs no words."""
    match operation:
        case "accounts.list":
            yield from map(_account, result["accounts"])
        case "sessions.list":
            yield from map(_session, result["sessions"])
        case "sessions.end":
            yield f"Sessions ended: {result['ended']}"
        case "server.announce":
            yield f"Resources reached: {result['reached']}"
        case "motd.show":
            yield result["text"] or "There is no message of the day."
        case _ if operation in _PAST:
            yield f"{result['jid']}: {_PAST[operation]}"
            if "password" in result:
                yield f"Password: {result['password']}"
        case _:
            for name, value in result.items():
                is_plain = isinstance(value, str | int | float) and not isinstance(value, bool)
                yield f"{name}: {value if is_plain else json.dumps(value, ensure_ascii=False)}"


def _account(account: JsonResult) -> str:
    marks = [
        text
        for name, text in (("is_administrator", "administrator"), ("is_disabled", "disabled"))
        if account[name]
    ]
    return f"{account['jid']} ({', '.join(marks)})" if marks else str(account["jid"])


def _session(session: JsonResult) -> str:
    if not session["is_available"]:
        state = "not available"
    else:
        state = "away" if session["is_away"] else "there"
    return f"{session['jid']}: {state}, for {session['seconds']} s"
