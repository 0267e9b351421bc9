"""Base class of the errors whose message is shown to users."""


class UserError(Exception):
    """Error for a request that cannot be fulfilled; its message is a sentence for the user.

    Any other exception is a bug of this project: it is logged with its traceback, and users get one neutral sentence.
    """
