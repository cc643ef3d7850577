"""What a view or delegate may ask the models for, besides the text."""

from enum import IntEnum

from PySide6.QtCore import Qt


class RowRole(IntEnum):
    """Own roles of the list models."""

    ROW = Qt.ItemDataRole.UserRole + 1  # the row's value: a heading, a person, a conversation
    KEY = Qt.ItemDataRole.UserRole + 2  # what tells the row from all others, as a text
