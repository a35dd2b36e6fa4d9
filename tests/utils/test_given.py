"""What is passed in place of data by mistake: the message says what to pass."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset

from skmultitag import MultiTagClassifier, ThresholdedClassifierCV, metrics
from skmultitag.ensemble import MultilabelVotingClassifier
from skmultitag.hierarchy import HierarchicalClassifier
from skmultitag.kernel_ridge import (
    KernelRidgeClassifierCV,
    StackedKernelRidgeClassifierCV,
)
from skmultitag.losses import get_loss
from skmultitag.model_selection import (
    MultilabelStratifiedGroupKFold,
    MultilabelStratifiedKFold,
    multilabel_train_test_split,
)
from skmultitag.multioutput import BinaryRelevanceClassifier
from skmultitag.neighbors import MLkNNClassifier
from skmultitag.plotting import ThresholdCurveDisplay
from skmultitag.sampling import MLROS, MLSMOTE
from skmultitag.thresholds import FBetaThreshold
from skmultitag.utils._given import check_is_data, check_is_matrix, without_tensor

RNG = np.random.RandomState(0)
X = RNG.uniform(size=(20, 3))
Y = (X > RNG.uniform(size=X.shape)).astype(int)
TENSORS = TensorDataset(torch.tensor(X), torch.tensor(Y))


class Rows(Dataset):
    """Features alone, which numpy can read."""

    def __len__(self):
        return len(X)

    def __getitem__(self, number):
        return X[number]


class Stream(IterableDataset):
    def __iter__(self):
        return iter(zip(X, Y, strict=True))


class Table:
    """Stands for a data set of Hugging Face, which is no dependency of the tests."""

    __module__ = "datasets.arrow_dataset"
    column_names = ["text", "embedding"]

    def __len__(self):
        return len(X)


MISTAKES = [
    ("X.npy", r"X is the path 'X.npy'.*: numpy.load\(path, mmap_mode='r'\)."),
    (Path("data/X.NPZ"), r"the path '.*X.NPZ'.*: numpy.load\(path\)\['name of the"),
    (Path("data"), "the path 'data'. Load the file, and pass what is in it.$"),
    ("X.csv", r"pandas.read_csv\(path\)"),
    ("X.of_an_unknown_kind", "pass what is in it.$"),
    ("0.5,1\n2,3\n", r"the text '0.5,1\\n2.*pandas.read_csv\(io.StringIO\(text\)\)"),
    (None, "X is None. Pass an array, a table or a list of rows."),
    ("a few words.", "the text 'a few words.'. Pass an array, a table or a list"),
    (b"0.5", "the text '0.5'"),
    ({"X": X, "y": Y}, r"of type dict, with the entries \['X', 'y'\]. .* X\['X'\]"),
    ({}, r"the entries \[\]. Pass one of them, or"),
    (load_iris(), r"of type Bunch.*such as X\['data'\]"),
    ({"X": 1}.values(), r"of type dict_values.*such as list\(X\)"),
    ({"a", "b"}, r"of type set, which has no rows by number"),
    ((row for row in X), r"of type generator, .*such as list\(X\)"),
    (map(list, X), "of type map"),
    (DataLoader(TENSORS), r"of type DataLoader of torch.*torch.cat\("),
    (Stream(), r"of type Stream of torch.*torch.stack\("),
    (torch.tensor(X, device="meta"), "a tensor on the device 'meta', which has no"),
    (torch.tensor(X).to_sparse(), r"a sparse tensor.* of scipy, or X.to_dense\(\)."),
    (pl.DataFrame(X).lazy(), r"X is a lazy table: pass X.collect\(\)."),
    (Rows, "X is Rows, a function or class. Call it, and pass what it returns."),
    (pd.DataFrame(X).to_numpy, "X is DataFrame.to_numpy, a function"),
    (np.ndarray, "X is ndarray, a function or class"),
]


# rows that a pipeline can turn into features
MISTAKES_OF_FEATURES = [
    (TENSORS, r"of type TensorDataset of torch.*torch.stack\("),
    (Table(), r"of type Table of Hugging Face, with the columns \['text', 'embedding'"),
]


def name_of(value):
    return type(value).__name__


@pytest.mark.parametrize("value, message", MISTAKES, ids=name_of)
def test_message_says_what_to_pass(value, message):
    with pytest.raises(TypeError, match=message):
        check_is_data(value, "X")


@pytest.mark.parametrize("value, message", MISTAKES_OF_FEATURES, ids=name_of)
def test_message_of_data_sets_says_what_to_pass(value, message):
    check_is_data(value, "X")
    with pytest.raises(TypeError, match=message):
        check_is_matrix(value, "X")


@pytest.mark.parametrize(
    "value",
    [
        X,
        X.tolist(),
        list(X),
        tuple(map(tuple, X)),
        ["a text", "another.csv"],
        [Path("a.png"), Path("b.png")],
        range(3),
        pd.DataFrame(X),
        pd.Series(list(X)),
        pl.DataFrame(X),
        sparse.csr_array(X),
        sparse.dok_array(X),
        sparse.dok_matrix(X),
        torch.tensor(X, requires_grad=True),
        list(torch.tensor(X)),
        Rows(),
    ],
    ids=name_of,
)
def test_data_of_all_kinds_pass(value):
    check_is_matrix(value, "X")


@pytest.mark.parametrize("kind", [list, tuple])
@pytest.mark.parametrize("as_type", [np.array, torch.tensor, pd.DataFrame])
def test_lists_of_matrices_are_rows_but_no_matrix(kind, as_type):
    value = kind([as_type(X), as_type(Y[:5])])
    check_is_data(value, "X")  # images, say
    message = rf"X is a {kind.__name__} .* shapes \[\(20, 3\), \(5, 3\)\].*such as X\[0"
    with pytest.raises(TypeError, match=message):
        check_is_matrix(value, "X")


def test_message_of_an_open_file(tmp_path):
    np.savez(tmp_path / "data.npz", features=X)
    with (
        np.load(tmp_path / "data.npz") as file,
        pytest.raises(TypeError, match=r"of type NpzFile, .*such as X\['features'\]"),
    ):
        check_is_data(file, "X")
    with (
        open(tmp_path / "data.npz", "rb") as file,
        pytest.raises(TypeError, match=r"X is an open file.*such as numpy.load\(X\)"),
    ):
        check_is_data(file, "X")


def test_tensors_become_arrays():
    for dtype in (torch.float64, torch.float32, torch.float16, torch.int8):
        tensor = torch.tensor(X, dtype=dtype)
        array = without_tensor(tensor, "X")
        assert str(array.dtype) == str(dtype).removeprefix("torch.")
        np.testing.assert_array_equal(array, tensor)
    tensor = torch.tensor(X, dtype=torch.bfloat16, requires_grad=True)
    array = without_tensor(tensor, "X")
    assert array.dtype == np.float32
    np.testing.assert_array_equal(array, tensor.detach().float())
    with pytest.raises(TypeError, match="^X: can't convert Sparse"):
        without_tensor(torch.tensor(X).to_sparse(), "X")


# ---- all that takes data

RIDGE = KernelRidgeClassifierCV()
NET = MultiTagClassifier(hidden_layer_sizes=(), max_iter=1)
OTHERS = BinaryRelevanceClassifier(LogisticRegression())
CLASSIFIERS = [
    NET,
    RIDGE,
    StackedKernelRidgeClassifierCV(),
    MLkNNClassifier(),
    OTHERS,
    ThresholdedClassifierCV(RIDGE),
    ThresholdedClassifierCV(OTHERS, cv=2),
    MultilabelVotingClassifier([("ridge", RIDGE), ("neighbors", MLkNNClassifier())]),
    HierarchicalClassifier(OTHERS, []),
]
#: Classifiers that leave the features of new rows to another one.
LEAVE_ROWS = (
    ThresholdedClassifierCV,
    BinaryRelevanceClassifier,
    HierarchicalClassifier,
)
GIVEN = {
    "path": lambda: Path("X.npy"),
    "generator": lambda: iter(X),
    "dict": lambda: {"X": X, "y": Y},
    "loader": lambda: DataLoader(TENSORS),
    "function": lambda: X.copy,
    "meta": lambda: torch.tensor(X, device="meta"),
    "pair": lambda: (X, Y[:, :2]),
}
each_mistake = pytest.mark.parametrize("make", GIVEN.values(), ids=list(GIVEN))


@each_mistake
@pytest.mark.parametrize("model", CLASSIFIERS, ids=name_of)
def test_classifiers_refuse_mistakes_by_name(model, make):
    with pytest.raises(TypeError, match="^X is "):
        model.fit(make(), Y)
    with pytest.raises(TypeError, match="^y is "):
        model.fit(X, make())
    model.fit(X, Y)
    with pytest.raises(TypeError, match="^y is "):
        model.score(X, make())
    is_pair = isinstance(make(), tuple)
    if is_pair and isinstance(model, LEAVE_ROWS):
        return
    for name in ("predict", "decision_function", "predict_proba", "predict_tags"):
        if hasattr(model, name):
            with pytest.raises(TypeError, match="^X is "):
                getattr(model, name)(make())


@pytest.mark.parametrize("model", CLASSIFIERS[:4], ids=name_of)
def test_classifiers_that_read_features_refuse_data_sets(model):
    for given, _ in MISTAKES_OF_FEATURES:
        with pytest.raises(TypeError, match="^X is of type"):
            model.fit(given, Y)
        with pytest.raises(TypeError, match="^X is of type"):
            model.fit(X, Y).predict(given)


@pytest.mark.parametrize("model", CLASSIFIERS[:4] + CLASSIFIERS[5:7], ids=name_of)
def test_nothing_in_place_of_features_is_refused_by_name(model):
    with pytest.raises(TypeError, match="^X is None. Pass an array"):
        model.fit(None, Y)
    with pytest.raises(TypeError, match="^X is None. Pass an array"):
        model.fit(X, Y).predict(None)


def test_nothing_in_place_of_scores_and_targets_is_refused_by_name():
    with pytest.raises(TypeError, match="^scores is None"):
        FBetaThreshold().fit(None, Y)
    with pytest.raises(TypeError, match="^y_score is None"):
        metrics.ranking_loss(Y, None)
    with pytest.raises(TypeError, match="^y_true is None"):
        metrics.ranking_loss(None, X)
    with pytest.raises(TypeError, match=r"^arrays\[0\] is None"):
        multilabel_train_test_split(None, Y)


def test_a_pipeline_can_take_a_data_set():
    stack = FunctionTransformer(lambda rows: np.stack([row[0] for row in rows]))
    model = ThresholdedClassifierCV(make_pipeline(stack, OTHERS), cv=2)
    expected = ThresholdedClassifierCV(OTHERS, cv=2).fit(X, Y).predict(X)
    np.testing.assert_array_equal(model.fit(TENSORS, Y).predict(TENSORS), expected)


@each_mistake
@pytest.mark.parametrize("model", [NET, RIDGE], ids=name_of)
def test_weights_are_refused_by_name(model, make):
    with pytest.raises(TypeError, match="^sample_weight is "):
        model.fit(X, Y, sample_weight=make())


@each_mistake
def test_held_out_rows_are_refused_by_name(make):
    model = clone(NET).set_params(early_stopping=True)
    with pytest.raises(TypeError, match="^X_val is "):
        model.fit(X, Y, X_val=make(), y_val=Y)
    with pytest.raises(TypeError, match="^y_val is "):
        model.fit(X, Y, X_val=X, y_val=make())


@each_mistake
@pytest.mark.parametrize("sampler", [MLROS(), MLSMOTE()], ids=name_of)
def test_samplers_refuse_mistakes_by_name(sampler, make):
    with pytest.raises(TypeError, match="^X is "):
        sampler.fit_resample(make(), Y)
    with pytest.raises(TypeError, match="^y is "):
        sampler.fit_resample(X, make())


@each_mistake
def test_splitters_refuse_mistakes_by_name(make):
    with pytest.raises(TypeError, match="^y is "):
        list(MultilabelStratifiedKFold(2).split(X, make()))
    if not isinstance(make(), tuple):  # a list of images, say, can be split
        with pytest.raises(TypeError, match=r"^arrays\[0\] is "):
            multilabel_train_test_split(make(), Y)
    with pytest.raises(TypeError, match=r"^arrays\[1\] is "):
        multilabel_train_test_split(X, make())
    with pytest.raises(TypeError, match="^groups is "):
        list(MultilabelStratifiedGroupKFold(2).split(X, Y, make()))


@each_mistake
def test_onnx_refuses_mistakes_by_name(make):
    to_onnx = pytest.importorskip("skmultitag.onnx").to_onnx
    with pytest.raises(TypeError, match="^X is "):
        to_onnx(KernelRidgeClassifierCV().fit(X, Y), make())


@each_mistake
def test_thresholders_refuse_mistakes_by_name(make):
    thresholder = FBetaThreshold()
    with pytest.raises(TypeError, match="^scores is "):
        thresholder.fit(make(), Y)
    with pytest.raises(TypeError, match="^y is "):
        thresholder.fit(X, make())
    with pytest.raises(TypeError, match="^scores is "):
        thresholder.fit(X, Y).transform(make())


@each_mistake
@pytest.mark.parametrize("name", ["bce", "lsep", "sigmoid_f1_bce"])
def test_losses_refuse_mistakes_by_name(name, make):
    with pytest.raises(TypeError, match="^y_true is "):
        get_loss(name).fit(make())


@pytest.mark.parametrize("name", ["lsep", "distribution_balanced"])
def test_losses_learn_from_tensors_of_all_kinds(name):
    expected = vars(get_loss(name).fit(Y))
    tensor = torch.tensor(Y).float().requires_grad_()
    for targets in (tensor, tensor.bfloat16()):
        found = vars(get_loss(name).fit(targets))
        for key in expected:
            if key.endswith("_"):
                np.testing.assert_array_equal(found[key], expected[key])


@pytest.mark.parametrize("targets", [Y[:, 0], Y[:, 0].tolist(), 1.0, Y[:, :, None]])
def test_losses_need_a_column_for_each_label(targets):
    with pytest.raises(ValueError, match="^y_true must have two dimensions.*Got shape"):
        get_loss("bce").fit(targets)


def precision_at_1(y_true, y_score):
    return metrics.precision_at_k(y_true, y_score, k=1)


METRICS = {
    metrics.soft_f1_score: ("y_true", "y_proba"),
    metrics.sigmoid_f1_score: ("y_true", "y_score"),
    metrics.binary_cross_entropy_error: ("y_true", "y_proba"),
    metrics.ranking_loss: ("y_true", "y_score"),
    precision_at_1: ("y_true", "y_score"),
    metrics.label_report_from_predictions: ("y_true", "y_pred"),
    metrics.label_confusion_matrix: ("y_true", "y_pred"),
    metrics.expected_fbeta_of_rows: ("y_proba", "y_pred"),
    ThresholdCurveDisplay.from_predictions: ("y_true", "y_score"),
}


@pytest.mark.parametrize(
    "make",
    [
        lambda scores: torch.tensor(scores, requires_grad=True),
        lambda scores: torch.tensor(scores).bfloat16(),
        lambda scores: pd.Series(list(scores)),
        lambda scores: pl.Series(scores.tolist(), dtype=pl.Array(pl.Float64, 3)),
    ],
    ids=["with a gradient", "bfloat16", "column of pandas", "column of polars"],
)
def test_scores_of_all_kinds_are_taken(make):
    scores = np.round(X * 8) / 8  # exact in bfloat16
    thresholder = FBetaThreshold().fit(scores, Y)
    found = FBetaThreshold().fit(make(scores), Y)
    np.testing.assert_array_equal(found.threshold_, thresholder.threshold_)
    found = thresholder.transform(make(scores))
    np.testing.assert_array_equal(found, thresholder.transform(scores))
    metric = metrics.ranking_loss
    assert metric(Y, make(scores)) == metric(Y, scores)
    assert precision_at_1(Y, make(scores)) == precision_at_1(Y, scores)


@each_mistake
@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.__name__)
def test_metrics_refuse_mistakes_by_name(metric, make):
    usual = {"y_true": Y, "y_pred": Y, "y_proba": X, "y_score": X}
    names = METRICS[metric]
    for name in names:
        arguments = {other: usual[other] for other in names} | {name: make()}
        with pytest.raises(TypeError, match=rf"^{re.escape(name)} is "):
            metric(**arguments)
