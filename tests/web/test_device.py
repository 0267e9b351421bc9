"""The device against the server: framing, sliders, badge and networks, by the page's own code and module in node."""

import importlib.util
import shutil

import numpy as np
import pytest
import torch

from explorer.digits import preprocess, typicality
from explorer.digits.preprocess import SketchError, Steps
from explorer.network import ablation, wording
from explorer.network.ablation import NORMALISE, Settings
from explorer.network.predictions import SIDE
from explorer.runs import device_files
from explorer.runs.ensemble import Stack
from explorer.web.device import MODULE
from explorer.web.device.build import build
from tests.web import on_device
from train.checkpoint import Checkpoint

needs_node = pytest.mark.skipif(not shutil.which("node"), reason="node is not here")
MOST = 5e-3  # difference of a probability
SHARE = 0.999


@pytest.fixture(scope="session")
def drawings() -> np.ndarray:
    return on_device.drawings(1000)


@pytest.fixture(scope="session")
def framed(drawings, tmp_path_factory):
    """Answers of the device to the drawings, without networks."""
    return on_device.ask(tmp_path_factory.mktemp("framed"), drawings)


@pytest.mark.skipif(
    not importlib.util.find_spec("ziglang"), reason="ziglang is not here"
)
def test_the_committed_module_is_what_the_source_compiles_to(tmp_path):
    build(tmp_path / "device.wasm")
    assert (tmp_path / "device.wasm").read_bytes() == MODULE.read_bytes()


def check_framing(answers: on_device.Answers, pictures: np.ndarray):
    """Asserts that placements are equal but for one picture in a thousand, and that grey levels are near where they are."""
    stages = [preprocess.stages(picture) for picture in pictures]
    assert answers.reasons == [None] * len(pictures)
    placed = [one.placement for one in stages]
    expected = [[*one.crop, *one.size, *one.corner] for one in placed]
    same = (answers.placements == expected).all(1)
    assert same.mean() >= SHARE
    digits = np.stack([one.digit for one in stages])
    difference = np.abs(answers.seen[same].astype(int) - digits[same])
    assert difference.max() <= 8
    assert (difference <= 1).mean() >= SHARE


@needs_node
def test_framed_drawings_equal_those_of_the_server(drawings, framed):
    check_framing(framed, drawings)


def enlarged(digits: np.ndarray) -> np.ndarray:
    """Digits (N, 28, 28) as pictures (N, 112, 112), which are framed as drawings are."""
    return digits.repeat(4, 1).repeat(4, 2)


@needs_node
@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=pytest.mark.slow)])
def test_framed_test_digits_equal_those_of_the_server(count, mnist, tmp_path):
    pictures = enlarged(mnist.test.images.numpy()[:count])
    answers = on_device.ask(tmp_path, pictures)
    check_framing(answers, pictures)
    check_badge(answers, digits_of(pictures))


@needs_node
@pytest.mark.parametrize(
    "off", [["box"], ["smooth"], ["centre"], ["box", "smooth", "centre"]]
)
@pytest.mark.parametrize("of", ["drawings", "digits"])
def test_steps_that_are_off_are_off_on_the_device(of, off, drawings, mnist, tmp_path):
    pictures = drawings[:300] if of == "drawings" else mnist.test.images.numpy()[:300]
    answers = on_device.ask(tmp_path, pictures, lab={"off": off, "sliders": {}})
    steps = Steps(**{name: name not in off for name in ("box", "smooth", "centre")})
    digits = []
    for picture, reason in zip(pictures, answers.reasons, strict=True):
        try:
            digits.append(preprocess.stages(picture, steps).digit)
            assert reason is None
        except SketchError:
            assert reason == "thin"
    difference = np.abs(answers.seen.astype(int) - np.stack(digits))
    assert (difference <= 1).mean() >= SHARE and difference.max() <= 8


@needs_node
def test_pictures_without_a_digit_are_refused_for_the_same_reason(tmp_path):
    thin = np.zeros((112, 112), np.uint8)
    thin[3] = 255  # a line of one pixel, between the samples
    pictures = np.stack(
        [np.zeros_like(thin), np.full_like(thin, 15), np.full_like(thin, 200), thin]
    )
    lab = {"off": ["box", "smooth"], "sliders": {}}
    answers = on_device.ask(tmp_path, pictures, lab=lab)
    for picture, reason in zip(pictures, answers.reasons, strict=True):
        with pytest.raises(SketchError) as refused:
            preprocess.stages(picture, Steps(box=False, smooth=False))
        assert refused.value.args[0] == preprocess.REFUSALS[reason]
    assert answers.reasons == ["blank", "blank", "full", "thin"]


@needs_node
@pytest.mark.parametrize(
    "of", ["drawings", pytest.param("digits", marks=pytest.mark.slow)]
)
def test_sliders_do_the_same_on_the_device(of, drawings, mnist, tmp_path):
    pictures = drawings if of == "drawings" else mnist.test.images.numpy()
    draw = np.random.default_rng(1)
    sliders = [
        {
            "right": int(draw.integers(-8, 9)),
            "down": int(draw.integers(-8, 9)),
            "contrast": round(float(draw.uniform(0.05, 1)), 2),
            "noise": round(float(draw.uniform(0, 0.6)), 2),
        }
        for _ in pictures
    ]
    for index, one in enumerate(sliders):  # two of three are moved alone
        if index % 3:
            name = list(one)[index % 4]
            sliders[index] = {name: one[name]}
    labs = [{"off": [], "sliders": one} for one in sliders]
    answers = on_device.ask(tmp_path, pictures, lab=labs)
    expected = np.stack(
        [
            ablation.digit(picture, of == "digits", Settings.of(lab))
            for picture, lab in zip(pictures, labs, strict=True)
        ]
    )
    difference = np.abs(answers.seen.astype(int) - expected)
    assert (difference <= 1).mean() >= SHARE


def digits_of(pictures: np.ndarray) -> np.ndarray:
    """Digits (N, 28, 28) that the server reads in drawings (N, 112, 112), or in digits, which it takes as they are."""
    if pictures.shape[1] == SIDE:
        return np.stack([preprocess.stages(one).digit for one in pictures])
    return pictures


def check_badge(answers: on_device.Answers, digits: np.ndarray):
    """Asserts that the measures are near those of the server's digits, and the badge equal but for one digit in a thousand."""
    reference = typicality.reference()
    measured = typicality.measure(
        torch.from_numpy(digits), reference.mean, reference.components
    )
    flags = typicality.unlike(measured, reference.quantiles)
    assert (flags == answers.measures("unusual").any(1)).mean() >= SHARE
    assert np.allclose(answers.measures("value"), measured, atol=0.02)


@needs_node
def test_the_badge_judges_alike(drawings, framed, mnist, tmp_path):
    check_badge(framed, digits_of(drawings))
    digits = mnist.test.images.numpy()[:1000]
    check_badge(on_device.ask(tmp_path, digits), digits)
    judged = [typicality.judge(digit) for digit in framed.seen[:100]]
    below = [[one.below for one in row] for row in judged]
    assert np.allclose(framed.measures("below")[:100], below, atol=0.2)
    texts = [
        [
            wording.reasons()[place][int(sign > 0)]
            for place, sign in enumerate(row)
            if sign
        ]
        for row in framed.measures("unusual")[:100]
    ]
    same = [
        text == wording.unlike(row) for text, row in zip(texts, judged, strict=True)
    ]
    assert np.mean(same) >= SHARE and any(texts)


def check_votes(answers: on_device.Answers, expected: np.ndarray):
    """Asserts that probabilities (N, E, 10) are near, and votes equal but for networks that are near a tie."""
    assert np.abs(answers.probs - expected).max() <= MOST
    lead = np.diff(np.sort(expected, 2)[..., -2:]).squeeze(2)
    other = answers.probs.argmax(2) != expected.argmax(2)
    assert not (other & (lead > MOST)).any()


def stacked(voters, digits: np.ndarray) -> np.ndarray:
    return Stack(voters).probs(torch.from_numpy(digits)).numpy().swapaxes(0, 1)


@needs_node
def test_networks_answer_as_the_stack_does(committed, drawings, mnist, tmp_path):
    """One seed of each configuration; `test_all_networks_...` has them all."""
    voters = [network for network in committed.voters if network.trial.seed == 1]
    for name, pictures in (
        ("drawings", drawings[:40]),
        ("digits", mnist.test.images.numpy()[:40]),
    ):
        folder = tmp_path / name
        folder.mkdir()
        answers = on_device.ask(folder, pictures, voters)
        check_votes(answers, stacked(voters, digits_of(pictures)))


@pytest.mark.slow
@needs_node
@pytest.mark.parametrize("of", ["drawings", "digits"])
def test_all_networks_answer_all_pictures_as_the_stack_does(
    of, committed, drawings, mnist, tmp_path
):
    pictures = drawings if of == "drawings" else mnist.test.images.numpy()
    for start in range(0, len(pictures), 1000):
        some = pictures[start : start + 1000]
        answers = on_device.ask(tmp_path, some, committed.voters)
        check_votes(answers, stacked(committed.voters, digits_of(some)))
        check_badge(answers, digits_of(some))


@pytest.fixture(scope="session")
def three(committed) -> list[Checkpoint]:
    """A network of each norm."""
    by_norm = {network.trial.norm: network for network in committed.voters}
    return list(by_norm.values())


@needs_node
def test_every_norm_is_read_as_by_the_stack(one_of_each, mnist, tmp_path):
    digits = mnist.test.images[:20]
    probs = on_device.ask(tmp_path, digits.numpy(), one_of_each).probs
    kept = device_files.as_on_device(one_of_each)
    expected = Stack(kept).probs(digits).swapaxes(0, 1).numpy()
    assert len(set(expected.argmax(2).ravel())) > 1
    assert np.abs(probs - expected).max() <= 2e-5


@needs_node
def test_plain_ink_is_read_without_normalisation(three, mnist, tmp_path):
    digits = mnist.test.images.numpy()[:20]
    answers = on_device.ask(
        tmp_path, digits, three, {"off": [NORMALISE], "sliders": {}}
    )
    settings = Settings(normalise=False)
    inputs = np.stack([ablation.network_input(digit, settings) for digit in digits])
    check_votes(answers, stacked(three, inputs))


@needs_node
def test_networks_that_do_not_vote_answer_beside_the_voters(three, mnist, tmp_path):
    digits = mnist.test.images.numpy()[:5]
    first, *others = three
    added = {
        str(index): device_files.address([network])
        for index, network in enumerate(others)
    }
    answers = on_device.ask(tmp_path, digits, [first], added=added)
    check_votes(answers, stacked(three, digits))


@needs_node
def test_the_laboratory_shows_the_same_stages_and_changes(
    committed, drawings, mnist, tmp_path
):
    results = committed.of("as-run")
    lab = {"off": ["smooth"], "sliders": {"right": 2}}
    settings = Settings.of(lab)
    for is_digit, picture in (
        (False, drawings[40]),
        (True, mnist.test.images[3].numpy()),
    ):
        answers = on_device.ask(
            tmp_path, picture[None], results.voters, lab, kind="examine"
        )
        (answer,) = answers.raw
        stages = preprocess.stages(picture, settings.steps)
        pictures = ablation.pictures(picture, is_digit, settings)
        shown = [one["pixels"] for one in answer["stages"]]
        expected = [
            np.rint(255 * stages.ink),
            np.rint(255 * stages.cropped),
            stages.fitted,
            stages.digit,
            pictures[-1][1],
        ]
        for pixels, one, size in zip(shown, expected, answer["stages"], strict=True):
            assert (size["height"], size["width"]) == one.shape
            assert np.abs(np.array(list(pixels.values())) - one.flatten()).max() <= 1
        assert answer["changes"] == ablation.changes(results, picture, is_digit)
        low, high = answer["range"]
        assert pictures[-1][0] == f"{low:.2f} to {high:.2f}"


@needs_node
def test_memory_stays_as_it_is(three, mnist, tmp_path):
    digits = np.repeat(mnist.test.images.numpy()[:1], 200, 0)
    once, often = (on_device.ask(tmp_path, digits[:count], three) for count in (1, 200))
    assert once.memory == often.memory


@needs_node
def test_voters_arrive_step_by_step(three, mnist, tmp_path):
    answers = on_device.ask(tmp_path, mnist.test.images.numpy()[:1], three)
    arrived = [one for one in answers.opened if one["kind"] == "arrived"]
    assert arrived[-1] == {"kind": "arrived", "networks": [0, 1, 2], "total": 3}


@needs_node
def test_networks_as_on_the_device_give_its_probabilities(committed, mnist, tmp_path):
    networks = [committed.voters[index] for index in (0, 120, -1)]
    digits = mnist.test.images[:40]
    probs = on_device.ask(tmp_path, digits.numpy(), networks).probs
    expected = Stack(device_files.as_on_device(networks)).probs(digits).swapaxes(0, 1)
    assert np.abs(probs - expected.numpy()).max() <= 2e-5
