import pytest
import torch

from train.evaluate import Evaluation, calibration_error, evaluate, reliability


def evaluation_of(confidences: list[float], correct: list[bool]) -> Evaluation:
    """Evaluation of images classified as 0 with these confidences, correctly or not."""
    probs = torch.tensor(
        [[c, *[(1 - c) / 9] * 9] for c in confidences], dtype=torch.float64
    )
    return Evaluation(probs.log(), torch.tensor([0 if ok else 1 for ok in correct]))


def test_calibration_error_is_that_of_a_worked_example():
    # Three bins of 15: (8/15, 9/15], (11/15, 12/15], (14/15, 1].
    confidences = [0.55, 0.57, 0.80, 0.80, 0.99]
    evaluation = evaluation_of(confidences, [True, False, True, True, False])
    bins = reliability(evaluation)
    assert {index: count for index, count in enumerate(bins["count"]) if count} == {
        8: 2,
        11: 2,
        14: 1,
    }
    assert [bins["correct"][index] for index in (8, 11, 14)] == [1, 2, 0]
    expected = (2 * abs(0.5 - 0.56) + 2 * abs(1.0 - 0.80) + 1 * abs(0.0 - 0.99)) / 5
    assert calibration_error(bins) == pytest.approx(expected)


def test_loss_and_accuracy_are_means_over_the_images():
    evaluation = evaluation_of([0.5, 0.9], [True, False])
    assert evaluation.acc == 0.5
    expected = -(torch.tensor(0.5).log() + torch.tensor(0.1 / 9).log()) / 2
    assert evaluation.loss == pytest.approx(expected.item(), rel=1e-6)
    assert evaluation.digits == "00"


def test_evaluation_is_without_dropout_and_independent_of_batches(trained, mnist):
    network = trained[1].network().train()
    few = evaluate(network, mnist.test.first(1500))
    assert not network.training
    torch.testing.assert_close(
        few.log_probs[1200:1210],
        evaluate(network, mnist.test.first(1210)).log_probs[1200:],
    )
