"""Retrain: a network learns while the visitor watches, and joins the others for the time of the visit."""

import json
from collections.abc import Iterable
from dataclasses import asdict

import gradio as gr

from explorer.charts.palette import HUES, SHADES
from explorer.retrain import hyperparameters, requests, training, updates
from explorer.runs.results import Results
from explorer.tabs import gradio_private, takeaway
from explorer.tabs.answers import answering, bound, checking, worded
from train.norms import BY_KEY
from train.study import Trial

TITLE = "Retrain"
SLUG = "retrain"
STYLES = ("controls.css", "pages.css", "tables.css", "charts.css", "retrain.css")
FIRST_DEVICE = training.devices()[0]


@answering
def ask(results: Results, question: dict) -> dict:
    """What the page asks for beside a training."""
    return requests.answer(results, question)


@answering
async def follow(question: dict) -> dict:
    """What there is to see of a training, once there is something new, or after some seconds."""
    return await updates.job_state(question)


@answering
def submit(results: Results, asked) -> dict:
    """Job that the page asks for, by name."""
    return {"job": requests.submit_for_page(results, asked, error_message).name}


def choices(names: Iterable[str]) -> str:
    """Values of a parameter: '"a", "b" or "c"'."""
    *others, last = (f'"{name}"' for name in names)
    return f"{', '.join(others)} or {last}"


def train(results: Results, event: gr.EventData) -> str:
    """Name of the job that the page's request queued, or the error, as JSON, with the request's `request_id`."""
    data = gradio_private.data_of(event)
    request_id = data.get("request_id") if isinstance(data, dict) else None
    return json.dumps({"request_id": request_id} | submit(results, data))


async def retrain(
    request: gr.Request,
    norm: str = "GN",
    groups: int = 4,
    l1: float = 0.0,
    l2: float = 0.0,
    batch_size: int = 16,
    lr: float = Trial.lr,
    dropout: float = Trial.dropout,
    epochs: int = 1,
    train_images: int = 60000,
    seed: int = 11,
    device: str = FIRST_DEVICE,
) -> dict:  # what it streams: Gradio describes the endpoint by it
    """Trains one network of the study and streams its history, a row per epoch, and between the rows how far it is.

    A row has epoch, lr, train_loss, train_acc, test_loss, test_acc, seconds, and for each layer the sums of |w| and of w^2.
    Accuracies are fractions of 10,000 test digits, losses are in nats. What comes in between has no epoch, but phase, position
    (in the queue, 0 outside), done and total (batches), seconds_left and the train_loss of the last batches. What may not be
    trained is refused at once, with status 400 and a sentence. One network is trained at a time; others wait, 2 of a client
    and 10 in all, and further ones are refused at once with {"error": sentence}. Cancel the job to stop it, and
    whatever else this client trains; where the stream is no longer read the training ends within a minute.

    Args:
        norm: NORMS
        groups: 1, 2, 4 or 8, of group norm
        l1: weight of the sum of |w| in the loss, 0 to 1
        l2: weight decay, 0 to 1
        batch_size: 8 to 512
        lr: learning rate
        dropout: probability of zeroing an element, 0 to 0.9
        epochs: 1 to 25
        train_images: how many of the training digits, 100 to 60000
        seed: 0 or more; a seed and the settings determine the network
        device: "CPU", or "GPU" where there is one; on ZeroGPU that is paid with the caller's quota of the day, about 20 s and
            1 s for each 10,000 digits and epoch
    """
    values = locals()
    settings = {name: values[name] for name in hyperparameters.NAMES}
    owner = f"session {request.session_hash}"
    try:
        job = requests.submit_for_program(owner, settings, device, error_message)
        async for each in updates.stream(job, lambda: gradio_private.is_read(request)):
            yield each
    except Exception as error:  # as in `answering`
        yield {"error": worded(error)}


# Gradio describes the endpoint by its docstring.
retrain.__doc__ = retrain.__doc__.replace("NORMS", choices(BY_KEY))


@checking
def check(*values) -> list:
    """Refuses what `retrain` may not train, before it is queued."""
    *settings, device = values
    requests.checked(dict(zip(hyperparameters.NAMES, settings, strict=True)), device)
    return [None] * len(values)


def error_message(error: Exception) -> str:
    """Message of an error of a training; ZeroGPU's own, no quota left or no GPU in time, has a way out."""
    if isinstance(error, gr.Error):
        return f"{error.message} Choose CPU to train without a GPU."
    return worded(error)


def build(tab: gr.Tab, results: Results):
    page = takeaway.page(
        "retrain",
        STYLES,
        bound(ask, results),
        follow,
        events=("train",),
        settings=[asdict(each) for each in hyperparameters.SETTINGS],
        devices=training.devices(),
        hues=HUES,
        grouped=[norm.key for norm in BY_KEY.values() if norm.grouped],
        shades=SHADES,
        more=requests.MORE_SEEDS,
        largest=requests.MAX_FILE_BYTES,
    )
    # An event, because on ZeroGPU only events say whose quota it is; it only puts the training into our queue.
    event = page.train(
        bound(train, results),
        None,
        page,
        show_progress="minimal",
        show_progress_on=gr.Markdown(elem_classes="unseen"),  # the page says it
        api_visibility="private",
        concurrency_limit=None,
    )
    # A full queue, or a server that ended: the page has to know that nothing more comes.
    event.failure(None, None, None, js=takeaway.event("trainingFailed"))
    endpoint = gr.api(retrain, api_name="retrain", concurrency_limit=None)
    gradio_private.validate(endpoint, check)
