"""Sentences about votes of several networks, and about the disagreement of two."""

from explorer.study.ensembles import Ensembles
from explorer.study.wording.numbers import difference


def votes(result: Ensembles) -> str:
    """Gain of networks of one configuration that vote, and accuracy of all voters together."""
    vote, together = result.votes[-1], result.voters
    return (
        f"{vote.voters} networks of one configuration that vote gain {difference(vote.gain, 2)} points over one (± "
        f"{vote.new_images.half_width:.2f} on new images): they read {vote.accuracy:.2f} % of the test images, one reads "
        f"{result.alone:.2f} %. All {together.voters} voters together read {together.accuracy:.2f} %."
    )


def churn(result: Ensembles) -> str:
    """Share of the test images that two networks of one configuration answer differently."""
    disagreement = result.churn
    share = 100 * disagreement.one_right / disagreement.share.estimate
    return (
        f"Two networks of one configuration, which differ in the seed alone, give different answers for {difference(disagreement.share, 2)} % "
        f"of these test images; in {share:.0f} % of those cases one of the two is right, else both are wrong."
    )
