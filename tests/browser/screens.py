"""Screens of visitors, for the tests of a browser."""

DESKTOP = {"viewport": {"width": 1280, "height": 800}, "has_touch": True}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}
