"""Sentence about the test images that networks miss."""

from explorer.study.hard_images import Summary


def summary(counts: Summary) -> str:
    """Numbers of test images that some and that all networks miss."""
    return (
        f"So far {counts.missed:,} of {counts.images:,} test images are missed by some network of {counts.scope}, "
        f"{counts.always} by every one; of those {counts.label_errors} are validated label errors."
    )
