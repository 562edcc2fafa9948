"""What can go wrong in the demonstration, told in one sentence."""


class DemoError(Exception):
    """The demonstration cannot go on; the message is for the one who started it."""
