"""What the user sees of the connection: banner, details, certificate page, password page."""
