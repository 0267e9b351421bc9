"""The address bar in tests: its parameters, and links inside the app."""


def follow(page, href: str):
    """Follows a link that is put into the page."""
    page.evaluate(
        """(href) => {
          const node = document.createElement("a");
          node.href = href;
          document.body.append(node);
          node.click();
        }""",
        href,
    )


def expect_query(page, **parts: str):
    """Waits until the address has these parameters."""
    for name, value in parts.items():
        page.wait_for_function(
            "([name, value]) => new URLSearchParams(location.search).get(name) === value",
            arg=[name, value],
        )
