"""Hypothesis strategies for what stanzas are made of."""

from datetime import UTC

from hypothesis import strategies as st

from shared_protocol.addresses import BareJid

#: What XML can carry and no reader strips at the ends.
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp", "Cn")),
    max_size=20,
)
NAMES = TEXTS.filter(bool)
JIDS = st.builds(
    BareJid,
    st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=10),
    st.sampled_from(["montague.lit", "capulet.lit"]),
)
#: With milliseconds, in UTC.
MOMENTS = st.datetimes(timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
)
