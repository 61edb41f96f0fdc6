"""The tables of the register, their versions, and opening a file as a register."""


class RegisterError(ValueError):
    """The file cannot be used as a register; the message is the one sentence that says why."""
