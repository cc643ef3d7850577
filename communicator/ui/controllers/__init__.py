"""Bind the widgets to the services: intents one way, state the other. No rules live here."""
