"""What can be done in an office, by subject; one registry holds all."""
