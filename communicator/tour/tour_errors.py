"""What can go wrong on the tour."""


class TourError(Exception):
    """The program did not come to where the tour wanted to go; the text says where."""
