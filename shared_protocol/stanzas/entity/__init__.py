"""What an entity tells of itself in a line: that it is there, its software, its clock."""
