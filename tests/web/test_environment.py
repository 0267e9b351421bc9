"""Environment variables: usual values, and a sentence for a wrong one."""

import pytest

from explorer.web import environment


def test_usual_values_and_those_that_are_set():
    assert environment.port({}) == 7860 and environment.port({"PORT": "81"}) == 81
    assert environment.trusted_proxies({}) == 0
    assert environment.trusted_proxies({"SPACE_ID": "a/b"}) == 1
    assert environment.trusted_proxies({"SPACE_ID": "a/b", "TRUSTED_PROXIES": "0"}) == 0
    assert environment.frame_ancestors({}) == ""
    origins = "'self' https://*.example.org:8443"
    assert environment.frame_ancestors({"FRAME_ANCESTORS": origins}) == origins


@pytest.mark.parametrize(
    ("read", "values"),
    [
        (environment.port, {"PORT": "0"}),
        (environment.port, {"PORT": "65536"}),
        (environment.port, {"PORT": "9" * 5000}),
        (environment.port, {"PORT": "http"}),
        (environment.trusted_proxies, {"TRUSTED_PROXIES": "-1"}),
        (environment.trusted_proxies, {"TRUSTED_PROXIES": "many"}),
        (environment.frame_ancestors, {"FRAME_ANCESTORS": "a; script-src *"}),
        (environment.frame_ancestors, {"FRAME_ANCESTORS": "a\r\nb"}),
    ],
)
def test_a_wrong_value_is_named(read, values):
    with pytest.raises(SystemExit) as error:
        read(values)
    (name,) = values
    assert str(error.value).startswith(f"{name} must be")
