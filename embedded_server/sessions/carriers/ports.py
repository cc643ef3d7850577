"""The seam below a client's stream: what carries its bytes, and how it is framed in them.

The stream's logic is the same over TCP (RFC 6120), WebSocket (RFC 7395) and BOSH (XEP-0124). What
differs is how a header, an element and the end look, and who cuts the one from the other.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from embedded_server.network.tls import ServerTls
from shared_protocol.errors import StreamError
from shared_protocol.limits import StreamLimits
from shared_protocol.xml.frames import Frame, StreamHeader


class StreamCarrier(Protocol):
    """What carries one stream; ``network.Connection`` is that for TCP."""

    peer_address: str

    @property
    def channel_binding(self) -> bytes | None:
        """Data of ``tls-server-end-point``; None in clear text."""

    @property
    def is_congested(self) -> bool:
        """Whether more waits to be sent than should."""

    def start_tls(self, tls: ServerTls) -> None:
        """Encrypt from here on; never called where TLS is below already."""

    def mark_logged_in(self) -> None:
        """The peer has shown who it is."""

    def write(self, data: bytes) -> None:
        """Queue one element, as it stands below a stream whose content is ``jabber:client``."""

    def write_last(self, data: bytes) -> None:
        """Queue one element, once, behind everything that this turn of the loop writes."""

    def when_written(self, callback: Callable[[], None]) -> None:
        """Call back when all that is queued has left; never if that cannot be."""

    def when_relieved(self, callback: Callable[[], None]) -> None:
        """Call back, once, when little is queued; never if that cannot be."""

    def pause_reading(self) -> None:
        """Take nothing from the peer until ``resume_reading``."""

    def resume_reading(self) -> None:
        """Go on reading."""

    def close(self) -> None:
        """Send what is queued, and close."""

    def abort(self) -> None:
        """Close at once; what is queued is lost."""


class StreamFraming(Protocol):
    """How headers, elements and ends are cut out of what arrives, and how ours are written."""

    @property
    def has_parser(self) -> bool:
        """Whether it holds a parser; an idle one does without."""

    @property
    def is_between_stanzas(self) -> bool:
        """Whether nothing of a further element has arrived."""

    def begin(self, limits: StreamLimits) -> None:
        """Expect a header, with which the stream begins, or begins anew."""

    def allow(self, limits: StreamLimits) -> None:
        """Grant what comes from now on other limits; the stream goes on as it is."""

    def receive(self, data: bytes) -> list[Frame]:
        """Take what the carrier has received, and return what became complete.

        Raises:
            StreamError: It is refused; ``frames_before`` has what was complete before.
        """

    def rest(self) -> bool:
        """Do without a parser until something arrives; False if something is unfinished."""

    def close(self) -> None:
        """Let go of what would wait for the collector of cycles; nothing is received any more."""

    def header(self, domain: str, header: StreamHeader | None) -> bytes:
        """Write our header.

        Args:
            domain: The domain that is served here.
            header: The client's, which is answered; None if it could not be read.
        """

    def end(self, error: StreamError | None) -> Sequence[bytes]:
        """Write the end of the stream, after the error that there may be; for ``write``."""
