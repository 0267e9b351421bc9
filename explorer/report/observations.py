"""Section of the report about the four published observations."""

from explorer.charts import figures
from explorer.report.draft import Draft, section
from explorer.study import claims, row_comparisons, tables, wording
from explorer.study.claims import Claim
from explorer.study.observations import GRID
from explorer.study.wording.observations import ARM_NOTES, MEANINGS


@section("The four published observations")
def observations(draft: Draft):
    """Parts of the published observations on every arm: a sentence, a table and a figure."""
    draft.add_text(
        "None of the three runs saved in the published notebook applied a regulariser: `train()` was called without its L1 switch, and SGD was "
        "built without weight decay. So its curves differ in the norm alone. The other rows were probably run so too.",
        " ".join(ARM_NOTES.values()),
        "An observation has parts, and no word for all of them. A part's interval contains the true difference together with those of "
        "the observation's other parts on the arm, with 95 % probability. Its word follows from interval, margin and the claimed "
        f"sign: {'; '.join(f'*{word}*: {meaning}' for word, meaning in MEANINGS.items())}.",
    )
    penalties = row_comparisons.penalties(draft.results)
    if penalties.decisions or penalties.collapsed:
        draft.add_text(wording.row_comparisons.penalties(penalties))
    for claim in claims.judge(draft.results):
        _observation(draft, claim)


def _observation(draft: Draft, claim: Claim):
    """Sentence and parts on the grid, then on the other arms."""
    draft.add_text(f"### {claim.number}. {claim.observation}")
    for arm in sorted(claim.arms, key=lambda arm: arm.study != GRID):
        sentence = wording.observations.sentence(arm)
        draft.add_text(f"**{arm.name.capitalize()}.** {sentence}")
        if not arm.parts:
            continue
        draft.add_table(tables.parts(arm))
        if arm.lacking:
            draft.add_text(wording.claims.lacking(arm))
    if any(arm.parts for arm in claim.arms):
        draft.add_figure(
            f"claim{claim.number}.svg",
            figures.parts(claim),
            f"Observation {claim.number}: every part, in its own unit; the bands are the margins",
        )
