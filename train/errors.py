"""Base class of the errors whose message is meant for people."""


class UserError(Exception):
    """Something that cannot be done as asked; its message is a sentence for the person who asked.

    Whatever else is raised is a fault of this project: it is logged with its traceback, and people get one neutral sentence.
    """
