"""The words of the command line; stable, since scripts and the communicator use them."""

import argparse
from pathlib import Path
from typing import NoReturn

from embedded_server.administration.setup_errors import SetupError

PROGRAM = "parlour-server"
ACCOUNT_WORDS = {
    "create": "make an account",
    "set-password": "give an account another password",
    "delete": "delete an account with all that it owns",
    "list": "list the accounts",
}
_WITH_PASSWORD = ("create", "set-password")


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
    """Return the parser; ``command`` and, for accounts, ``word`` name what to do."""
    parser = OneLineParser(prog=PROGRAM, description="Parlour's office server.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_init(_command(commands, "init", "make a new office in a folder"))
    _add_run(_command(commands, "run", "run an office until it is stopped"))
    _add_accounts(commands.add_parser("accounts", help="look after the accounts of an office"))
    status = _command(commands, "status", "tell how a running office is")
    status.add_argument("--json", action="store_true", help="as one JSON object")
    _command(commands, "stop", "stop a running office")
    return parser


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


def _add_accounts(parser: OneLineParser) -> None:
    words = parser.add_subparsers(dest="word", required=True, metavar="WORD")
    for word, text in ACCOUNT_WORDS.items():
        one = _command(words, word, text)
        if word != "list":
            one.add_argument("name", metavar="NAME", help="name of the account, before the @")
        if word in _WITH_PASSWORD:
            _add_password(one)


def _add_password(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--password-stdin",
        action="store_true",
        help="read the password from standard input; else one is made and printed once",
    )
