"""Names of the tabs in links, which visitors have kept."""

import app


def test_links_name_the_tabs_by_what_they_were_always_called():
    assert [tab.SLUG for tab in app.TABS] == [
        "draw",
        "table",
        "compare",
        "findings",
        "curves",
        "mistakes",
        "inside",
        "trust",
        "retrain",
    ]
