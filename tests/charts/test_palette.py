"""Colors of charts."""

from explorer.charts import palette
from train.norms import BY_KEY


def test_every_norm_has_a_hue_of_its_own():
    assert list(palette.HUES) == list(BY_KEY)
    assert len(set(palette.HUES.values()) | set(palette.SHADES)) == len(BY_KEY) + len(
        palette.SHADES
    )


def test_the_pages_have_every_hue_by_its_name():
    assert palette.custom_properties().startswith(":root {--blue: #0072B2;--sky: ")
