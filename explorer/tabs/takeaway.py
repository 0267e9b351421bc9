"""Parts of all tabs: pages of our own, read-only tables, buttons that copy a link, and menus that save tables and plots as files."""

import inspect
import json
import re
from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from pathlib import Path

import gradio as gr
from gradio.components import Component

from explorer.charts.lines import Chart
from explorer.study import brief
from explorer.tabs.answers import bound
from explorer.web import assets, refusals
from train.errors import UserError

WEB = Path(__file__).parents[1] / "web"


def buttons(
    tab: gr.Tab,
    view: dict[str, tuple] | None = None,
    tables: dict[str, gr.Dataframe | tuple[Callable, list[Component]]] | None = None,
    charts: list[str] | None = None,
    page: str | None = None,
):
    """Row of buttons: one for a link where `view` is given, and a menu that saves each table, and the charts in two formats.

    `view` is what the tab's `build` returns: the components that a link sets, by parameter. `tables` has, by name, the
    component that shows a table, or a function that returns a data frame and its input components. `charts` are CSS selectors
    of the parts of a page that are saved as one picture: of the page with the id `page`, else of the one with the tab's name.
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
    with gr.Row(elem_classes="settings"):
        if view is not None:
            _button("Copy link").click(None, None, None, js=event("copyLink"))
        if tables or charts:
            with (
                gr.Column(elem_classes="saves", min_width=0),
                drawer("Save", "menu"),
            ):
                _menu(tab, tables or {}, charts, page)


def _menu(tab: gr.Tab, tables: dict, charts, page: str | None):
    """Buttons of the menu "Save", with the arguments of `buttons`."""
    for name, table in tables.items():
        _save(tab, name, table)
    for format in ("png", "svg") if charts else ():
        _button(f"Plots as {format.upper()}").click(
            None, None, None, js=event("saveParts", page or tab.id, format, charts)
        )


def drawer(label: str, kind: str) -> gr.Column:
    """Column with a button of that label before it, which opens it; see `js/drawers.js`.

    A "menu" is folded at first. On a narrow page a "fold" is too, and a "sheet", which then lies above the lower part of the page.
    """
    gr.HTML(_opener(label, kind))
    return gr.Column(elem_classes=f"drawer {kind}", min_width=0)


def _opener(label: str, kind: str) -> str:
    narrow = "" if kind == "menu" else " narrow"
    return f'<button type="button" class="opener{narrow}" aria-expanded="false">{label}</button>'


def _markup(name: str) -> str:
    """Markup of a page, with the buttons of the class "saves" in a menu."""
    text = (WEB / f"{name}.html").read_text("utf-8")
    menu = rf'\1{_opener("Save", "menu")}<div class="drawer menu">\2</div></div>'
    return re.sub(r'(<div class="saves">)(.*?)</div>', menu, text, flags=re.DOTALL)


# Options of the events of a page: they do not wait behind the queued calls of programs, and are no endpoints.
QUIET = {"show_progress": "hidden", "api_visibility": "private", "queue": False}


def term(word: str) -> str:
    """Markup of a word whose definition in the glossary is shown on hover and focus, see `js/glossary.js`."""
    return f'<dfn tabindex="0">{word}</dfn>'


def event(function: str, *arguments) -> str:
    """JavaScript of an event: calls a function of shell.js with `arguments`, then the values of the event's inputs."""
    encoded = [json.dumps(argument) for argument in arguments]
    return f"(...values) => {assets.call('shell', function, *encoded, '...values')}"


def page(
    name: str,
    styles: tuple[str, ...],
    *answers,
    events: tuple[str, ...] = (),
    elem_classes: str = "",
    id: str | None = None,
    **props,
) -> gr.HTML:
    """A page of our own: the markup `<name>.html` and the module `<name>.js`, with an `id` where there are several with that name.

    The module calls `server.<name>` for each function of `answers`, and may trigger `events`; `props` are its properties.
    """
    # Gradio finds the events of a page by their quoted names in the script.
    gradio = f"{{ trigger, watch, names: {json.dumps(events)} }}"
    arguments = (json.dumps(name), "element", "props", "server", gradio)
    return gr.HTML(
        html_template=_markup(name),
        css_template="\n".join((WEB / style).read_text("utf-8") for style in styles),
        # Nothing can be pressed before the module listens.
        js_on_load=f"element.inert = true; {assets.call('start', 'start', *arguments)}",
        server_functions=list(answers),
        elem_id=id or name,
        elem_classes=f"page {elem_classes}",
        padding=False,
        **props,
    )


def endpoint(name: str, handler: Callable, *first) -> dict:
    """Endpoint of programs, and tool of MCP, of this name: `handler` with its first arguments bound, described by its hints and docstring.

    Unless the handler has a parameter `detail` of its own it gets one: its answer is short, see `brief`, but for detail "all".
    """
    answer = bound(handler, *first)
    if "detail" not in inspect.signature(answer).parameters:
        answer = _in_brief(answer)
    answer.__name__ = name  # of the tool
    return gr.api(answer, api_name=name, concurrency_id="calls", concurrency_limit=1)


DETAIL = f'''"summary", of at most {brief.MOST:,} characters, with "total" where tables have fewer rows; or "all"'''


def _in_brief(handler: Callable) -> Callable:
    @wraps(handler)
    def answer(*values, detail: str = "summary"):
        signature = inspect.signature(handler)
        if len(values) > len(signature.parameters):  # Gradio calls by position
            *values, detail = values
        if detail not in DETAILS:
            return {"error": f"detail must be one of {', '.join(DETAILS)}."}
        whole = handler(*values)
        return whole if detail == "all" else brief.brief(whole)

    signature = inspect.signature(handler)
    added = inspect.Parameter(
        "detail", inspect.Parameter.POSITIONAL_OR_KEYWORD, default="summary", annotation=str
    )  # fmt: skip
    parameters = [*signature.parameters.values(), added]
    answer.__signature__ = signature.replace(parameters=parameters)
    answer.__annotations__ = {**handler.__annotations__, "detail": str}
    text = inspect.cleandoc(handler.__doc__ or "")
    text += "" if "\nArgs:\n" in text else "\n\nArgs:"
    answer.__doc__ = f"{text}\n    detail: {DETAIL}"
    return answer


DETAILS = ("summary", "all")
SECRET = event("withVisit")


def secret() -> gr.Textbox:
    """Last input of an event whose `js` is `SECRET`: its value is the secret of the page's session."""
    return gr.Textbox(visible=False)


def line_charts(id: str, *events: str) -> gr.HTML:
    """Page that draws charts, whose value is `drawn`; it triggers "press" where a line is to be shown or hidden that a setting hides."""
    styles = ("charts.css", "line_charts.css")
    return page("line_charts", styles, id=id, events=events)


LINE_CHARTS = [".charts", ".legend"]  # the parts of such a page that are saved


def drawn(*charts: Chart) -> str:
    """Value of a page of line charts."""
    return json.dumps([asdict(chart) for chart in charts])


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
        try:
            return csv_table(to_frame(*values))
        except (LookupError, UserError) as error:  # of a choice that a program left out
            raise gr.Error(refusals.OUTSIDE, print_exception=False) from error

    button.click(rows, inputs, record, **QUIET).then(None, record, None, js=js)


def csv_table(frame) -> dict:
    """JSON of a data frame that a page saves as CSV."""
    split = json.loads(frame.to_json(orient="split", index=False))
    return {"headers": split["columns"], "data": split["data"]}


def _button(label: str) -> gr.Button:
    return gr.Button(label, size="sm", min_width=0, scale=0)
