import pytest

from embedded_server.storage.messages.origin_window import OriginWindow, origin_id_in
from shared_protocol.limits import DoubleLimits

BODY = b"<body>b</body>"
ID = "<origin-id xmlns='urn:xmpp:sid:0' id='{}'/>"


def test_name_counts_for_one_sender_and_one_receiver() -> None:
    window = OriginWindow()
    window.add(window.name_of(1, 2, "a"))

    assert window.name_of(1, 2, "a") in window
    for ends in ((2, 1, "a"), (1, 3, "a"), (3, 2, "a"), (1, 2, "b"), (1, 2, "")):
        assert window.name_of(*ends) not in window


def test_names_are_hashed_in_another_way_in_each_process() -> None:
    assert OriginWindow().name_of(1, 2, "a") != OriginWindow().name_of(1, 2, "a")


def test_at_least_so_many_are_remembered_and_at_most_twice_as_many() -> None:
    window = OriginWindow(DoubleLimits(remembered_messages=10))
    names = [window.name_of(1, 2, f"{number}") for number in range(100)]

    for number, name in enumerate(names):
        window.add(name)
        known = sum(one in window for one in names)
        assert min(number + 1, 10) <= known <= 20
        assert all(one in window for one in names[max(0, number - 9) : number + 1])


def test_name_of_what_was_not_stored_is_forgotten() -> None:
    window = OriginWindow(DoubleLimits(remembered_messages=1))
    names = [window.name_of(1, 2, name) for name in "ab"]
    for name in names:
        window.add(name)

    for name in names:
        window.discard(name)

    assert not any(name in window for name in names)


@pytest.mark.parametrize(
    ("children", "origin_id"),
    [
        (BODY, ""),
        (BODY + ID.format("de305d54-75b4").encode(), "de305d54-75b4"),
        (b'<origin-id id="x1" xmlns="urn:xmpp:sid:0"></origin-id>', "x1"),
        ("<origin-id xmlns='urn:xmpp:sid:0' id='ä&amp;b'/>".encode(), "ä&b"),
        (b"<body>origin-id id='forged'</body>" + ID.format("x2").encode(), "x2"),
        (b"<body>&lt;origin-id id='forged'/></body>", ""),
        (b"<s:origin-id xmlns:s='urn:xmpp:sid:0' id='x3'/>", "x3"),
        (b"<body>origin-id", ""),
    ],
)
def test_origin_id_is_found_in_bytes(children: bytes, origin_id: str) -> None:
    """In a whole message; one without such a child is not asked while it is routed."""
    assert origin_id_in(b"<message>%b</message>" % children) == origin_id
