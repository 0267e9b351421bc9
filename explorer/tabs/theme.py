"""Theme of all tabs: Gradio's own, with the sizes and colours that the styles in `explorer/web/` read as `--text-md`, `--color-accent` and so on."""

import gradio as gr

# Violet: none of the data's hues, see `explorer.charts.palette`, is near it.
HUE = gr.themes.colors.violet
# Four sizes of type under Gradio's seven names.
TEXT = gr.themes.Size(
    name="text",
    xxs="12px",
    xs="12px",
    sm="12px",
    md="14px",
    lg="16px",
    xl="20px",
    xxl="20px",
)


def theme() -> gr.themes.Base:
    """Theme whose accent and quiet words have a contrast of 4.5:1 and more on the page, light and dark."""
    made = gr.themes.Default(
        primary_hue=HUE,
        secondary_hue=HUE,
        text_size=TEXT,
        font=["system-ui", "sans-serif"],
        font_mono=["monospace"],
    ).set(
        color_accent="*primary_700",
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        block_title_text_color="*body_text_color_subdued",
        block_title_text_color_dark="*body_text_color_subdued",
        link_text_color_dark="*secondary_400",
        link_text_color_visited="*secondary_600",
        link_text_color_visited_dark="*secondary_400",
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_dark="*primary_600",
        button_primary_border_color="*primary_700",
        button_secondary_background_fill="*neutral_100",
        button_secondary_background_fill_hover="*neutral_200",
        button_secondary_background_fill_dark="*neutral_800",
        button_secondary_border_color="*neutral_300",
        button_secondary_border_color_hover="*neutral_300",
        button_secondary_border_color_dark="*neutral_600",
        button_small_padding="0 12px",
        button_small_text_size="*text_md",
        button_small_text_weight="500",
        button_small_radius="*radius_lg",
        button_large_text_weight="500",
        checkbox_background_color_selected_dark="*primary_600",
        checkbox_border_color_selected_dark="*primary_400",
        checkbox_label_padding="4px 10px",
        block_border_width="0px",
        block_padding="0px",
        block_label_text_size="*text_sm",
        input_radius="*radius_md",
        table_even_background_fill="transparent",
        table_even_background_fill_dark="transparent",
        table_odd_background_fill="transparent",
        table_odd_background_fill_dark="transparent",
        slider_color="*color_accent",
        slider_color_dark="*color_accent",
    )
    made.color_accent_dark = "*primary_400"  # `set` has no name for it
    return made
