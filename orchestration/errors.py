"""What a user can mend: such an error is shown as its message alone, never as a traceback."""


class MendableError(Exception):
    """Something expected went wrong; the message says what, and how to mend it."""

    exit_code = 1
