"""Sentence about the test images that networks miss."""

from explorer.study.hard_images import Summary


def summary(found: Summary) -> str:
    """How many test images nobody, everybody and some networks miss."""
    return (
        f"So far {found.missed:,} of {found.images:,} test images are missed by some network of {found.scope}, "
        f"{found.always} by every one; of those {found.label_errors} are validated label errors."
    )
