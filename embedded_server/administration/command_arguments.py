"""The words of the command line; stable, since scripts and the communicator use them.

Every operation of the registry has a word here; a test compares both.
"""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from embedded_server.administration.setup_errors import SetupError

PROGRAM = "parlour-server"


@dataclass(frozen=True, slots=True)
class Word:
    """What a word of the command line does.

    Attributes:
        operation: Name of the operation.
        help: Begins with a verb.
        add: Adds what the word takes; the names are those of the operation's arguments.
    """

    operation: str
    help: str
    add: Callable[[argparse.ArgumentParser], None] = lambda _parser: None

    @property
    def needs_server(self) -> bool:
        """Whether there is nothing to do while no server runs."""
        return self.operation.startswith(("server.", "sessions."))


class OneLineParser(argparse.ArgumentParser):
    """Says what is wrong in one line, as every other error of this program."""

    def error(self, message: str) -> NoReturn:
        """Refuse the command line.

        Raises:
            SetupError: Always.
        """
        text = f"{message[:1].upper()}{message[1:]}: see {self.prog} --help."
        raise SetupError(text)


def command_parser() -> OneLineParser:
    """Return the parser; ``command`` and, for some, ``word`` name what to do."""
    parser = OneLineParser(prog=PROGRAM, description="Parlour's office server.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_init(_command(commands, "init", "make a new office in a folder"))
    _add_run(_command(commands, "run", "run an office until it is stopped"))
    for group, (text, words) in GROUPS.items():
        group_parser = commands.add_parser(group, help=text)
        below = group_parser.add_subparsers(dest="word", required=True, metavar="WORD")
        for name, word in words.items():
            word.add(_command(below, name, word.help))
    for name, word in WORDS.items():
        word.add(_command(commands, name, word.help))
    return parser


def word_of(given: argparse.Namespace) -> Word:
    """Return what a parsed command line, neither init nor run, wants."""
    if given.command in WORDS:
        return WORDS[given.command]
    _text, words = GROUPS[given.command]
    return words[given.word]


def _command(
    commands: "argparse._SubParsersAction[OneLineParser]", name: str, text: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=text)
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="data folder of the office"
    )
    return parser


def _add_init(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--domain", required=True, help="domain of the office and its addresses")
    parser.add_argument("--name", default="", help="name of the office, as people see it")
    parser.add_argument("--admin", metavar="NAME", help="make this account, as administrator")
    _add_password(parser)


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--listen", action="append", metavar="ADDR", help="IP address to listen on")
    for name, text in (
        ("--port", "port for clients that begin with STARTTLS"),
        ("--tls-port", "port for clients that begin with TLS"),
        ("--http-port", "port for HTTPS"),
    ):
        parser.add_argument(name, type=int, help=f"{text}; 0 for any free one")


def _add_name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="name of the account, before the @")


def _add_password(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--password-stdin",
        action="store_true",
        help="read the password from standard input; else one is made and printed once",
    )


def _add_new_account(parser: argparse.ArgumentParser) -> None:
    _add_name(parser)
    _add_password(parser)
    parser.add_argument(
        "--administrator", action="store_true", dest="is_administrator", help="may do everything"
    )


def _add_name_and_password(parser: argparse.ArgumentParser) -> None:
    _add_name(parser)
    _add_password(parser)


def _add_right(parser: argparse.ArgumentParser) -> None:
    _add_name(parser)
    parser.add_argument(
        "--revoke", action="store_false", dest="is_administrator", help="may do so no more"
    )


def _add_session(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="an account, or the full address of a session")


def _add_text(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", metavar="TEXT", help="what it says")


def _add_announcement(parser: argparse.ArgumentParser) -> None:
    _add_text(parser)
    parser.add_argument("--subject", metavar="TEXT", help="what it is about")


def _add_delay(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--delay", type=int, dest="delay_seconds", metavar="SECONDS", help="how long to wait"
    )


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="as one JSON object")


GROUPS: Mapping[str, tuple[str, Mapping[str, Word]]] = {
    "accounts": (
        "look after the accounts of an office",
        {
            "create": Word("accounts.create", "make an account", _add_new_account),
            "set-password": Word(
                "accounts.set-password", "give an account another password", _add_name_and_password
            ),
            "set-administrator": Word(
                "accounts.set-administrator", "let an account do everything", _add_right
            ),
            "disable": Word("accounts.disable", "forbid an account to log in", _add_name),
            "enable": Word("accounts.enable", "let an account log in again", _add_name),
            "delete": Word("accounts.delete", "delete an account with all that it owns", _add_name),
            "show": Word("accounts.show", "tell what is known of an account", _add_name),
            "list": Word("accounts.list", "list the accounts"),
        },
    ),
    "sessions": (
        "see who is on line",
        {
            "list": Word("sessions.list", "list the sessions of a running office"),
            "end": Word("sessions.end", "end a session, or all of an account", _add_session),
        },
    ),
    "motd": (
        "look after the message of the day",
        {
            "set": Word("motd.set", "show a message to everybody who comes, once", _add_text),
            "edit": Word("motd.edit", "change it for those who have not seen it", _add_text),
            "delete": Word("motd.delete", "show it to nobody any more"),
            "show": Word("motd.show", "tell what it says"),
        },
    ),
}
WORDS: Mapping[str, Word] = {
    "announce": Word("server.announce", "tell all who are on line something", _add_announcement),
    "status": Word("server.status", "tell how a running office is", _add_json),
    "restart": Word("server.restart", "stop a running office and start it again", _add_delay),
    "stop": Word("server.stop", "stop a running office", _add_delay),
}
OPERATIONS = frozenset(
    word.operation
    for words in (WORDS, *(words for _text, words in GROUPS.values()))
    for word in words.values()
)
