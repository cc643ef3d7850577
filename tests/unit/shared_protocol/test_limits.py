from dataclasses import FrozenInstanceError

import pytest

from shared_protocol.limits import BEFORE_LOGIN, CLIENT_STREAM, FIRST_ROSTER, ScramLimits


def test_stranger_may_send_less_than_a_client() -> None:
    assert BEFORE_LOGIN.stanza_bytes < CLIENT_STREAM.stanza_bytes
    assert BEFORE_LOGIN.depth < CLIENT_STREAM.depth
    assert BEFORE_LOGIN.elements < CLIENT_STREAM.elements
    assert BEFORE_LOGIN.tag_bytes < CLIENT_STREAM.tag_bytes
    assert CLIENT_STREAM.stanza_bytes < FIRST_ROSTER.stanza_bytes


def test_no_limit_of_stanzas_is_below_that_of_the_rfc() -> None:
    """RFC 6120, section 13.12: 10,000 bytes must be possible."""
    assert BEFORE_LOGIN.stanza_bytes >= 10_000


def test_limits_cannot_be_changed_in_passing() -> None:
    with pytest.raises(FrozenInstanceError):
        CLIENT_STREAM.depth = 1_000  # type: ignore[misc]


def test_client_asks_for_the_iterations_that_the_rfc_demands() -> None:
    """RFC 7677, section 4: at least 4,096."""
    assert ScramLimits().fewest_iterations == 4_096
