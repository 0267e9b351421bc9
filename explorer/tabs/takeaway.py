"""What the tabs made of Gradio's components share: tables to read, and buttons for a view's link, its tables and its plots as files."""

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
):
    """A row of buttons for what is given.

    `view` is what the tab's `build` returns: what a link to it sets. `tables` has, by name, the component that shows a
    table, or what makes a data frame and its inputs. `plots` are saved as one picture; each has an `elem_id`.
    `charts` are selectors of what is saved of the page of that tab as one picture.
    """
    with gr.Row():
        if view is not None:
            _button("Copy link").click(
                None,
                [component for component, _ in view.values()],
                None,
                js=event("copyLink", tab.id, list(view)),
            )
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
                None, None, None, js=event("saveParts", tab.id, format, charts)
            )


# Options of the events of a page: they wait in no queue, where others' requests stand, and are no endpoints.
QUIET = {"show_progress": "hidden", "api_visibility": "private", "queue": False}


def event(function: str, *arguments) -> str:
    """The `js` of an event: calls a function of shell.js with `arguments`, and after them the values of the event's inputs."""
    given = [json.dumps(argument) for argument in arguments]
    return f"(...values) => {assets.call('shell', function, *given, '...values')}"


def page(
    name: str, styles: tuple[str, ...], *answers, events: tuple[str, ...] = (), **props
) -> gr.HTML:
    """A page of our own: the markup `<name>.html` and the module `<name>.js`, which asks `server.<an answer's name>`.

    `events` are those that the page may trigger.
    """
    # Gradio knows an event by its name in quotes within the script.
    gradio = f"{{ trigger, watch, names: {json.dumps(events)} }}"
    given = (json.dumps(name), "element", "props", "server", gradio)
    return gr.HTML(
        html_template=(WEB / f"{name}.html").read_text("utf-8"),
        css_template="\n".join((WEB / each).read_text("utf-8") for each in styles),
        # Nothing can be pressed before the module listens.
        js_on_load=f"element.inert = true; {assets.call('start', 'start', *given)}",
        server_functions=list(answers),
        elem_id=name,
        **props,
    )


SECRET = event("withVisit")


def secret() -> gr.Textbox:
    """The last input of an event whose `js` is `SECRET`: it is given the secret of the page's visit."""
    return gr.Textbox(visible=False)


def table(label: str, **options) -> gr.Dataframe:
    """A table to read, whole and wrapped; its label is what a screen reader says."""
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
    make, inputs = table
    made = gr.JSON(elem_classes="unseen")

    def rows(*values) -> dict:
        found = json.loads(make(*values).to_json(orient="split", index=False))
        return {"headers": found["columns"], "data": found["data"]}

    button.click(rows, inputs, made, **QUIET).then(None, made, None, js=js)


def _button(words: str) -> gr.Button:
    return gr.Button(words, size="sm", min_width=120, scale=0)
