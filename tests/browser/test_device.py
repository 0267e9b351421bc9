"""The worker that computes votes on the device, in a real browser, from the files that the explorer serves."""

import numpy as np

from explorer.runs import device_files
from explorer.web import assets

ASK = """async ([address, files, pixels]) => {
  const { Device } = await import(new URL(`${address}/device.js`, document.baseURI));
  const end = new AbortController();
  return await new Promise((resolve) => {
    const missing = (name, reason) => resolve({ missing: name, reason });
    const failed = async (reason) => {
      const later = await device.ask({ pixels: new Uint8Array(784), isDigit: true, lab: null }, true).catch(String);
      resolve({ reason, later });
    };
    const arrived = async (networks, total) => {
      if (networks.length < total) return;
      const answers = [];
      for (const digit of pixels) {
        const picture = { pixels: Uint8Array.from(digit), isDigit: true, lab: null };
        const { probs, networks } = await device.ask(picture, false);
        answers.push({ probs: [...probs], networks });
      }
      end.abort();
      resolve(answers);
    };
    const device = new Device(files, { arrived, failed, missing }, end.signal);
  });
}"""


def test_the_worker_reads_what_the_stack_reads(visit, explorer, committed, mnist):
    page = visit(explorer.local_url)
    digits = mnist.test.images[:5]
    files = device_files.files(committed)
    question = [assets.ADDRESS, files, digits.flatten(1).tolist()]
    answers = page.evaluate(ASK, question)
    everyone = list(range(len(committed.voters)))
    assert all(answer["networks"] == everyone for answer in answers)
    probs = np.array([answer["probs"] for answer in answers])
    expected = committed.stack.probs(digits).swapaxes(0, 1).flatten(1)
    assert np.abs(probs - expected.numpy()).max() <= 5e-3


def test_a_device_without_its_module_says_so_and_answers_nothing(
    visit, explorer, committed
):
    page = visit(explorer.local_url)
    files = device_files.files(committed) | {
        "module": assets.keep([b""], lambda: b"no module")
    }
    answer = page.evaluate(ASK, [assets.ADDRESS, files, []])
    assert "CompileError" in answer["reason"]
    assert answer["later"] == f"Error: {answer['reason']}"
