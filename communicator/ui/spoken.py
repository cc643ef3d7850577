"""Sentences of the lower layers in the language of the interface."""

from PySide6.QtCore import QCoreApplication

from communicator.state.sentences import Sentence, said_by


def spoken(said: str | Exception) -> str:
    """Return a sentence, or what an error says, translated where a translation is known.

    A sentence that was kept on disk has lost its template and is found only without values; what
    the office server says comes in English.
    """
    text = said_by(said) if isinstance(said, Exception) else said
    if isinstance(text, Sentence):
        return QCoreApplication.translate("Sentences", text.template).format(*text.values)
    return QCoreApplication.translate("Sentences", text) if text else ""
