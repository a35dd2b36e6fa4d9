"""Data in all their forms: sliced, mapped, sparse; batches in parts; the best k."""

import subprocess
import sys
import textwrap

import numpy as np
import pandas as pd
import pytest
import sklearn
import torch
from scipy import sparse
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from skmultitag.losses import BinaryCrossEntropyLoss, SoftF1Loss, WeightedSumLoss
from skmultitag.neural_network import _sliced_rows
from skmultitag.neural_network._sliced_rows import SlicedRows
from tests.neural_network.common import FEW_DRAWS, as_tensor, small


class OnlySlices:
    """As a file of rows: shape, dtype, slices, and nothing else."""

    def __init__(self, array):
        self.array, self.shape, self.dtype = array, array.shape, array.dtype
        self.n_rows_read = 0

    def __getitem__(self, rows):
        assert isinstance(rows, slice)
        self.n_rows_read += len(self.array[rows])
        return self.array[rows]


# Slices


@pytest.fixture
def small_blocks(monkeypatch):
    """Blocks of 10 rows of 8 features; 3 of them are a window."""
    monkeypatch.setattr(_sliced_rows, "N_ENTRIES_OF_A_BLOCK", 80)
    monkeypatch.setattr(_sliced_rows, "N_BLOCKS_OF_A_WINDOW", 3)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_slices_are_predicted_as_an_array(multilabel_data, small_blocks, dtype):
    X, y, _ = multilabel_data
    X = X.astype(dtype)
    model = small().fit(X, y)
    for method in ("predict_proba", "decision_function", "predict"):
        ours = getattr(model, method)(OnlySlices(X))
        np.testing.assert_array_equal(ours, getattr(model, method)(X))


def test_full_batches_of_slices_train_as_those_of_an_array(multilabel_data):
    # one block holds all rows: the order is another, but for full batches only
    X, y, _ = multilabel_data
    params = {"batch_size": "full", "early_stopping": True}
    ours = small(**params).fit(OnlySlices(X), y).decision_function(X)
    theirs = small(**params).fit(X, y).decision_function(X)
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


def test_shuffled_slices_are_read_once(multilabel_data, small_blocks):
    X, _, _ = multilabel_data
    source = OnlySlices(X)
    sliced = SlicedRows(source)
    rows = np.arange(1, 300, 2)
    order = sliced.shuffle(rows, torch.Generator().manual_seed(0))
    np.testing.assert_array_equal(np.sort(order), rows)
    for batch in np.array_split(order, 11):
        np.testing.assert_array_equal(sliced[batch], X[batch])
    assert source.n_rows_read == 300
    other = sliced.shuffle(rows, torch.Generator().manual_seed(1))
    assert (order != other).mean() > 0.9
    # far rows meet: the rows of a batch come from the whole file
    assert np.ptp(order[:14]) > 100


def test_default_device_of_torch_does_not_matter(multilabel_data, small_blocks):
    X, y, _ = multilabel_data
    expected = small().fit(OnlySlices(X), y).predict_proba(X)
    torch.set_default_device("meta")
    try:
        ours = small().fit(OnlySlices(X), y).predict_proba(X)
    finally:
        torch.set_default_device(None)
    np.testing.assert_array_equal(ours, expected)


def test_blocks_hold_whole_chunks():
    source = OnlySlices(np.zeros((5000, 1000), dtype=np.float32))
    assert SlicedRows(source).n_block_rows == 1048
    source.chunks = (100, 1000)
    assert SlicedRows(source).n_block_rows == 1000
    source.chunks = ((3000, 2000), (1000,))  # as in dask
    assert SlicedRows(source).n_block_rows == 3000


@pytest.mark.parametrize("package", ["h5py", "zarr"])
def test_files_of_packages(multilabel_data, package, tmp_path):
    module = pytest.importorskip(package)
    X, y, _ = multilabel_data
    if package == "h5py":
        file = module.File(tmp_path / "X.h5", "w")
        source = file.create_dataset("X", data=X)
    else:
        source = module.array(X)
    model = small("bce", max_iter=30, learning_rate_init=0.01).fit(source, y)
    assert model.loss_curve_[-1] < 0.9 * model.loss_curve_[0]
    np.testing.assert_array_equal(model.predict(source), model.predict(X))


def test_wrong_slices_raise(multilabel_data):
    X, y, _ = multilabel_data
    X = X.copy()
    X[250, 3] = np.nan
    with pytest.raises(ValueError, match="Input X contains NaN"):
        small().fit(OnlySlices(X), y)
    with pytest.raises(ValueError, match="must hold floats.*Got dtype int64"):
        small().fit(OnlySlices(np.ones((300, 8), dtype=np.int64)), y)
    with pytest.raises(ValueError, match="Got X 200, y 300"):
        small().fit(OnlySlices(X[:200]), y)
    model = small().fit(np.nan_to_num(X), y)
    with pytest.raises(ValueError, match="X has 7 features"):
        model.predict(OnlySlices(X[:, :7]))


# Arrays and matrices


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_values_that_are_not_finite_raise(multilabel_data, dtype, value):
    X, y, _ = multilabel_data
    model = small().fit(X, y)
    X = X.astype(dtype)
    X[17, 2] = value
    for form in (X, sparse.csr_matrix(X.astype(np.float32)), pd.DataFrame(X)):
        with pytest.raises(ValueError, match="Input X contains (NaN|infinity)"):
            small().fit(form, y)
    with pytest.raises(ValueError, match="Input X contains (NaN|infinity)"):
        model.predict(X)
    with sklearn.config_context(assume_finite=True):
        model.predict(X)


def test_values_whose_sum_overflows_are_finite(multilabel_data):
    X, y, _ = multilabel_data
    model = small().fit(X, y)
    large = np.full((10, 8), np.finfo(np.float32).max / 4, dtype=np.float32)
    assert model.predict_proba(large).shape == (10, 5)


@pytest.mark.parametrize("order", ["C", "F"])
def test_read_only_memory_map(multilabel_data, tmp_path, order):
    X, y, _ = multilabel_data
    path = tmp_path / "X.npy"
    np.save(path, np.asarray(X, dtype=np.float16, order=order))
    mapped = np.load(path, mmap_mode="r")
    for form in (y.astype(np.uint8), sparse.csr_array(y)):
        model = small(early_stopping=True, scoring="f1_micro").fit(mapped, form)
        other = clone_and_fit(model, np.array(mapped, order="C"), form)
        np.testing.assert_array_equal(
            model.predict_proba(mapped), other.predict_proba(mapped)
        )


def clone_and_fit(model, X, y):
    return sklearn.clone(model).fit(X, y)


def test_sparse_predictions_are_made_in_blocks(multilabel_data):
    X, y, _ = multilabel_data
    model = small().fit(X, sparse.csc_matrix(y))
    expected = model.decision_function(X) > 0
    model.net_.iterator_valid__batch_size = 7
    predicted = model.predict(X)
    assert type(predicted) is sparse.csc_matrix and predicted.dtype == y.dtype
    np.testing.assert_array_equal(predicted.toarray(), expected)


MEMORY = """
    import numpy as np
    from scipy import sparse
    from skmultitag import MultiTagClassifier

    def anonymous():
        lines = open("/proc/self/status").read().splitlines()
        return next(int(line.split()[1]) for line in lines if "RssAnon" in line) / 1024

    rng = np.random.default_rng(0)
    n, d, n_labels = 100_000, 128, 3_000
    X = np.lib.format.open_memmap("X.npy", "w+", np.float16, (n, d))
    for start in range(0, n, 10_000):
        X[start : start + 10_000] = rng.normal(size=(10_000, d))
    X.flush()
    X = np.load("X.npy", mmap_mode="r")
    columns = rng.integers(n_labels, size=3 * n)
    y = sparse.csr_array(
        (np.ones(3 * n, np.uint8), columns, np.arange(0, 3 * n + 1, 3)), (n, n_labels)
    )
    y.sum_duplicates()
    y.data[:] = 1
    params = {"hidden_layer_sizes": 16, "batch_size": 1000, "max_iter": 1}
    MultiTagClassifier("bce", **params).fit(X[:2000], y[:2000])
    before, largest = anonymous(), 0.0


    from skorch.callbacks import Callback

    class Watch(Callback):
        def on_batch_end(self, net, **kwargs):
            global largest
            largest = max(largest, anonymous())

    model = MultiTagClassifier("bce", callbacks=[Watch()], **params).fit(X, y)
    top = model.predict_top(X[:20_000], 3)
    print(max(largest, anonymous()) - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_of_a_fit_is_a_part_of_the_data(tmp_path):
    """X has 26 MB in half precision, y would have 300 MB if it were dense."""
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(MEMORY)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    assert float(result.stdout) < 150


# Validation rows


def test_given_validation_rows_are_scored(multilabel_data):
    X, y, _ = multilabel_data
    seen = []

    def scorer(estimator, X_valid, y_valid, sample_weight=None):
        seen.append((X_valid, y_valid, sample_weight))
        return 0.0

    params = {"early_stopping": True, "max_iter": 3}
    weight = np.arange(1.0, 101.0)
    model = small(scoring=scorer, **params)
    model.fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:], sample_weight_val=weight)
    X_valid, y_valid, sample_weight = seen[0]
    assert X_valid.base is X
    np.testing.assert_array_equal(y_valid, y[200:])
    np.testing.assert_array_equal(sample_weight, weight)
    # all rows are trained on
    alone = small(max_iter=3).fit(X[:200], y[:200])
    assert model.loss_curve_ == alone.loss_curve_


@pytest.mark.parametrize(
    "loss",
    [
        "sigmoid_f1",
        "adaptive_sigmoid_f1",
        SoftF1Loss(average="samples", negative_class=True),
        WeightedSumLoss(BinaryCrossEntropyLoss(), SoftF1Loss()),
        "two_way",
    ],
)
def test_validation_loss_is_that_of_all_rows_at_once(multilabel_data, loss):
    X, y, _ = multilabel_data
    model = small(loss, early_stopping=True, tol=None, max_iter=4, threshold=0.5)
    model.fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])
    model.net_.iterator_valid__batch_size = 7
    best = max(model.validation_scores_)
    with torch.no_grad():
        logits = model.net_.module_(as_tensor(X[200:], model))
        value = model.loss_.validation_loss(logits, as_tensor(y[200:], model))
    assert -value.item() == pytest.approx(best, rel=1e-5)


def test_validation_rows_need_early_stopping_and_targets(multilabel_data):
    X, y, _ = multilabel_data
    with pytest.raises(ValueError, match="but early_stopping is False"):
        small().fit(X, y, X_val=X, y_val=y)
    model = small(early_stopping=True)
    with pytest.raises(ValueError, match="X_val is provided, but y_val was not"):
        model.fit(X, y, X_val=X)
    with pytest.raises(ValueError, match="y_val is provided, but X_val was not"):
        model.fit(X, y, y_val=y)
    with pytest.raises(ValueError, match="X_val has 3 features, but X has 8"):
        model.fit(X, y, X_val=X[:, :3], y_val=y)
    with pytest.raises(
        ValueError, match=r"must have a column for each of the \d+ labels"
    ):
        model.fit(X, y, X_val=X, y_val=y[:, :3])
    with pytest.raises(ValueError, match="Got X_val 300, y_val 30"):
        model.fit(X, y, X_val=X, y_val=y[:30])
    frame = pd.DataFrame(X, columns=list("abcdefgh"))
    with pytest.raises(ValueError, match="The columns of X_val must be those of X"):
        model.fit(frame, y, X_val=frame[list("bacdefgh")], y_val=y)
    assert not hasattr(model, "net_")


def test_validation_rows_are_transformed_in_a_pipeline(multilabel_data):
    X, y, _ = multilabel_data
    X = 10 + 3 * X
    with sklearn.config_context(enable_metadata_routing=True):
        model = small(early_stopping=True).set_fit_request(X_val=True, y_val=True)
        steps = [("scale", StandardScaler()), ("model", model)]
        pipeline = Pipeline(steps, transform_input=["X_val"])
        pipeline.fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])
    scaler = StandardScaler().fit(X[:200])
    by_hand = small(early_stopping=True).fit(
        scaler.transform(X[:200]),
        y[:200],
        X_val=scaler.transform(X[200:]),
        y_val=y[200:],
    )
    assert pipeline[-1].validation_scores_ == by_hand.validation_scores_


# Batches in parts


@pytest.mark.parametrize("dropout, input_dropout", [(0.0, 0.0), (0.5, 0.5)])
@pytest.mark.parametrize(
    "loss", ["sigmoid_f1", "bce", FEW_DRAWS, SoftF1Loss("samples")]
)
def test_micro_batches_train_as_whole_batches(
    multilabel_data, loss, dropout, input_dropout
):
    X, y, _ = multilabel_data
    X = X.astype(np.float64)
    params = {"dropout": dropout, "input_dropout": input_dropout}
    params |= {"batch_size": 100, "max_iter": 4}
    weight = np.arange(300) % 4
    whole = small(loss, **params).fit(X, y, weight)
    for size in (100, 7):
        parts = small(loss, micro_batch_size=size, **params).fit(X, y, weight)
        np.testing.assert_allclose(parts.loss_curve_, whole.loss_curve_, rtol=1e-9)
        np.testing.assert_allclose(
            parts.decision_function(X), whole.decision_function(X), atol=1e-8
        )


def test_dropout_of_a_module_leaves_out_the_same_units_twice(multilabel_data):
    """Else the slopes would be those of other predictions."""
    X, y, _ = multilabel_data
    params = {"dropout": 0.5, "max_iter": 20, "batch_size": "full"}
    model = small("soft_f1", micro_batch_size=50, tol=None, **params)
    # a module of the user draws from the stream of torch
    own = torch.nn.Sequential(
        torch.nn.Linear(8, 16), torch.nn.Dropout(), torch.nn.Linear(16, 5)
    )
    torch.manual_seed(0)
    curve = model.set_params(module=own).fit(X, y).loss_curve_
    assert curve[-1] < curve[0]


def test_full_batch_is_one_step_an_epoch(multilabel_data):
    X, y, _ = multilabel_data
    full = small(batch_size="full").fit(X, y)
    large = small(batch_size=1000).fit(X, y)
    assert full.net_.history[:, "train_batch_count"] == [1] * 6
    np.testing.assert_array_equal(full.predict_proba(X), large.predict_proba(X))


# Precision


@pytest.mark.parametrize("loss", ["sigmoid_f1", "bce"])
def test_bfloat16_trains_nearly_the_same(multilabel_data, loss):
    X, y, _ = multilabel_data
    full = small(loss, max_iter=20).fit(X, y)
    half = small(loss, max_iter=20, precision="bfloat16").fit(X, y)
    assert half.predict_proba(X).dtype == np.float32
    parameters = list(half.net_.module_.parameters())
    assert all(parameter.dtype == torch.float32 for parameter in parameters)
    difference = np.abs(half.predict_proba(X) - full.predict_proba(X)).max()
    assert 0 < difference < 0.03


class Norm(torch.nn.BatchNorm1d):
    """Under a name that does not say so."""


@pytest.mark.parametrize("norm", [torch.nn.BatchNorm1d, Norm])
def test_batch_normalization_in_parts_raises(multilabel_data, norm):
    X, y, _ = multilabel_data
    module = torch.nn.Sequential(norm(8), torch.nn.Linear(8, 5))
    model = small(module=module, micro_batch_size=50)
    with pytest.raises(ValueError, match="The module has batch normalization"):
        model.fit(X, y)
    assert not hasattr(model, "classes_")


def test_bfloat16_of_double_precision(multilabel_data):
    X, y, _ = multilabel_data
    single = small(precision="bfloat16").fit(X, y)
    double = small(precision="bfloat16").fit(X.astype(np.float64), y)
    np.testing.assert_array_equal(double.predict_proba(X), single.predict_proba(X))


# The best labels


def test_predict_top_has_the_largest_scores(multilabel_data):
    X, y, _ = multilabel_data
    model = small("bce").fit(X, y)
    model.net_.iterator_valid__batch_size = 7
    proba = model.predict_proba(X)
    for k in (1, 3, 5):
        top = model.predict_top(X, k)
        assert isinstance(top, sparse.csr_array) and top.has_canonical_format
        assert top.dtype == proba.dtype and (np.diff(top.indptr) == k).all()
        kth = np.sort(proba, axis=1)[:, [-k]]
        np.testing.assert_array_equal(top.toarray(), np.where(proba >= kth, proba, 0))


def test_predict_top_puts_labels_without_positives_last(multilabel_data):
    X, y, _ = multilabel_data
    y = y * [1, 0, 1, 1, 1]
    top = small().fit(X, y).predict_top(X, 4)
    assert top[:, [1]].nnz == 0


def test_predict_top_with_wrong_arguments_raises(multilabel_data):
    X, y, _ = multilabel_data
    model = small().fit(X, y)
    for k in (0, 6, 1.5, True):
        with pytest.raises(ValueError, match="k must be an integer from 1 to 5"):
            model.predict_top(X, k)
    with pytest.raises(ValueError, match="needs several labels"):
        small().fit(X, y[:, 0]).predict_top(X, 1)
