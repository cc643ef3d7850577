"""What the product stands on: licences that allow it, and a Qt that does not lose references."""

import re
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QObject, QTimer, QTimerEvent

ROOT = Path(__file__).parents[2]
REFUSED = re.compile(r"\bA?GPL|GNU (Affero )?General Public", re.IGNORECASE)
ACCEPTED_BY_NAME = {
    "pyside6-essentials": "LGPL, dynamically linked and replaceable",
    "shiboken6": "LGPL, dynamically linked and replaceable",
}


def locked_names() -> list[str]:
    text = (ROOT / "requirements.lock").read_text()
    return [
        match[1]
        for match in re.finditer(r"^([a-z0-9-]+)==\S+( ; (.*?))? \\$", text, re.MULTILINE)
        if not match[3]
    ]


@pytest.mark.parametrize("name", locked_names())
def test_every_locked_package_has_a_licence_that_allows_an_apache_product(name: str) -> None:
    metadata = distribution(name).metadata
    said = [metadata.get("License-Expression") or "", (metadata.get("License") or "")[:200]]
    said += [one for one in metadata.get_all("Classifier") or [] if one.startswith("License ::")]

    assert any(said), "no licence is named"
    if name not in ACCEPTED_BY_NAME:
        assert not REFUSED.search(" ".join(said).replace("LGPL", "Lesser"))


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from Python 3.12 on")
def test_qt_does_not_lose_a_reference_to_none_with_each_timer_event() -> None:
    class Counter(QObject):
        count = 0

        def timerEvent(self, event: QTimerEvent) -> None:
            self.count += 1

    application = QCoreApplication.instance() or QCoreApplication([])
    counter = Counter()
    counter.startTimer(0)
    before = sys.getrefcount(None)
    QTimer.singleShot(50, application.quit)
    application.exec()

    assert counter.count > 100
    assert sys.getrefcount(None) > before - counter.count / 2
