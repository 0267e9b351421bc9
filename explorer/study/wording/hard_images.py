"""Sentences about test images: those that networks miss, and the label of one."""

from explorer.study.hard_images import Summary, label_errors


def summary(counts: Summary) -> str:
    """Numbers of test images that some and that all networks miss."""
    return (
        f"So far {counts.missed:,} of {counts.images:,} test images are missed by some network of {counts.scope}, "
        f"{counts.always} by every one; of those {counts.label_errors} are validated label errors."
    )


def test_image(index: int, label: int) -> str:
    """Number and label of a test image, and what reviewers said of a validated label error."""
    sentence = f"Test image {index}, labelled {label}."
    if index not in label_errors().index:
        return sentence
    votes = label_errors().loc[index]
    return (
        f"{sentence} A known label error: of 5 reviewers {votes.votes_given} chose {votes.given_label}, "
        f"{votes.votes_suspected} chose {votes.suspected_label}, {votes.votes_neither_or_both} neither or both."
    )
