"""The first run of two people: one starts an office, the other joins it."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from communicator.tour.album import Album
from communicator.tour.stage import Player, wait_for
from communicator.tour.tour_errors import TourError
from communicator.ui.widgets.fields import TextField

OFFICE_NAME = "Hartmann Surveying"
PASS_PHRASE = "the well is behind the gate"  # noqa: S105 - of a profile that lives for the tour


async def start_an_office(ann: Player, album: Album) -> None:
    """Ann opens an office on this computer."""
    await ann.program.start()
    welcome = ann.welcome
    await album.draw(ann.program, "welcome")
    welcome.choices_page.sign_in_button.click()
    await album.draw(ann.program, "sign-in-with-an-address")
    welcome.sign_in_form.back_requested.emit()
    welcome.choices_page.start_button.click()
    welcome.start_form.office_field.edit.setText(OFFICE_NAME)
    welcome.start_form.name_field.edit.setText("Ann Hartmann")
    await album.draw(ann.program, "start-an-office")
    QTest.keyClick(welcome.start_form.name_field.edit, Qt.Key.Key_Return)
    await wait_for(lambda: _is_past_form(ann), "a new office")
    await album.draw(ann.program, "where-the-password-is-kept")
    ann.press("Only until Parlour is closed")
    ann.press("Continue")
    await wait_for(lambda: ann.program.window is not None and ann.is_online, "the main window")
    await wait_for(lambda: ann.program.states.office.status.connected > 0, "the own session")
    await album.draw(ann.program, "first-minute")


async def add_a_colleague(ann: Player, album: Album) -> dict[str, str]:
    """Ann makes an account for Bo; return what she tells him, by the names on the panel."""
    panel = ann.window.colleague_panel
    ann.window.show_colleague()
    panel.name_field.edit.setText("Bo Meyer")
    await album.draw(ann.program, "add-a-colleague")
    QTest.keyClick(panel.name_field.edit, Qt.Key.Key_Return)
    await wait_for(panel.copy_button.isVisible, "the colleague's account")
    await album.draw(ann.program, "what-the-colleague-needs")
    told = dict(line.split(": ", 1) for line in panel.told.splitlines())
    ann.window.close_panel()
    return told


async def join_the_office(bo: Player, told: dict[str, str], album: Album) -> None:
    """Bo types what Ann told him and compares the fingerprint."""
    await bo.program.start()
    welcome = bo.welcome
    welcome.choices_page.join_button.click()
    form = welcome.join_form
    form.server_fields.unfold()
    _fill(form.office_field, told["Address of the office"])
    _fill(form.name_field, told["Name"])
    _fill(form.password_field, told["Password"])
    _fill(form.server_fields.host_field, told["Server"])
    _fill(form.server_fields.port_field, told["Port"])
    await album.draw(bo.program, "join-an-office")
    QTest.keyClick(form.password_field.edit, Qt.Key.Key_Return)
    await wait_for(welcome.certificate_page.isVisible, "the fingerprint's page")
    await album.draw(bo.program, "compare-the-fingerprint")
    if told["Fingerprint"].split() != welcome.certificate_page.fingerprint.split():
        message = "the two see different fingerprints"
        raise TourError(message)
    bo.press("The fingerprint is the same")
    bo.press("Trust this server")
    await wait_for(lambda: _is_past_form(bo), "the second sign-in")
    for field in (welcome.keeping_page.phrase_field, welcome.keeping_page.again_field):
        _fill(field, PASS_PHRASE)
    bo.press("Continue")
    await wait_for(lambda: bo.program.window is not None and bo.is_online, "the second window")


async def become_contacts(ann: Player, bo: Player, album: Album) -> None:
    """Bo asks Ann, who answers in her list."""
    await bo.services.roster.add_contact(ann.jid, "Ann Hartmann", ("Office",))
    await wait_for(lambda: bool(ann.program.states.roster.requests), "a contact request")
    await album.draw(ann.program, "somebody-asks")
    ann.press("Accept")
    await wait_for(lambda: not ann.program.states.roster.requests, "the answer")
    await ann.services.roster.add_contact(bo.jid, "Bo Meyer", ("Surveyors",))
    await wait_for(lambda: ann.sees(bo.jid) and bo.sees(ann.jid), "both to see each other")


def _fill(field: TextField, text: str) -> None:
    field.edit.setText(text)


def _is_past_form(player: Player) -> bool:
    welcome = player.welcome
    for form in (welcome.start_form, welcome.join_form):
        if form.fault:
            raise TourError(form.fault)
    return welcome.keeping_page.isVisible()
