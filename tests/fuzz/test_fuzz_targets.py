"""The targets of ``make fuzz``, for a moment, by Hypothesis."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.fuzz.element_changes import ByteChoices, changed
from tests.fuzz.stanza_readers import Reader, all_readers
from tests.fuzz.targets import (
    REFUSALS,
    fuzz_addresses,
    fuzz_bosh_bodies,
    fuzz_elements,
    fuzz_framer,
    fuzz_sasl,
    seeds_of,
)

LITTLE = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
PIECES = st.lists(
    st.one_of(
        st.binary(max_size=30), st.sampled_from([b"<a>", b"</a>", b"<a b='", b"'/>", b"]]>"])
    ),
    max_size=12,
).map(b"".join)


def test_every_codec_has_a_reader_that_is_found() -> None:
    assert len(all_readers()) > 50
    assert all(reader.examples for reader in all_readers())


@pytest.mark.parametrize("reader", all_readers(), ids=lambda reader: reader.name)
def test_any_element_gives_a_value_or_an_error(reader: Reader) -> None:
    """Security, section 9: a malformed payload is answered, and the session goes on."""

    @LITTLE
    @given(data=st.binary(max_size=40))
    @example(data=b"")
    def read_changed(data: bytes) -> None:
        choices = ByteChoices(data)
        element = changed(choices.one_of(reader.examples), choices, reader.words)
        try:
            reader.read(element)
        except REFUSALS:
            return

    read_changed()


@LITTLE
@given(data=PIECES)
@example(data=seeds_of("framer")[0])
def test_any_stream_is_frames_or_a_stream_error(data: bytes) -> None:
    fuzz_framer(data)


@LITTLE
@given(data=st.binary(max_size=200))
@example(data=seeds_of("sasl")[0])
@example(data=seeds_of("sasl")[1])
def test_any_login_without_the_password_fails(data: bytes) -> None:
    fuzz_sasl(data)


@LITTLE
@given(data=st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_text_is_an_address_or_none(data: bytes) -> None:
    fuzz_addresses(data)


@LITTLE
@given(data=PIECES)
@example(data=seeds_of("elements")[0])
@example(data=seeds_of("elements")[1])
def test_any_message_is_one_element_that_can_go_alone(data: bytes) -> None:
    fuzz_elements(data)


@LITTLE
@given(data=PIECES)
@example(data=seeds_of("bosh")[0])
@example(data=seeds_of("bosh")[1])
def test_any_body_is_a_request_or_is_refused(data: bytes) -> None:
    fuzz_bosh_bodies(data)
