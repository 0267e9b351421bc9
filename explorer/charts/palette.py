"""Colors of charts: a hue per norm, further hues, and greys that are readable on white and on black."""

from train.norms import BY_KEY

# Okabe and Ito's palette, which colour-blind people can tell apart, with olive for its yellow, pale on white. Violet and brown are those hues
# with a contrast of 3 to white and to black that stay furthest from the others when seen with each kind of colour blindness.
NAMED = {
    "blue": "#0072B2",
    "sky": "#56B4E9",
    "green": "#009E73",
    "olive": "#8A8A00",
    "orange": "#E69F00",
    "vermillion": "#D55E00",
    "purple": "#CC79A7",
    "violet": "#9933EE",
    "brown": "#885533",
}
HUES = {key: NAMED[norm.hue] for key, norm in BY_KEY.items()}
GREY = "#7c7c7c"
SHADES = (NAMED["purple"], NAMED["sky"], NAMED["orange"], GREY)
FAINT = "#88888855"  # rules of printed figures
DARK, LIGHT = "#222222", "white"  # numbers on light and on dark fields
SIGNIFICANT = NAMED["blue"]  # significant differences
FLAGGED = NAMED["vermillion"]  # frames


def custom_properties() -> str:
    """CSS that gives every hue to the pages by its name: `var(--blue)`."""
    return "".join(f"--{name}: {hue};" for name, hue in NAMED.items()).join(
        (":root {", "}\n")
    )
