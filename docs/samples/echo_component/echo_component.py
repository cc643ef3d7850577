"""Answers what is said to it with the same words: a component (XEP-0114) by slixmpp."""

import os
import sys

from slixmpp import JID, ComponentXMPP
from slixmpp.stanza import Message, Presence


class EchoComponent(ComponentXMPP):
    """Speaks for every address of one domain."""

    def __init__(self, domain: str, secret: str, host: str, port: int) -> None:
        super().__init__(domain, secret, host, port)
        self.add_event_handler("message", self._on_message)
        self.add_event_handler("presence_subscribe", self._on_subscribe)
        self.add_event_handler("presence_probe", self._on_probe)

    def _on_message(self, message: Message) -> None:
        if message["type"] in {"chat", "normal"} and message["body"]:
            message.reply(message["body"]).send()

    def _on_subscribe(self, request: Presence) -> None:
        """Let everybody see that this address is there."""
        here, who = JID(request["to"]).bare, JID(request["from"]).bare
        self.send_presence(pto=who, pfrom=here, ptype="subscribed")
        self.send_presence(pto=who, pfrom=here, pstatus="I repeat what you say")

    def _on_probe(self, probe: Presence) -> None:
        here, who = JID(probe["to"]).bare, JID(probe["from"]).bare
        self.send_presence(pto=who, pfrom=here, pstatus="I repeat what you say")


def main() -> None:
    """Run until the server closes the connection."""
    domain, host, port = sys.argv[1:4]
    component = EchoComponent(domain, os.environ["ECHO_SECRET"], host, int(port))
    component.connect()
    component.loop.run_until_complete(component.disconnected)


if __name__ == "__main__":
    main()
