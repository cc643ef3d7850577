"""What a user does not want to see, and what others may see of a user."""
