"""Kernels of the head: mean over pixels, linear layer, log-softmax and loss, forward and backward."""

import math

from numba import float32

from train.cpu.cache import kernel
from train.cpu.simd import load, multiply_add, spread, store, total, zeros


@kernel
def head(block, labels, share, layer):
    """Summed loss and number of correct images of a tile; `block` is the last, labels (count,).

    Writes the log-probabilities to `layer.logits`. Unless `share` is 0, adds `share` times the gradient of the summed loss
    to the weights' gradient, and writes the same of the block's output to `block.slope`.
    """
    set_logits(block.out, layer)
    loss, correct = take_log_softmax(layer.logits, labels)
    if share:
        set_logit_gradients(layer.logits, labels, share)
        add_gradients(block.slope, layer)
    return loss, correct


@kernel
def set_logits(x, layer):
    """logits = weights (10, 16) times features (16,), which are the means of x (16, 3, 3, 16) over pixels."""
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
    """Replaces logits (10, 16) by log-probabilities; returns the summed loss and the number of correct images."""
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
    """Replaces log-probabilities (10, 16) by the logits' gradient: share (probability - [digit is the label])."""
    count = labels.size
    for digit in range(10):
        for lane in range(16):
            probability = math.exp(logits[digit, lane]) - float32(
                lane < count and labels[lane] == digit
            )
            logits[digit, lane] = share * probability if lane < count else float32(0)


@kernel
def add_gradients(slope, layer):
    """Adds to the weights' gradient, and sets `slope` (16, 4, 4, 16), that of the head's input, from the logits' gradient."""
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
