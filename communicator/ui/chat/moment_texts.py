"""Moments in the words of the user's locale."""

from datetime import date, datetime

from PySide6.QtCore import QDate, QDateTime, QLocale


def date_and_time_text(moment: datetime) -> str:
    """Return the local date and time, with seconds where the locale writes them."""
    return QLocale().toString(_of_qt(moment), QLocale.FormatType.LongFormat)


def day_text(day: date) -> str:
    """Return a date with its weekday."""
    return QLocale().toString(QDate(day.year, day.month, day.day), QLocale.FormatType.LongFormat)


def _of_qt(moment: datetime) -> QDateTime:
    return QDateTime.fromMSecsSinceEpoch(round(moment.timestamp() * 1000))
