"""The version of Parlour; that of ``pyproject.toml``, which a test compares."""

VERSION = "0.1.0"
