"""Colors of charts: a hue per norm, further hues, and greys that are readable on white and on black."""

from train.norms import BY_KEY

HUES = {key: norm.hue for key, norm in BY_KEY.items()}  # Okabe and Ito's palette
GREY = "#7c7c7c"
SHADES = ("#CC79A7", "#56B4E9", "#E69F00", GREY)
FAINT = "#88888855"  # rules of printed figures
RULES = "rgba(128,128,128,.25)"  # of interactive ones
CLEAR = "rgba(0,0,0,0)"
DARK, LIGHT = "#222222", "white"  # numbers on light and on dark fields
SIGNIFICANT = HUES["BN"]  # significant differences
FLAGGED = HUES["GN"]  # frames


def translucent(hue: str) -> str:
    """Translucent Plotly color "rgba(r,g,b,a)" of a hue "#rrggbb", for bands behind lines."""
    red, green, blue = (int(hue[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},.13)"
