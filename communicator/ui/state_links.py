"""Connections from the plain signals of the state to Qt objects, ended with the object."""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject

from communicator.state.signals import Signal

T = TypeVar("T")


def link(owner: QObject, signal: Signal[T], listener: Callable[[T], None]) -> None:
    """Call ``listener`` at every emission for as long as ``owner`` lives."""
    disconnect = signal.connect(listener)
    owner.destroyed.connect(lambda: disconnect())  # noqa: PLW0108 - Qt would pass the object
