"""Train: a network learns while the visitor watches, and joins the other networks in the visitor's session."""

import json
from collections.abc import Iterable
from dataclasses import asdict

import gradio as gr

from explorer.charts.palette import HUES, SHADES
from explorer.retrain import (
    hyperparameters,
    jobs,
    requests,
    training,
    updates,
    visits,
)
from explorer.retrain.jobs import QueueFull
from explorer.runs.results import Results
from explorer.tabs import gradio_private, takeaway
from explorer.tabs.answers import answering, bound, checking, error_sentence
from train.data_sets import MNIST
from train.norms import BY_KEY
from train.study import Trial

TITLE = "Train"
SLUG = "retrain"
STYLES = ("controls.css", "pages.css", "tables.css", "charts.css", "retrain.css")
FIRST_DEVICE = training.devices()[0]


@answering
def ask(results: Results, question: dict) -> dict:
    """Answer to the page about anything but a training's progress."""
    return requests.answer(results, question)


@answering
async def follow(question: dict) -> dict:
    """State of a training, sent with the first news or after some seconds."""
    return await updates.job_state(question)


@answering
def submit(results: Results, request, address: str | None = None) -> dict:
    """Name of the job that a request of the page queued, from an address; or as "full", the number of those that it has to wait for, and ask again."""
    try:
        job = requests.submit_for_page(results, request, error_message, address)
    except QueueFull:
        return {"full": jobs.MAX_JOBS}
    return {"job": job.name}


def choices(names: Iterable[str]) -> str:
    """Text of the values of a parameter: '"a", "b" or "c"'."""
    *others, last = (f'"{name}"' for name in names)
    return f"{', '.join(others)} or {last}"


def train(results: Results, event: gr.EventData, request: gr.Request) -> str:
    """Name of the job that the page's request queued, or the error, as JSON, with the request's `request_id`."""
    data = gradio_private.data_of(event)
    request_id = data.get("request_id") if isinstance(data, dict) else None
    address = gradio_private.address_of(request)
    return json.dumps({"request_id": request_id} | submit(results, data, address))


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
) -> dict:  # of each message: Gradio describes the endpoint by it
    """Trains one network of the study and streams its history, a row per epoch, and its progress between the rows.

    A row has epoch, lr, train_loss, train_acc, test_loss, test_acc, seconds, and for each layer the sums of |w| and of w^2.
    Accuracies are fractions of 10,000 test digits, losses are in nats. A message on the progress has no epoch, but phase, position
    (in the queue, 0 outside), done and total (batches), seconds_left and the train_loss of the last batches. The last message has phase
    "done", test_acc, and history: all rows without the sums. Settings that may not be trained are refused at once: at /call with status
    400 and a sentence, in a stream with {"error": sentence} and an error of this sentence. One network is trained at a time; others
    wait, 2 of a client and 10 in all, and further ones are refused in the same way. Cancel the job to stop it, and whatever else
    this client trains; where the stream is no longer read the training ends within a minute.

    Args:
        norm: NORMS
        groups: 1, 2, 4 or 8, of group norm
        l1: weight of the sum of |w| in the loss, 0 to 1
        l2: weight decay, 0 to 1
        batch_size: 2 to 512
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
        address = gradio_private.address_of(request)
        job = requests.submit_for_program(
            owner, settings, device, error_message, address
        )
        async for message in updates.stream(
            job, lambda: gradio_private.is_read(request)
        ):
            yield message
    except Exception as error:  # as in `answering`
        sentence = error_sentence(error)
        yield {"error": sentence}  # for who iterates, whom an error does not reach
        raise gr.Error(sentence, print_exception=False) from error


# Gradio describes the endpoint by its docstring.
retrain.__doc__ = retrain.__doc__.replace("NORMS", choices(BY_KEY))


@checking
def check(request: gr.Request, *values) -> list:
    """Validator of `retrain`: raises for settings that may not be trained, before the call is queued; a client that streams gets the error there.

    gradio_client would never end where it is refused at once.
    """
    if request.url.path.rstrip("/").endswith("/queue/join"):
        return [None] * len(values)
    *settings, device = values
    requests.checked(dict(zip(hyperparameters.NAMES, settings, strict=True)), device)
    return [None] * len(values)


def error_message(error: Exception) -> str:
    """Sentence on an error of a training; one of ZeroGPU (no quota, no GPU in time) also says how to go on without it."""
    if isinstance(error, gr.Error):
        return f"{error.message} Choose CPU to train without a GPU."
    return error_sentence(error)


ELSEWHERE = (
    "**Train a network yourself.** The training images of {name} are no part of the explorer, so none is trained here: on your machine "
    "`python train/all.py --dataset {key} --only row7` trains one, into the folder `{folder}`."
)


def build(tab: gr.Tab, results: Results):
    data_set = results.data_set
    if data_set is not MNIST:
        said = {key: getattr(data_set, key) for key in ("name", "key", "folder")}
        gr.Markdown(ELSEWHERE.format(**said))
        return
    page = takeaway.page(
        "retrain",
        STYLES,
        bound(ask, results),
        follow,
        events=("train",),
        settings=[asdict(setting) for setting in hyperparameters.SETTINGS],
        experiments=[asdict(recipe) for recipe in hyperparameters.EXPERIMENTS],
        devices=training.devices(),
        hues=HUES,
        grouped=[norm.key for norm in BY_KEY.values() if norm.grouped],
        shades=SHADES,
        more=requests.MORE_SEEDS,
        most=requests.MOST_SEEDS,
        largest=visits.MAX_FILE_BYTES,
    )
    # An event, because ZeroGPU reads the owner of the quota from events only; it just appends the training to our queue.
    event = page.train(
        bound(train, results),
        None,
        page,
        show_progress="minimal",
        show_progress_on=gr.Markdown(
            elem_classes="unseen"
        ),  # the page itself shows the progress
        api_visibility="private",
        concurrency_limit=None,
    )
    # Tells the page that no answer follows: the queue is full, or the server ended.
    event.failure(None, None, None, js=takeaway.event("trainingFailed"))
    endpoint = gr.api(retrain, api_name="retrain", concurrency_limit=None)
    gradio_private.validate(endpoint, check)
