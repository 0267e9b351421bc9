"""Files of the trained networks: their checkpoints, and TorchScript that runs without this project."""

import io
import threading
import warnings

import torch
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from torch import Tensor, nn

from explorer.runs.indexed import Indexed
from explorer.runs.results import Results
from train.checkpoint import SUFFIX, Checkpoint, CheckpointError, to_bytes
from train.data import normalise
from train.data_sets import Pixels
from train.model import Network

TORCHSCRIPT = ".pt"
TRACING = threading.Lock()  # the tracer's state belongs to the process
BYTES = "application/octet-stream"
ABSENT = "There is no such network."


class Whole(nn.Module):
    """Grey levels (B, 28, 28), uint8, white on black -> log-probabilities (B, 10)."""

    def __init__(self, network: Network, pixels: Pixels):
        super().__init__()
        self.network, self.pixels = network, pixels

    def forward(self, images: Tensor) -> Tensor:
        return self.network(normalise(images, self.pixels))


def torchscript(checkpoint: Checkpoint) -> bytes:
    """`Whole` of a checkpoint as TorchScript, for `torch.jit.load`; ONNX would need a further package."""
    content = io.BytesIO()
    digits = torch.zeros(2, 28, 28, dtype=torch.uint8)
    whole = Whole(checkpoint.network(), checkpoint.setup.pixels)
    with TRACING, warnings.catch_warnings():
        # Torch deprecates TorchScript; group norm checks the batch size in Python.
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.trace(whole, digits), content)
    return content.getvalue()


def routes(results: Results) -> list[Route]:
    """Routes `networks/<trial>.safetensors` and `networks/<trial>.pt`; 404 for what is not among the results."""

    def serve(request: Request) -> Response:
        name, suffix = request.path_params["trial"], request.path_params["suffix"]
        checkpoint = results.find(name)
        if checkpoint is None or f".{suffix}" not in (SUFFIX, TORCHSCRIPT):
            return PlainTextResponse(ABSENT, 404)
        named = {"content-disposition": f'attachment; filename="{name}.{suffix}"'}
        try:
            if f".{suffix}" == TORCHSCRIPT:
                content = torchscript(checkpoint)
            elif isinstance(checkpoint, Indexed):
                content = checkpoint.content
            else:
                content = to_bytes(checkpoint)
        except CheckpointError as error:  # damaged or removed since the start
            return PlainTextResponse(str(error), 404)
        return Response(content, media_type=BYTES, headers=named)

    return [Route("/networks/{trial}.{suffix}", serve)]
