"""The hook bus: order, first answer, signatures, registration (architecture.md section 4)."""

from typing import ClassVar

import pytest

from embedded_server.routing.hooks import Fact, HookBus, HookError, Phase, Question


class LetterSending(Question[str]):
    public_name: ClassVar[str] = "letter.sending"

    def __init__(self, text: str) -> None:
        self.text = text


class LetterSent(Fact):
    public_name: ClassVar[str] = "letter.sent"


class Nameless(Fact):
    pass


def test_first_answer_ends_the_chain() -> None:
    bus = HookBus()
    asked: list[str] = []

    def friar(question: LetterSending) -> str | None:
        asked.append("friar")
        return f"carried: {question.text}"

    def nurse(question: LetterSending) -> str | None:
        asked.append("nurse")
        return None

    def page(question: LetterSending) -> str | None:
        asked.append("page")
        return "never"

    bus.answer(LetterSending, page, phase=Phase.LATE)
    bus.answer(LetterSending, friar)
    bus.answer(LetterSending, nurse, phase=Phase.EARLY)

    assert bus.ask(LetterSending("to Mantua")) == "carried: to Mantua"
    assert asked == ["nurse", "friar"]


def test_question_without_listeners_has_no_answer() -> None:
    bus = HookBus()

    assert not bus.table(LetterSending)
    assert bus.ask(LetterSending("x")) is None


def test_handler_for_a_payload_is_asked_for_that_payload_only() -> None:
    bus = HookBus()
    told: list[str] = []

    def general(_fact: LetterSent) -> None:
        told.append("general")

    def sealed(_fact: LetterSent) -> None:
        told.append("sealed")

    def signed(_fact: LetterSent) -> None:
        told.append("signed")

    bus.listen(LetterSent, sealed, payload="urn:wax seal", phase=Phase.EARLY)
    bus.listen(LetterSent, general)
    bus.listen(LetterSent, signed, payload="urn:ink signature")

    bus.tell(LetterSent(), ["jabber:client body"])
    assert told == ["general"]
    told.clear()
    bus.tell(LetterSent(), ["urn:wax seal", "urn:wax seal"])
    assert told == ["sealed", "general"]
    told.clear()
    bus.tell(LetterSent(), ["urn:ink signature", "urn:wax seal"])
    assert told == ["sealed", "general", "signed"]


def test_unregistered_handler_is_silent_and_may_be_unregistered_twice() -> None:
    bus = HookBus()
    told: list[str] = []

    def listener(_fact: LetterSent) -> None:
        told.append("told")

    unregister = bus.listen(LetterSent, listener)
    unregister()
    unregister()
    bus.tell(LetterSent())

    assert told == []
    assert not bus.table(LetterSent)


def test_failing_listener_does_not_silence_the_others(caplog: pytest.LogCaptureFixture) -> None:
    bus = HookBus()
    told: list[str] = []

    def tybalt(_fact: LetterSent) -> None:
        raise ValueError("a plague")

    def benvolio(_fact: LetterSent) -> None:
        told.append("benvolio")

    bus.listen(LetterSent, tybalt)
    bus.listen(LetterSent, benvolio)
    bus.tell(LetterSent())

    assert told == ["benvolio"]
    assert "letter.sent" in caplog.text


def test_signature_is_checked_at_registration() -> None:
    bus = HookBus()

    async def coroutine(_fact: LetterSent) -> None: ...

    def too_many(_fact: LetterSent, _more: int) -> None: ...

    def other_hook(_fact: LetterSending) -> None: ...

    def by_name(_fact: "LetterSent") -> None: ...

    for wrong in (coroutine, too_many, other_hook):
        with pytest.raises(HookError):
            bus.listen(LetterSent, wrong)  # type: ignore[arg-type]  # that is what is tested
    with pytest.raises(HookError):
        bus.listen(Nameless, lambda _fact: None)
    bus.listen(LetterSent, by_name)
