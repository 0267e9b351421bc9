"""Names of the tabs in links, which visitors have kept."""

import app


def test_the_names_of_tabs_in_links_never_change():
    assert [tab.SLUG for tab in app.TABS] == [
        "draw",
        "findings",
        "compare",
        "table",
        "curves",
        "mistakes",
        "inside",
        "trust",
        "retrain",
    ]
