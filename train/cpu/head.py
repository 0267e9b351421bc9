"""The head of the network: mean over pixels, linear layer, log-softmax, loss, and the gradient of all of them."""

import math

from numba import float32

from train.cpu.cache import kernel
from train.cpu.simd import load, multiply_add, spread, store, total, zeros


@kernel
def head(block, labels, share, layer):
    """Returns a tile's summed loss and the number of correct images; `block` is the last, labels (count,).

    Leaves log-probabilities in `layer.logits`. With a `share` other than 0, adds that share of the gradient
    of the summed loss to the gradients, and writes that of the block's output, too.
    """
    set_logits(block.out, layer)
    loss, correct = take_log_softmax(layer.logits, labels)
    if share:
        set_logit_gradients(layer.logits, labels, share)
        add_gradients(block.slope, layer)
    return loss, correct


@kernel
def set_logits(x, layer):
    """logits = weights (10, 16) times the features (16,), the means of x (16, 3, 3, 16) over pixels."""
    ninth = spread(float32(1) / float32(9))
    for channel in range(16):
        s = zeros()
        for pixel in range(9):
            s = s + load(x, channel * 9 + pixel)
        store(layer.features, channel, s * ninth)
    for digit in range(10):
        s = zeros()
        for channel in range(16):
            s = multiply_add(
                spread(layer.weights[digit, channel]), load(layer.features, channel), s
            )
        store(layer.logits, digit, s)


@kernel
def take_log_softmax(logits, labels):
    """Turns logits (10, 16) into log-probabilities; returns the summed loss and the number of correct images."""
    loss, correct = 0.0, 0
    for lane in range(labels.size):
        best = 0
        for digit in range(1, 10):
            if logits[digit, lane] > logits[best, lane]:
                best = digit
        highest, s = logits[best, lane], float32(0)
        for digit in range(10):
            s += math.exp(logits[digit, lane] - highest)
        log_sum = highest + math.log(s)
        for digit in range(10):
            logits[digit, lane] -= log_sum
        loss -= logits[labels[lane], lane]
        correct += best == labels[lane]
    return loss, correct


@kernel
def set_logit_gradients(logits, labels, share):
    """Turns log-probabilities (10, 16) into `share` of the gradient of the summed loss: probability - (digit is the label)."""
    count = labels.size
    for digit in range(10):
        for lane in range(16):
            probability = math.exp(logits[digit, lane]) - float32(
                lane < count and labels[lane] == digit
            )
            logits[digit, lane] = share * probability if lane < count else float32(0)


@kernel
def add_gradients(slope, layer):
    """From the gradient of the logits to that of the weights, which is added, and of the head's input (16, 4, 4, 16)."""
    logits, ninth = layer.logits, spread(float32(1) / float32(9))
    for digit in range(10):
        g = load(logits, digit)
        for channel in range(16):
            layer.gradient[digit, channel] += total(g * load(layer.features, channel))
    for channel in range(16):
        s = zeros()
        for digit in range(10):
            s = multiply_add(
                spread(layer.weights[digit, channel]), load(logits, digit), s
            )
        for row in range(3):
            for column in range(3):
                store(
                    slope,
                    (channel * slope.shape[1] + row) * slope.shape[2] + column,
                    s * ninth,
                )
