"""Votes that a page paints, noted in any browser, against the answers of /predict."""

import re

import numpy as np

from explorer.digits.png import png, uri
from explorer.tabs import draw

TOLERANCE = 5e-3  # of a probability: the device's weights are float16
# Drawings that the page asked the device or the server about, with the answers, in their order.
NOTED = """
  globalThis.noted = [];
  const { fetch } = globalThis;
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  globalThis.fetch = async (...request) => {
    const answer = await fetch(...request);
    const drawing = /"pixels":"([^"]+)"/.exec(String(request[1]?.body));
    const probs = drawing && (await answer.clone().json()).probs;
    if (probs)
      noted.push({ asked: [...bytes(drawing[1])], probs: [...new Float32Array(bytes(probs).buffer)] });
    return answer;
  };
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (message, ...rest) {
    if (!this.isNoted) this.addEventListener("message", ({ data }) => {
      if (data.kind === "answer") noted.push({ asked: this.asked, probs: [...data.probs] });
    });
    this.isNoted = true;
    if (message.kind === "ask") this.asked = [...message.pixels];
    return post.call(this, message, ...rest);
  };
"""


def agree(found, noted: list[dict], verdict: str):
    """The last votes of all networks are those of /predict, and so is the consensus where no network is near a tie."""
    voters = len(found.voters)
    last = [each for each in noted if len(each["probs"]) == 10 * voters][-1]
    drawing = np.array(last["asked"], np.uint8).reshape(112, 112)
    probs = np.array(last["probs"]).reshape(voters, 10)
    answer = draw.predict(found, uri(png(255 - drawing)), detail="all")
    expected = np.array([*answer["trials"].values()])
    assert np.abs(probs - expected).max() <= TOLERANCE
    lead = np.diff(np.sort(expected, 1)[:, -2:]).squeeze(1)
    decided = lead > TOLERANCE
    assert np.array_equal(probs.argmax(1)[decided], expected.argmax(1)[decided])
    if decided.all():
        assert re.search(rf"\b{answer['consensus']['digit']}\b", verdict)
