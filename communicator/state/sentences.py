"""Sentences for the user that are made where there is no interface to translate them.

They are written in English, as everywhere, and remember of what they were made; the interface
looks up the template and puts the values into its translation.
"""


class Sentence(str):
    """A sentence in English.

    Attributes:
        template: With ``{0}`` and so on where values stand.
        values: What stands there.
    """

    __slots__ = ("template", "values")
    template: str
    values: tuple[object, ...]

    def __new__(cls, template: str, *values: object) -> "Sentence":
        """Make the sentence of its template."""
        made = super().__new__(cls, template.format(*values) if values else template)
        made.template, made.values = template, values
        return made

    def of(self, *values: object) -> "Sentence":
        """Return the sentence with its values."""
        return Sentence(self.template, *values)


def sentence(context: str, template: str) -> Sentence:  # noqa: ARG001 - see below
    """Return a sentence, without its values yet.

    Args:
        context: Always ``"Sentences"``; for the tool that collects what is to be translated, which
            knows this function by its name.
        template: A literal, so that the tool finds it.
    """
    return Sentence(template)


def said_by(error: Exception) -> str:
    """Return what an error says, still as a sentence if it was made as one."""
    first = error.args[0] if error.args else None
    return first if isinstance(first, Sentence) else str(error)
