"""Attribution to pixels: the sum of integrated gradients, the formula of Grad-CAM, and errors of unknown requests."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from explorer.network import attribution
from explorer.network.attribution import CAM, GRADIENTS, AttributionError
from train.data import normalise
from train.data_sets import MNIST_PIXELS


@pytest.fixture(scope="module")
def images(mnist):
    return mnist.test.images.numpy()


def scores(network, images: torch.Tensor) -> torch.Tensor:
    log_probs = network(normalise(images, MNIST_PIXELS))
    return log_probs - log_probs.mean(1, keepdim=True)


@pytest.mark.parametrize("norm", ["BN", "GN", "LN"])
@pytest.mark.parametrize("digit", [None, 3])
def test_integrated_gradients_add_up_to_the_difference_of_the_scores(
    images, norm, digit, committed
):
    finished = committed.finished
    checkpoint = next(one for one in finished if one.trial.norm == norm)
    for index in (0, 18, 247):
        saliency = attribution.explain(checkpoint, images[index], GRADIENTS, digit)
        pair = torch.from_numpy(np.stack([images[index], np.zeros_like(images[0])]))
        with torch.inference_mode():
            image, empty = scores(checkpoint.network(), pair)
            probs = checkpoint.network()(normalise(pair[:1], MNIST_PIXELS))[0].exp()
        assert saliency.digit == (int(probs.argmax()) if digit is None else digit)
        assert saliency.prob == pytest.approx(float(probs[saliency.digit]), abs=1e-5)
        difference = float((image - empty)[saliency.digit])
        assert saliency.difference == pytest.approx(difference, abs=1e-3)
        assert saliency.total == pytest.approx(
            difference, rel=0.02, abs=0.02 if digit else 0
        )


def test_a_pixel_without_ink_has_no_attribution(trained, images):
    for checkpoint in trained:
        saliency = attribution.explain(checkpoint, images[0], GRADIENTS)
        assert saliency.values.shape == (28, 28)
        assert not saliency.values[images[0] == 0].any()


def test_grad_cam_equals_its_formula(trained, images):
    for checkpoint in trained:
        saliency = attribution.explain(checkpoint, images[0], CAM, 5)
        network, outputs = checkpoint.network(), []
        network.blocks[-1].norm.register_forward_hook(
            lambda _, inputs, maps, outputs=outputs: outputs.append(maps)
        )
        score = scores(network, torch.from_numpy(images[:1]))[0, 5]
        (gradient,) = torch.autograd.grad(score, outputs[0])
        weighed = gradient.mean((2, 3), keepdim=True) * outputs[0]
        cam = F.interpolate(
            weighed.sum(1, keepdim=True).relu(), (28, 28), mode="bilinear"
        )
        expected = cam[0, 0].detach().numpy()
        np.testing.assert_allclose(
            saliency.values, expected, atol=1e-5 * expected.max() + 1e-9
        )
        assert saliency.difference is None


@pytest.mark.parametrize(
    ("method", "digit", "word"),
    [
        ("gradients", None, "method"),
        (CAM, 10, "0 to 9"),
        (CAM, True, "0 to 9"),
        (CAM, "7", "0 to 9"),
    ],
)
def test_an_unknown_method_or_digit_is_an_error(trained, images, method, digit, word):
    with pytest.raises(AttributionError, match=word):
        attribution.explain(trained[0], images[0], method, digit)
