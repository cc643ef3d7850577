"""The language of the interface: that of the system, if there is a translation, else English.

The catalogues lie in ``resources/translations``; English has one too, for its plurals. Qt's own
words, such as those of the menu of a text field, come from Qt.
"""

from importlib.resources import files

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

SOURCE_LANGUAGE = "en"
LANGUAGES = (SOURCE_LANGUAGE, "de")


def language_of(locale: QLocale) -> str:
    """Return the first of the locale's languages that there is a translation for."""
    wanted = (language.partition("-")[0] for language in locale.uiLanguages())
    return next((language for language in wanted if language in LANGUAGES), SOURCE_LANGUAGE)


def spoken_locale(system: QLocale) -> QLocale:
    """Return the locale for dates and numbers: in the language of the texts, as the country does.

    A French system that sees English texts would else see French names of days among them.
    """
    language = language_of(system)
    if system.name().partition("_")[0] == language:
        return system
    return QLocale(QLocale(language).language(), system.territory())


def install_translations(application: QCoreApplication, locale: QLocale) -> list[QTranslator]:
    """Let the application speak the language of a locale.

    Args:
        application: Keeps the translators.
        locale: What the system says.

    Returns:
        What was installed, to be given to ``remove_translations``.
    """
    language = language_of(locale)
    installed: list[QTranslator] = []
    of_qt = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    folder = str(files("resources") / "translations")
    for name, path in ((f"qtbase_{language}", of_qt), (f"parlour_{language}", folder)):
        translator = QTranslator(application)
        if translator.load(name, path):
            application.installTranslator(translator)
            installed.append(translator)
    return installed


def remove_translations(application: QCoreApplication, installed: list[QTranslator]) -> None:
    """Let the application speak as before."""
    for translator in installed:
        application.removeTranslator(translator)
        translator.deleteLater()
