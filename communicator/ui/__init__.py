"""What the user sees: Qt widgets fed by plain state, which tell intents by Qt signals."""
