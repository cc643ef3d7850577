"""The user's own presence: strip, menu, and the editor of the status text."""
