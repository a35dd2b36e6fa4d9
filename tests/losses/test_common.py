"""Properties that every loss has. One test a property, over ALL_LOSSES.

The losses are in evaluation mode, in which a loss with a state does not move it.
"""

import copy
import io
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV

from skmultitag import MultiTagClassifier, losses
from skmultitag.losses import (
    LabelCountLoss,
    MultilabelLoss,
    PairHingeLoss,
    SparsemaxLoss,
    get_loss,
    get_loss_names,
)
from skmultitag.losses._sums import add_sums
from tests.losses.common import (
    ALL_LOSSES,
    F1_LOSSES,
    RANKING_WITHIN_ROWS,
    fitted,
    random_batch,
    value_and_gradient,
)


@pytest.fixture(params=ALL_LOSSES, ids=repr)
def loss(request):
    return fitted(request.param, random_batch()[1])


def test_every_name_has_a_common_test():
    assert {type(get_loss(name)) for name in get_loss_names()} <= {
        type(loss) for loss in ALL_LOSSES
    }


def is_detached(loss):
    return getattr(loss, "detach_focus", False)


def test_gradient_is_right(loss):
    if is_detached(loss):
        pytest.skip("its gradient is not that of its value, by intention")
    y_score, y_true = random_batch()
    assert torch.autograd.gradcheck(
        lambda z: loss(z, y_true), y_score.requires_grad_(), atol=1e-7
    )


def test_gradient_with_weights_is_right(loss):
    if is_detached(loss):
        pytest.skip("its gradient is not that of its value, by intention")
    y_score, y_true = random_batch()
    weight = torch.tensor([1.0, 2.0, 0.5, 0.0, 1.0, 3.0, 1.0])
    assert torch.autograd.gradcheck(
        lambda z: loss(z, y_true, weight), y_score.requires_grad_(), atol=1e-7
    )


def test_order_of_rows_does_not_matter(loss):
    y_score, y_true = random_batch()
    order = torch.tensor([3, 1, 6, 0, 2, 5, 4])
    torch.testing.assert_close(
        loss(y_score[order], y_true[order]), loss(y_score, y_true)
    )


def test_order_of_labels_does_not_matter(loss):
    y_score, y_true = random_batch()
    order = [2, 0, 3, 1]
    permuted = fitted(loss, y_true[:, order])
    torch.testing.assert_close(
        permuted(y_score[:, order], y_true[:, order]), loss(y_score, y_true)
    )


def test_integer_weights_equal_repeated_rows(loss):
    y_score, y_true = random_batch()
    weight = torch.tensor([1, 2, 0, 3, 1, 0, 2])
    rows = torch.repeat_interleave(torch.arange(7), weight)
    ours = fitted(loss, y_true.numpy(), weight.numpy())
    theirs = fitted(loss, y_true[rows].numpy())
    value, gradient = value_and_gradient(ours, y_score, y_true, weight)
    expected, expected_gradient = value_and_gradient(
        theirs, y_score[rows], y_true[rows]
    )
    torch.testing.assert_close(value, expected)
    summed = torch.zeros_like(gradient).index_add(0, rows, expected_gradient)
    torch.testing.assert_close(gradient, summed)


def test_weights_of_one_change_nothing(loss):
    y_score, y_true = random_batch()
    torch.testing.assert_close(
        loss(y_score, y_true, torch.ones(7)), loss(y_score, y_true)
    )


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("scale", [1e4, 60, 0])
def test_extreme_logits_are_finite(loss, dtype, scale):
    y_score, y_true = random_batch()
    y_score = (scale * y_score.sign()).to(dtype)
    value, gradient = value_and_gradient(loss, y_score, y_true)
    assert value.isfinite() and gradient.isfinite().all()


def test_autocast_changes_little(loss):
    y_score, y_true = random_batch(dtype=torch.float32)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        value, gradient = value_and_gradient(loss, y_score.bfloat16(), y_true)
    expected = loss(y_score.bfloat16().float(), y_true)
    torch.testing.assert_close(value.float(), expected, rtol=1e-5, atol=1e-6)
    assert gradient.dtype == torch.bfloat16


@pytest.mark.parametrize("target", [0, 1], ids=["no positives", "all positives"])
def test_one_sided_targets_are_finite(loss, target):
    y_score, y_true = random_batch()
    value, gradient = value_and_gradient(loss, y_score, torch.full_like(y_true, target))
    assert value.isfinite() and gradient.isfinite().all()


def test_one_row_is_finite(loss):
    y_score, y_true = random_batch()
    value, gradient = value_and_gradient(loss, y_score[2:3], y_true[2:3])
    assert value.isfinite() and gradient.isfinite().all()


def test_one_label_is_finite(loss):
    y_score, y_true = random_batch(n_labels=1)
    is_of_pairs = isinstance(loss, RANKING_WITHIN_ROWS)
    loss = loss if is_of_pairs else fitted(loss, y_true)
    value, gradient = value_and_gradient(loss, y_score, y_true)
    assert value.isfinite() and gradient.isfinite().all()
    assert gradient.any() != is_of_pairs


@pytest.mark.parametrize("loss_class", RANKING_WITHIN_ROWS)
def test_targets_without_pairs_are_refused(loss_class):
    one_label, no_pairs = np.array([[1], [0]]), np.array([[1, 1], [0, 0]])
    for y_true, given in ((one_label, "one label"), (no_pairs, "2 labels")):
        for form in (y_true, sparse.csr_array(y_true), torch.from_numpy(y_true)):
            with pytest.raises(ValueError, match=f"y has {given} and no such row"):
                loss_class().fit(form)
    y_true = np.vstack([no_pairs, [1, 0]])
    loss_class().fit(y_true.tolist(), sample_weight=[0, 0, 1])
    with pytest.raises(ValueError, match="no such row"):
        loss_class().fit(y_true, sample_weight=[1, 1, 0])


def test_all_weights_zero_is_finite(loss):
    y_score, y_true = random_batch()
    value, gradient = value_and_gradient(loss, y_score, y_true, torch.zeros(7))
    assert value.isfinite() and gradient.isfinite().all()


@pytest.mark.parametrize("dtype", [torch.bool, torch.int64, torch.float32])
def test_targets_of_any_dtype_keep_the_precision(loss, dtype):
    y_score, y_true = random_batch()
    value = loss(y_score, y_true.to(dtype))
    assert value.dtype == torch.float64
    torch.testing.assert_close(value, loss(y_score, y_true), rtol=0, atol=0)


def test_training_on_it_makes_right_decisions(loss):
    """The sign is right: descent on the loss ends in the targets."""
    y_true = torch.tensor([[1, 0, 0, 1], [0, 1, 0, 1], [1, 0, 1, 0], [0, 1, 1, 1]])
    loss = fitted(loss, y_true)
    y_score = torch.zeros(y_true.shape, requires_grad=True)
    optimizer = torch.optim.Adam([y_score], lr=0.1)
    for _ in range(200):
        optimizer.zero_grad()
        loss(y_score, y_true).backward()
        optimizer.step()
    margin = loss.decision_function(y_score).detach()
    if isinstance(loss, LabelCountLoss):
        n_labels = torch.sigmoid(margin).sum(dim=1).round()
        assert torch.equal(n_labels, y_true.sum(dim=1).float())
    elif loss.has_natural_threshold:
        assert torch.equal(margin > 0, y_true == 1)
    else:
        lowest = torch.where(y_true == 1, margin, torch.inf).amin(dim=1)
        highest = torch.where(y_true == 0, margin, -torch.inf).amax(dim=1)
        # what these ask for, and only come near: 1, and 1 over the number of labels
        gap = {PairHingeLoss: 0.9, SparsemaxLoss: 0.3}.get(type(loss), 1)
        assert (lowest > highest + gap).all()


def test_sums_of_parts_are_the_loss_of_the_whole(loss):
    y_score, y_true = random_batch()
    weight = torch.tensor([1.0, 2.0, 0.5, 0.0, 1.0, 3.0, 1.0])
    if not loss.is_additive:
        pytest.skip("a batch of it can't be split")
    for weights in (None, weight):
        value, gradient = value_and_gradient(loss, y_score, y_true, weights)
        z = y_score.clone().requires_grad_()
        batch = (z, y_true) if weights is None else (z, y_true, weights)
        # the last part has no rows
        parts = zip(*(tensor.split([2, 1, 4, 0]) for tensor in batch), strict=True)
        sums = [loss.row_sums(*part) for part in parts]
        # by a loss that has not seen the parts
        ours = fitted(loss, y_true).loss_from_sums(add_sums(sums))
        torch.testing.assert_close(ours, value)
        (of_sums,) = torch.autograd.grad(ours, z)
        torch.testing.assert_close(of_sums, gradient)


def test_arguments_are_not_changed(loss):
    y_score, y_true = random_batch()
    before = y_score.clone(), y_true.clone()
    loss(y_score, y_true)
    assert torch.equal(y_score, before[0]) and torch.equal(y_true, before[1])


def test_global_state_is_not_changed(loss):
    y_score, y_true = random_batch()
    before = torch.get_rng_state(), torch.get_default_dtype()
    with torch.no_grad():
        loss(y_score, y_true)
        assert not torch.is_grad_enabled()
    assert torch.equal(torch.get_rng_state(), before[0])
    assert torch.get_default_dtype() == before[1]


def test_clone_pickle_and_copy_keep_the_value(loss):
    y_score, y_true = random_batch()
    expected = loss(y_score, y_true)
    copies = [
        fitted(loss, y_true),
        copy.deepcopy(loss),
        pickle.loads(pickle.dumps(loss)),
    ]
    for copied in copies:
        assert repr(copied.get_params()) == repr(loss.get_params())
        assert torch.equal(copied(y_score, y_true), expected)


def test_pickle_holds_no_generator(loss):
    names = []

    class Reader(pickle.Unpickler):
        def find_class(self, module, name):
            names.append(name)
            return super().find_class(module, name)

    Reader(io.BytesIO(pickle.dumps(loss))).load()
    assert type(loss).__name__ in names and "Generator" not in names


@pytest.fixture
def meta_as_default_device():
    """The device of each new tensor that is not told another; its values are lost."""
    torch.set_default_device("meta")
    yield
    torch.set_default_device(None)


def results_of_a_training(loss, y_score, y_true):
    """Tensors that the hooks of a loss return, and its buffers."""
    loss = clone(loss).fit(y_true.cpu().numpy(), np.ones(7), random_state=0)
    loss.to(y_score.device).train().start_epoch(0, 5)
    if loss.n_rows_observed:
        loss.observe(y_score, y_true)
        loss.observe(y_score, y_true, is_final=True)
    loss.start_batch()
    results = [*value_and_gradient(loss, y_score, y_true)]
    results.append(loss.validation_loss(y_score, y_true))
    if loss.is_additive:
        sums = loss.row_sums(y_score, y_true)
        results.append(loss.loss_from_sums(sums))
    results += [loss.predict_proba(y_score), loss.decision_function(y_score)]
    assert {result.device for result in results} == {y_score.device}
    return [*results, *loss.buffers()]


@pytest.mark.filterwarnings("ignore:The chains of the posterior disagree")
@pytest.mark.parametrize("loss", ALL_LOSSES, ids=repr)
def test_default_device_is_not_used(loss, meta_as_default_device):
    with torch.device("cpu"):
        y_score, y_true = random_batch()
    for result in results_of_a_training(loss, y_score, y_true):
        assert result.device.type == "cpu" and result.isfinite().all()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.filterwarnings("ignore:The chains of the posterior disagree")
@pytest.mark.parametrize("loss", ALL_LOSSES, ids=repr)
def test_results_on_a_gpu_are_those_of_the_processor(loss):
    y_score, y_true = random_batch()
    expected = results_of_a_training(loss, y_score, y_true)
    found = results_of_a_training(loss, y_score.cuda(), y_true.cuda())
    for ours, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(ours.cpu(), theirs)


def test_repr_shows_the_parameters(loss):
    assert repr(loss).startswith(f"{type(loss).__name__}(")
    rebuilt = eval(repr(loss), vars(losses))
    assert repr(rebuilt.get_params()) == repr(loss.get_params())


def test_grid_over_one_parameter(loss, multilabel_data):
    X, y, _ = multilabel_data
    numbers = {k: v for k, v in loss.get_params().items() if isinstance(v, float)}
    grid = {f"loss__{name}": [v, v / 2] for name, v in list(numbers.items())[:1]}
    model = MultiTagClassifier(loss, hidden_layer_sizes=4, max_iter=1, random_state=0)
    search = GridSearchCV(model, grid or {"loss": [loss]}, scoring="roc_auc", cv=2)
    search.fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    for name, value in search.best_params_.items():
        nested = name.removeprefix("loss__")
        fitted_loss = search.best_estimator_.loss_
        assert nested == "loss" or fitted_loss.get_params()[nested] == value


def test_two_threads_give_the_same(loss):
    y_score, y_true = random_batch(200)
    expected, _ = value_and_gradient(loss, y_score, y_true)
    with ThreadPoolExecutor(2) as pool:
        results = list(
            pool.map(lambda _: value_and_gradient(loss, y_score, y_true)[0], range(8))
        )
    assert all(torch.equal(result, expected) for result in results)


def test_shapes_that_differ_raise(loss):
    y_score, y_true = random_batch()
    with pytest.raises(ValueError, match=r"shape \(7, 4\) but y_true has shape"):
        loss(y_score, y_true[:3])


def test_probability_and_decision_agree(loss):
    y_score, _ = random_batch(50)
    proba, margin = loss.predict_proba(y_score), loss.decision_function(y_score)
    assert proba.min() >= 0 and proba.max() <= 1
    np.testing.assert_array_equal(proba > 0.5, margin > 0)


@pytest.mark.parametrize("loss", F1_LOSSES, ids=repr)
def test_f1_losses_lie_between_zero_and_one(loss):
    for seed in range(20):
        y_score, y_true = random_batch(seed=seed)
        assert 0 <= fitted(loss, y_true)(y_score, y_true) <= 1


@pytest.mark.parametrize("loss", F1_LOSSES, ids=repr)
def test_f1_losses_of_perfect_and_wrong_predictions(loss):
    y_true = torch.tensor([[1, 0, 1, 0], [0, 1, 0, 0], [1, 1, 0, 1], [0, 0, 1, 1]])
    right = 1e3 * (2 * y_true - 1)
    # not closer, since S(p) on probabilities does not reach 0 and 1
    loss = fitted(loss, y_true)
    assert loss(right, y_true).item() == pytest.approx(0, abs=0.02)
    assert loss(-right, y_true).item() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("loss", F1_LOSSES, ids=repr)
def test_doubling_the_batch_leaves_f1_losses_as_they_are(loss):
    y_score, y_true = random_batch()
    loss = fitted(loss, y_true)
    doubled = loss(torch.cat([y_score] * 2), torch.cat([y_true] * 2))
    torch.testing.assert_close(doubled, loss(y_score, y_true))


@pytest.mark.parametrize("of_rows", [lambda z: z, lambda z: z.sum()])
def test_row_losses_of_another_shape_raise(of_rows):
    class Wrong(MultilabelLoss):
        def _row_losses(self, y_score, y_true, y_false):
            return of_rows(y_score)

    y_score, y_true = random_batch(n_samples=7, n_labels=4)
    with pytest.raises(ValueError, match=r"one number for each row, of shape \(7,\)"):
        Wrong()(y_score, y_true)


@pytest.mark.parametrize("loss", ["tencent", "sigmoid_f1", "focal"])
def test_integers_that_are_too_large_for_torch_are_floats(loss):
    name = {"tencent": "pos_weight", "sigmoid_f1": "beta", "focal": "gamma"}[loss]
    batch = random_batch()
    values = [
        fitted(get_loss(loss).set_params(**{name: large}), batch[1])(*batch)
        for large in (2**70, 2.0**70)
    ]
    assert torch.isfinite(values[0]) and values[0] == values[1]


@pytest.mark.parametrize("loss", ALL_LOSSES, ids=repr)
def test_before_fit_a_loss_works_or_says_that_it_is_not_fitted(loss):
    y_score, y_true = random_batch()
    calls = {
        "decision_function": (y_score,),
        "epoch_figures": (),
        "forward": (y_score, y_true),
        "observe": (y_score, y_true),
        "predict_proba": (y_score,),
        "start_batch": (),
        "start_epoch": (0, 3),
        "validation_loss": (y_score, y_true),
    }
    for method, arguments in calls.items():
        try:
            getattr(clone(loss), method)(*arguments)
        except NotFittedError as exc:
            assert "needs the training targets: call fit(y_true)" in str(exc)
