"""Texts of stanzas that may come in several languages (RFC 6120, section 8.1.5; RFC 6121, 5.2.3).

Example::

    <message xmlns='jabber:client'>
      <body xml:lang='cs'>Pročež jsi ty, Romeo?</body>
      <body>Wherefore art thou, Romeo?</body>
    </message>
"""

from xml.etree.ElementTree import Element

from shared_protocol.namespaces import XML

_LANG = f"{{{XML}}}lang"


def text_of(stanza: Element, tag: str) -> str | None:
    """Return the text of the child without a language of its own, else of the first; None if none.

    Children of the text element are no text: what stands before the first is returned.
    """
    found = stanza.findall(tag)
    if not found:
        return None
    chosen = next((one for one in found if _LANG not in one.attrib), found[0])
    return chosen.text or ""
