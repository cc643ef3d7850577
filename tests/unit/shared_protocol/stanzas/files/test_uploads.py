"""Slots for uploads (XEP-0363)."""

from datetime import UTC, datetime
from xml.etree.ElementTree import Element, fromstring

import pytest

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.stanzas.files.uploads import (
    UploadPurpose,
    UploadRequest,
    UploadSlot,
    request_from_element,
    request_to_element,
    slot_from_element,
    slot_to_element,
)


def element(xml: str) -> Element:
    return fromstring(xml)  # noqa: S314 - written here


def test_request_is_read_as_the_document_shows_it() -> None:
    """Section 4, example 5."""
    request = request_from_element(
        element(
            "<request xmlns='urn:xmpp:http:upload:0' filename='très cool.jpg' size='23456' "
            "content-type='image/jpeg'/>"
        )
    )

    assert request == UploadRequest("très cool.jpg", 23_456, "image/jpeg")


@pytest.mark.parametrize(
    "request_",
    [
        UploadRequest("a", 1),
        UploadRequest("a.jpg", 9, "image/jpeg", UploadPurpose.PROFILE),
        UploadRequest(
            "a", 9, "", UploadPurpose.EPHEMERAL, datetime(2025, 9, 10, 23, 8, 25, tzinfo=UTC)
        ),
    ],
)
def test_written_request_is_read_back(request_: UploadRequest) -> None:
    assert request_from_element(request_to_element(request_)) == request_


@pytest.mark.parametrize(
    "attributes",
    [
        "size='1'",
        "filename='' size='1'",
        "filename='a'",
        "filename='a' size='0'",
        "filename='a' size='-1'",
        "filename='a' size='1.5'",
        "filename='a' size='1e9'",
        "filename='a' size='\N{FULLWIDTH DIGIT ONE}'",
        f"filename='a' size='{'9' * 16}'",
        "filename='a' size='1' content-type='html'",
        "filename='a' size='1' content-type='text/html&#10;X: y'",
    ],
)
def test_request_without_what_it_needs_is_malformed(attributes: str) -> None:
    with pytest.raises(MalformedStanzaError):
        request_from_element(element(f"<request xmlns='urn:xmpp:http:upload:0' {attributes}/>"))


@pytest.mark.parametrize("stamp", ["", "expire-before='soon'"])
def test_ephemeral_upload_must_say_until_when(stamp: str) -> None:
    """Section 5.3."""
    with pytest.raises(MalformedStanzaError):
        request_from_element(
            element(
                "<request xmlns='urn:xmpp:http:upload:0' filename='a' size='1'>"
                f"<ephemeral xmlns='urn:xmpp:http:upload:purpose:0' {stamp}/></request>"
            )
        )


def test_header_fields_that_are_not_allowed_are_left_out() -> None:
    """Section 4: only three names, and no line breaks."""
    slot = slot_from_element(
        element(
            "<slot xmlns='urn:xmpp:http:upload:0'><put url='https://a.lit/1'>"
            "<header name='authoriZation'>Basic&#10; x</header><header name='Host'>b.lit</header>"
            "</put><get url='https://a.lit/2'/></slot>"
        )
    )

    assert slot == UploadSlot("https://a.lit/1", "https://a.lit/2", (("authoriZation", "Basic x"),))
    assert slot_from_element(slot_to_element(slot)) == slot


def test_addresses_without_tls_are_malformed() -> None:
    """Section 4: the host must provide TLS."""
    with pytest.raises(MalformedStanzaError):
        slot_from_element(
            element(
                "<slot xmlns='urn:xmpp:http:upload:0'><put url='http://a.lit/1'/>"
                "<get url='https://a.lit/2'/></slot>"
            )
        )
