"""What the program does: protocol events become state, intents become stanzas and rows."""
