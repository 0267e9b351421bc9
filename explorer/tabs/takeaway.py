"""Parts of all tabs: pages of our own, read-only tables, and buttons that copy a link or save tables and plots as files."""

import json
from collections.abc import Callable
from pathlib import Path

import gradio as gr
from gradio.components import Component

from explorer.web import assets

WEB = Path(__file__).parents[1] / "web"


def buttons(
    tab: gr.Tab,
    view: dict[str, tuple] | None = None,
    tables: dict[str, gr.Dataframe | tuple[Callable, list[Component]]] | None = None,
    plots: list[gr.Plot] | None = None,
    charts: list[str] | None = None,
    page: str | None = None,
):
    """Row of buttons: one for a link where `view` is given, one for each table, two for the plots or charts.

    `view` is what the tab's `build` returns: the components that a link sets, by parameter. `tables` has, by name, the
    component that shows a table, or a function that returns a data frame and its input components. `plots` are saved as one
    picture; each has an `elem_id`. `charts` are CSS selectors of the parts of a page that are saved as one picture: of
    that named `page`, else of the page that has the tab's name.
    """
    if view is not None:
        components = [component for component, _ in view.values()]
        gr.on(
            [tab.select, *(component.change for component in components)],
            None,
            components,
            None,
            js=event("noteValues", tab.id, list(view)),
        )
    with gr.Row():
        if view is not None:
            _button("Copy link").click(None, None, None, js=event("copyLink"))
        for name, table in (tables or {}).items():
            _save(tab, name, table)
        for format in ("png", "svg") if plots else ():
            ids = [plot.elem_id for plot in plots]
            _button(f"{'Plots' if plots[1:] else 'Plot'} as {format.upper()}").click(
                None,
                None,
                None,
                js=event("savePlots", ids, format),
            )
        for format in ("png", "svg") if charts else ():
            _button(f"Plots as {format.upper()}").click(
                None, None, None, js=event("saveParts", page or tab.id, format, charts)
            )


# Options of the events of a page: they do not wait behind the queued calls of programs, and are no endpoints.
QUIET = {"show_progress": "hidden", "api_visibility": "private", "queue": False}


def event(function: str, *arguments) -> str:
    """JavaScript of an event: calls a function of shell.js with `arguments`, then the values of the event's inputs."""
    encoded = [json.dumps(argument) for argument in arguments]
    return f"(...values) => {assets.call('shell', function, *encoded, '...values')}"


def page(
    name: str, styles: tuple[str, ...], *answers, events: tuple[str, ...] = (), **props
) -> gr.HTML:
    """A page of our own: the markup `<name>.html` and the module `<name>.js`.

    The module calls `server.<name>` for each function of `answers`, and may trigger `events`; `props` are its properties.
    """
    # Gradio finds the events of a page by their quoted names in the script.
    gradio = f"{{ trigger, watch, names: {json.dumps(events)} }}"
    arguments = (json.dumps(name), "element", "props", "server", gradio)
    return gr.HTML(
        html_template=(WEB / f"{name}.html").read_text("utf-8"),
        css_template="\n".join((WEB / style).read_text("utf-8") for style in styles),
        # Nothing can be pressed before the module listens.
        js_on_load=f"element.inert = true; {assets.call('start', 'start', *arguments)}",
        server_functions=list(answers),
        elem_id=name,
        **props,
    )


SECRET = event("withVisit")


def secret() -> gr.Textbox:
    """Last input of an event whose `js` is `SECRET`: its value is the secret of the page's session."""
    return gr.Textbox(visible=False)


def table(label: str, **options) -> gr.Dataframe:
    """Read-only table, whole and wrapped; screen readers say its label."""
    return gr.Dataframe(
        label=label,
        interactive=False,
        show_label=False,
        buttons=["copy"],
        wrap=True,
        min_width=300,
        max_height=4000,
        **options,
    )


def _save(
    tab: gr.Tab, name: str, table: gr.Dataframe | tuple[Callable, list[Component]]
):
    button = _button(f"{name.capitalize()} as CSV")
    js = event("saveCsv", f"{tab.id}-{name}")
    if isinstance(table, gr.Dataframe):
        button.click(None, table, None, js=js)
        return
    to_frame, inputs = table
    record = gr.JSON(elem_classes="unseen")

    def rows(*values) -> dict:
        return csv_table(to_frame(*values))

    button.click(rows, inputs, record, **QUIET).then(None, record, None, js=js)


def csv_table(frame) -> dict:
    """JSON of a data frame that a page saves as CSV."""
    split = json.loads(frame.to_json(orient="split", index=False))
    return {"headers": split["columns"], "data": split["data"]}


def _button(label: str) -> gr.Button:
    return gr.Button(label, size="sm", min_width=150, scale=0)
