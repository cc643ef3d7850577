"""Colours, fonts and the one style sheet of the application, in light and dark."""
