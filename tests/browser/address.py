"""What tests expect of the address bar."""


def expect_query(page, **parts: str):
    """Waits until the address has these parameters."""
    for name, value in parts.items():
        page.wait_for_function(
            "([name, value]) => new URLSearchParams(location.search).get(name) === value",
            arg=[name, value],
        )
