"""Bet first: two runs of the study, then all seeds, the verdict and draws at random."""

import re

from playwright.sync_api import expect

from explorer.study import bets, wording


def test_a_bet_is_settled_by_all_seeds_and_the_next_has_the_same_gap(
    visit, explorer, found
):
    luck, real = bets.bets(found)
    page = visit(explorer.local_url)
    page.get_by_role("link", name="Bet: is it better, or luck?").click()
    bet = page.locator("#bet")
    for place, (one, right) in enumerate(((luck, "luck"), (real, "a"))):
        sides = (one.result.a, one.result.b)
        expect(bet.locator(".run")).to_have_count(2)
        for card, side, run in zip(
            bet.locator(".run").all(), sides, one.runs, strict=True
        ):
            expect(card.locator("b")).to_have_text(f"{side.accuracies[run]:.2f} %")
        bet.get_by_role("button", name="A is better").press("Enter")
        verdict = wording.comparison.verdict(one.result)
        expect(bet.locator(".verdict")).to_have_text(verdict)
        says = "holds" if right == "a" else "the seeds say otherwise"
        expect(bet.locator(".bet-was")).to_contain_text(says)
        expect(bet.locator(".seed")).to_have_count(
            sum(len(s.accuracies) for s in sides)
        )
        expect(bet.locator(".seed.bet-on")).to_have_count(2)
        bet.get_by_role("button", name="Draw 100 times").click()
        expect(bet.locator(".drawn")).to_contain_text("of 100 draws")
        pairs = len(sides[0].accuracies) * len(sides[1].accuracies)
        expect(bet.locator(".share")).to_contain_text(f"Of all {pairs} pairs of seeds")
        if not place:
            bet.locator(".next").click()
    assert abs(luck.gap - real.gap) < 0.005
    look = bet.get_by_role("link", name="Compare these two in full")
    look.click()
    expect(page.locator("#compare .verdict")).to_have_text(verdict)
    page.go_back()
    expect(bet.locator(".verdict")).to_have_text(verdict)
    expect(page).to_have_url(re.compile(r"tab=compare&bet=1"))
