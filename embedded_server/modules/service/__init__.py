"""What the server says to its people, and what they may have it do."""
