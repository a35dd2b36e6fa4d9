"""What holds for all samplers, in place of the checks of imbalanced-learn.

Those demand that a sampler refuses a multilabel target.
"""

import pickle

import numpy as np
import pandas as pd
import pytest
import sklearn
from imblearn.base import is_sampler
from imblearn.pipeline import Pipeline, make_pipeline
from scipy import sparse
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import StandardScaler

from skmultitag import MultiTagClassifier, ThresholdedClassifierCV
from skmultitag.sampling import MLROS, MLRUS, MLSMOTE, MLTL, REMEDIAL
from skmultitag.thresholds import FBetaThreshold
from tests.sampling.common import SAMPLERS, TAGS, as_array, as_tags, make_data

# row samplers do not look at the features
ROW_SAMPLERS = [MLROS(random_state=0), MLRUS(random_state=0), REMEDIAL()]
of_all_samplers = pytest.mark.parametrize("sampler", SAMPLERS, ids=str)
of_row_samplers = pytest.mark.parametrize("sampler", ROW_SAMPLERS, ids=str)


@pytest.fixture
def data():
    return make_data()


def resample(sampler, X, y):
    return clone(sampler).fit_resample(X, y)


@of_all_samplers
def test_there_is_something_to_do(sampler, data):
    X, y = data
    X_resampled, y_resampled = resample(sampler, X, y)
    assert len(X_resampled) == len(y_resampled) != len(X)
    assert X_resampled.dtype == X.dtype and y_resampled.dtype == y.dtype
    assert X_resampled.shape[1] == X.shape[1] and y_resampled.shape[1] == y.shape[1]


FEATURES = {
    "float32": lambda X: X.astype(np.float32),
    "float16": lambda X: X.astype(np.float16),
    "int": lambda X: np.rint(100 * X).astype(np.int16),
    "Fortran": np.asfortranarray,
    "list": np.ndarray.tolist,
    "csr_array": sparse.csr_array,
    "csr_matrix": sparse.csr_matrix,
    "csc_array": sparse.csc_array,
    "coo_matrix": sparse.coo_matrix,
    "lil_array": sparse.lil_array,
    "float32 csr_array": lambda X: sparse.csr_array(X.astype(np.float32)),
}


@of_all_samplers
@pytest.mark.parametrize("form", FEATURES)
def test_features_keep_their_container(sampler, form, data):
    X, y = data
    X = FEATURES[form](X)
    X_resampled, y_resampled = resample(sampler, X, y)
    assert type(X_resampled) is type(X)
    if form != "list":
        assert X_resampled.dtype == X.dtype
    as_floats = as_array(X).astype(np.float64)
    X_expected, y_expected = resample(sampler, as_floats, y)
    np.testing.assert_array_equal(y_resampled, y_expected)
    # what the type can tell apart in numbers of this size
    precision = {"float16": 2e-3, "float32": 1e-6, "int16": 0.5, "float64": 1e-12}
    atol = precision[np.asarray(as_array(X)).dtype.name]
    np.testing.assert_allclose(as_array(X_resampled), X_expected, rtol=0, atol=atol)


TARGETS = {
    "bool": lambda y: y.astype(bool),
    "uint8": lambda y: y.astype(np.uint8),
    "float": lambda y: y.astype(np.float64),
    "list": np.ndarray.tolist,
    "csr_array": sparse.csr_array,
    "csr_matrix": sparse.csr_matrix,
    "csc_matrix": sparse.csc_matrix,
    "coo_array": sparse.coo_array,
    "lil_matrix": sparse.lil_matrix,
    "float32 csr_array": lambda y: sparse.csr_array(y.astype(np.float32)),
}


@of_all_samplers
@pytest.mark.parametrize("form", TARGETS)
def test_targets_keep_their_container(sampler, form, data):
    X, y = data
    X_expected, y_expected = resample(sampler, X, y)
    y = TARGETS[form](y)
    X_resampled, y_resampled = resample(sampler, X, y)
    assert type(y_resampled) is type(y)
    if form != "list":
        assert y_resampled.dtype == y.dtype
    np.testing.assert_array_equal(X_resampled, X_expected)
    np.testing.assert_array_equal(as_array(y_resampled), y_expected)


@of_all_samplers
@pytest.mark.parametrize("make", [list, tuple, set, frozenset])
def test_tags_come_back_as_tags(sampler, make, data):
    X, y = data
    X_expected, y_expected = resample(sampler, X, y)
    # the columns of tags are sorted, and ranks of labels enter the random numbers
    names = np.array(["a", "b", "c", "d", "e"], dtype=object)
    X_resampled, y_resampled = resample(sampler, X, as_tags(y, make, names))
    assert type(y_resampled) is list
    assert y_resampled == as_tags(y_expected, make, names)
    np.testing.assert_array_equal(X_resampled, X_expected)


@of_all_samplers
@pytest.mark.parametrize("container", [tuple, pd.Series, "array"])
def test_containers_of_tags_are_kept(sampler, container, data):
    X, y = data
    tags = as_tags(y)
    expected = resample(sampler, X, tags)[1]
    if container == "array":
        y = np.empty(len(tags), dtype=object)
        y[:] = tags
    else:
        y = container(tags)
    y_resampled = resample(sampler, X, y)[1]
    assert type(y_resampled) is type(y)
    assert list(y_resampled) == expected


@of_all_samplers
def test_frames_keep_columns_and_dtypes(sampler, data):
    X, y = data
    X_expected, y_expected = resample(sampler, X, y)
    X = pd.DataFrame(X, columns=list("pqrs"), index=np.arange(1000, 1120))
    X = X.astype({"q": np.float32})
    y = pd.DataFrame(y, columns=TAGS, index=X.index)
    y = y.astype({"common": bool, "some": np.uint8, "rare": np.float64})
    X_resampled, y_resampled = resample(sampler, X, y)
    assert type(X_resampled) is type(y_resampled) is pd.DataFrame
    pd.testing.assert_series_equal(X_resampled.dtypes, X.dtypes)
    pd.testing.assert_series_equal(y_resampled.dtypes, y.dtypes)
    pd.testing.assert_index_equal(X_resampled.index, y_resampled.index)
    np.testing.assert_allclose(X_resampled, X_expected, rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(y_resampled.astype(int), y_expected)


def test_index_is_kept_where_rows_are_left_out(data):
    X, y = data
    X = pd.DataFrame(X, index=[f"row {number}" for number in range(len(X))])
    for sampler in (MLRUS(random_state=0), MLTL()):
        X_resampled, _ = sampler.fit_resample(X, y)
        assert X_resampled.index.equals(X.index[sampler.sample_indices_])
    for sampler in (MLROS(), MLSMOTE(), REMEDIAL()):
        X_resampled, _ = sampler.fit_resample(X, y)
        assert X_resampled.index.equals(pd.RangeIndex(len(X_resampled)))
    # the numbers of the rows do not fall where the last one is copied
    X, y = X[:4], [["a"], ["a"], ["a"], ["a", "b"]]
    for sampler in (MLROS(), REMEDIAL()):
        X_resampled, _ = sampler.fit_resample(X, y)
        assert sampler.sample_indices_.tolist() == [0, 1, 2, 3, 3]
        assert X_resampled.index.equals(pd.RangeIndex(5))


@of_all_samplers
def test_polars(sampler, data):
    polars = pytest.importorskip("polars")
    X, y = data
    frames = polars.DataFrame(X), polars.DataFrame(y, schema=TAGS.tolist())
    if isinstance(sampler, (MLSMOTE, REMEDIAL)):
        with pytest.raises(TypeError, match="of pandas. Got a DataFrame of polars"):
            resample(sampler, *frames)
        return
    expected = resample(sampler, X, y)
    for found, array, frame in zip(
        resample(sampler, *frames), expected, frames, strict=True
    ):
        assert found.schema == frame.schema
        np.testing.assert_array_equal(found, array)


@of_row_samplers
def test_features_of_any_kind_are_copied(sampler, data):
    y = data[1]
    numbers = np.arange(120.0)
    numbers[::7] = np.nan
    X = pd.DataFrame(
        {
            "number": numbers,
            "text": [f"text {number}" for number in range(120)],
            "kind": pd.Categorical(["x", "y"] * 60),
            "time": pd.date_range("2020-01-01", periods=120),
        }
    )
    X_resampled, _ = sampler.fit_resample(X, y)
    expected = X.iloc[sampler.sample_indices_].reset_index(drop=True)
    pd.testing.assert_frame_equal(X_resampled.reset_index(drop=True), expected)


def test_integer_columns_of_new_rows_are_rounded(data):
    X, y = data
    frame = pd.DataFrame(X, columns=list("pqrs"))
    frame["s"] = np.arange(120)
    frame["t"] = np.arange(120) % 2 == 0
    floats = resample(MLSMOTE(random_state=0), frame.astype(np.float64), y)[0]
    X_resampled, _ = resample(MLSMOTE(random_state=0), frame, y)
    assert X_resampled.dtypes.equals(frame.dtypes)
    np.testing.assert_array_equal(X_resampled["s"], np.rint(floats["s"]))
    np.testing.assert_array_equal(X_resampled["t"], np.rint(floats["t"]) == 1)
    np.testing.assert_allclose(X_resampled["p"], floats["p"])


@of_all_samplers
def test_sample_indices_are_the_rows(sampler, data):
    X, y = data
    sampler = clone(sampler)
    X_resampled, y_resampled = sampler.fit_resample(X, y)
    if isinstance(sampler, MLSMOTE):
        assert not hasattr(sampler, "sample_indices_")
        np.testing.assert_array_equal(X_resampled[: len(X)], X)
        np.testing.assert_array_equal(y_resampled[: len(X)], y)
        return
    np.testing.assert_array_equal(X_resampled, X[sampler.sample_indices_])
    if not isinstance(sampler, REMEDIAL):
        np.testing.assert_array_equal(y_resampled, y[sampler.sample_indices_])


@of_all_samplers
def test_random_state_decides_and_no_stream_is_moved(sampler, data):
    X, y = data
    before = np.random.get_state()[1].copy()
    first, second = resample(sampler, X, y), resample(sampler, X, y)
    np.testing.assert_array_equal(first[0], second[0])
    if "random_state" in sampler.get_params():
        stream = np.random.RandomState(0)
        sampler = clone(sampler).set_params(random_state=stream)
        given = sampler.fit_resample(X, y)
        np.testing.assert_array_equal(given[0], first[0])
        # the stream goes on
        assert not np.array_equal(sampler.fit_resample(X, y)[0], first[0])
        sampler.set_params(random_state=None)
        free = sampler.fit_resample(X, y)[0], sampler.fit_resample(X, y)[0]
        assert not np.array_equal(*free)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


@of_all_samplers
def test_input_is_not_changed(sampler, data):
    X, y = data
    X_copy, y_copy = X.copy(), y.copy()
    X.flags.writeable = y.flags.writeable = False
    resample(sampler, X, y)
    np.testing.assert_array_equal(X, X_copy)
    np.testing.assert_array_equal(y, y_copy)


@of_all_samplers
def test_stored_zeros_and_repetitions_are_no_labels(sampler, data):
    X, y = data
    rows, columns = np.indices(y.shape).reshape(2, -1)
    stored = sparse.csr_array((y.ravel().astype(np.uint8), (rows, columns)))
    assert stored.nnz == y.size
    unsorted = sparse.csr_array(
        (stored.data[::-1], y.shape[1] - 1 - stored.indices, stored.indptr),
        shape=y.shape,
    )
    # the entries of each row in reverse, their columns too
    unsorted.data = np.fliplr(y).ravel().astype(np.uint8)
    unsorted.has_sorted_indices = False
    expected = resample(sampler, X, y)
    for given in (stored, unsorted):
        X_resampled, y_resampled = resample(sampler, X, given)
        np.testing.assert_array_equal(X_resampled, expected[0])
        np.testing.assert_array_equal(y_resampled.toarray(), expected[1])
        assert given.nnz == y.size
        np.testing.assert_array_equal(given.toarray(), y)


@of_all_samplers
def test_clone_and_pickle(sampler, data):
    X, y = data
    expected = resample(sampler, X, y)
    fitted = clone(sampler)
    fitted.fit_resample(X, y)
    for copy in (clone(fitted), pickle.loads(pickle.dumps(fitted))):
        assert copy.get_params().keys() == sampler.get_params().keys()
        assert str(copy) == str(sampler)
        np.testing.assert_array_equal(copy.fit_resample(X, y)[0], expected[0])
    loaded = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(loaded.minority_labels_, fitted.minority_labels_)


@of_all_samplers
def test_fit_only_checks(sampler, data):
    X, y = data
    X = pd.DataFrame(X, columns=list("pqrs"))
    sampler = clone(sampler)
    assert sampler.fit(X, y) is sampler
    assert sampler.n_features_in_ == 4
    assert sampler.feature_names_in_.tolist() == list("pqrs")
    assert sampler.minority_labels_.tolist() == [3, 4]
    assert not hasattr(sampler, "sample_indices_")
    with pytest.raises(ValueError, match="multilabel target"):
        sampler.fit(X, y[:, 0])


@of_all_samplers
def test_named_minority_labels(sampler, data):
    X, y = data
    by_number = clone(sampler).set_params(sampling_strategy=[4, 3])
    expected = resample(by_number, X, y)[0]
    for named in (["rare", "rarest"], ("rarest", "rare"), TAGS[3:], pd.Index(TAGS[3:])):
        by_name = clone(sampler).set_params(sampling_strategy=named)
        found = by_name.fit_resample(X, pd.DataFrame(y, columns=TAGS))[0]
        assert by_name.minority_labels_.tolist() == ["rare", "rarest"]
        np.testing.assert_array_equal(found, expected)


@of_all_samplers
@pytest.mark.parametrize("strategy", ["auto", [], [5]])
def test_without_minority_labels_nothing_happens(sampler, strategy, data):
    X, y = data
    if strategy == "auto":
        y = y[:, [0, 0, 0]]  # equally frequent
    else:
        y = np.column_stack([y, np.zeros(120, dtype=int)])  # label 5 has no rows
    sampler = clone(sampler).set_params(sampling_strategy=strategy)
    X_resampled, y_resampled = sampler.fit_resample(X, y)
    np.testing.assert_array_equal(X_resampled, X)
    np.testing.assert_array_equal(y_resampled, y)
    assert len(sampler.minority_labels_) == 0
    assert not np.shares_memory(X_resampled, X)
    index = np.arange(1000, 1120)
    frames = pd.DataFrame(X, index=index), pd.DataFrame(y, index=index)
    for found, frame in zip(sampler.fit_resample(*frames), frames, strict=True):
        pd.testing.assert_frame_equal(found, frame)


@of_all_samplers
def test_labels_on_all_rows_and_on_none(sampler, data):
    X, y = data
    y = np.column_stack([np.ones(120, dtype=int), y, np.zeros(120, dtype=int)])
    sampler = clone(sampler)
    _, y_resampled = sampler.fit_resample(X, y)
    assert not y_resampled[:, -1].any()
    assert 6 not in sampler.minority_labels_ and 0 not in sampler.minority_labels_


@of_all_samplers
def test_one_row_of_a_minority_label(sampler):
    X = np.arange(8.0)[:, None]
    y = np.column_stack([np.ones(8, dtype=int), np.eye(8, dtype=int)[5]])
    X_resampled, y_resampled = resample(sampler, X, y)
    assert y_resampled[:, 1].any()
    if isinstance(sampler, MLSMOTE):  # it has no neighbours of the label
        assert len(X_resampled) == 8


@of_all_samplers
def test_is_a_sampler_with_tags(sampler):
    assert is_sampler(sampler)
    tags = sklearn.utils.get_tags(sampler)
    assert tags.estimator_type == "sampler"
    assert tags.target_tags.required and tags.target_tags.multi_output
    assert tags.input_tags.sparse
    assert tags.input_tags.allow_nan == (not sampler._reads_features)


ONE_DIMENSION = [
    np.arange(120) % 2,
    np.arange(120) % 3,
    np.zeros(120),
    np.linspace(0, 1, 120),
    ["a", "b"] * 60,
    pd.Series(["a", "b"] * 60),
    (np.arange(120) % 2)[:, None],
]


@of_all_samplers
@pytest.mark.parametrize("y", ONE_DIMENSION, ids=range(len(ONE_DIMENSION)))
def test_one_dimension_is_for_imbalanced_learn(sampler, y, data):
    with pytest.raises(
        ValueError, match=r"Got a y of shape \(120,.* Use a sampler of imbalanced-learn"
    ):
        sampler.fit_resample(data[0], y)


@of_all_samplers
def test_a_single_label_is_possible(sampler, data):
    X, y = data
    for single in (sparse.csr_array(y[:, :1]), pd.DataFrame(y[:, :1]), [["a"]] * 120):
        _, y_resampled = resample(sampler, X, single)
        np.testing.assert_array_equal(as_array(y_resampled), as_array(single))


@of_all_samplers
def test_bad_data_raise(sampler, data):
    X, y = data
    for method in (sampler.fit, sampler.fit_resample):
        with pytest.raises(ValueError, match="Got X 119, y 120"):
            method(X[:-1], y)
        with pytest.raises(ValueError, match="must hold 0 and 1 only, got 2"):
            method(X, 2 * y)
        with pytest.raises(ValueError, match="y has no labels"):
            method(X, np.zeros_like(y))
        with pytest.raises(ValueError, match="requires y to be passed"):
            method(X, None)
        with pytest.raises(ValueError, match="Expected 2D array, got 1D array"):
            method(X[:, 0], y)
        with pytest.raises(ValueError, match="y has no labels"):
            method(X, [[]] * 120)
    with pytest.raises(TypeError, match="unexpected keyword argument 'sample_weight'"):
        sampler.fit_resample(X, y, sample_weight=np.ones(120))


@of_all_samplers
def test_features_that_are_read_must_be_numbers(sampler, data):
    X, y = data
    X[3, 2] = np.nan
    if sampler._reads_features:
        with pytest.raises(ValueError, match="contains NaN"):
            sampler.fit_resample(X, y)
    else:
        assert np.isnan(resample(sampler, X, y)[0]).any()


@of_all_samplers
def test_bad_parameters_raise(sampler, data):
    X, y = data
    name = type(sampler).__name__
    for wrong in ("all", 0.5, None):
        with pytest.raises(
            ValueError, match=f"The 'sampling_strategy' parameter of {name} must be"
        ):
            clone(sampler).set_params(sampling_strategy=wrong).fit_resample(X, y)
    unknown = clone(sampler).set_params(sampling_strategy=["rare", "none"])
    with pytest.raises(
        ValueError,
        match=r"must have names of labels of y. Got \['none'\], but the labels are"
        r" \['common', 'often', 'some', 'rare', 'rarest'\]",
    ):
        unknown.fit_resample(X, pd.DataFrame(y, columns=TAGS))


def test_message_about_many_labels_is_short(data):
    """Of 100,000 labels, and of as many unknown ones, the first are shown."""
    X, y = data
    y = sparse.hstack([sparse.csr_array((len(y), 99_995), dtype=y.dtype), y])
    sampler = MLROS(sampling_strategy=[f"tag {i}" for i in range(100_000)])
    match = r"names of labels of y. Got \['tag 0', .* but the labels are \[0, 1, "
    with pytest.raises(ValueError, match=match) as caught:
        sampler.fit_resample(X, y.tocsr())
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    "sampler",
    [
        MLROS(fraction=-0.1),
        MLROS(random_state="seed"),
        MLRUS(fraction=1.1),
        MLRUS(random_state=-1),
        MLSMOTE(k_neighbors=0),
        MLSMOTE(k_neighbors=2.5),
        MLSMOTE(label_rule="majority"),
        MLTL(threshold=1.0),
        MLTL(threshold="best"),
        MLTL(mutual="yes"),
        MLTL(n_jobs=1.5),
    ],
    ids=str,
)
def test_parameters_of_one_sampler_are_checked(sampler, data):
    match = rf"The '\w+' parameter of {type(sampler).__name__} must be"
    with pytest.raises(ValueError, match=match):
        sampler.fit(*data)


def make_classifier(**params):
    return MultiTagClassifier(
        hidden_layer_sizes=8, max_iter=2, random_state=0, **params
    )


@of_all_samplers
@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array, as_tags])
def test_pipeline_is_the_same_as_by_hand(sampler, form, data):
    X, y = data
    y = form(y)
    pipeline = make_pipeline(StandardScaler(), sampler, make_classifier())
    proba = pipeline.fit(X, y).predict_proba(X)
    scaled = StandardScaler().fit_transform(X)
    by_hand = make_classifier().fit(*resample(sampler, scaled, y))
    np.testing.assert_array_equal(proba, by_hand.predict_proba(scaled))
    assert proba.shape == (120, 5)


def test_search_over_samplers_and_losses(data):
    X, y = data
    pipeline = Pipeline(
        [
            ("scaler", StandardScaler()),
            ("sampler", MLROS(random_state=0)),
            ("classifier", make_classifier(loss="sigmoid_f1")),
        ]
    )
    grid = [
        {"sampler__fraction": [0.1, 0.5], "classifier__loss__beta": [1.0, 2.0]},
        {
            "sampler": ["passthrough", MLSMOTE(random_state=0), MLTL(), REMEDIAL()],
            "classifier__loss": ["bce", "soft_f1"],
        },
    ]
    search = GridSearchCV(pipeline, grid, cv=2, scoring="f1_micro").fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert len(search.cv_results_["params"]) == 12
    assert search.predict(X).shape == (120, 5)


def test_thresholds_are_tuned_on_rows_as_they_are(data):
    X, y = data
    pipeline = make_pipeline(MLSMOTE(random_state=0), make_classifier())
    model = ThresholdedClassifierCV(pipeline, FBetaThreshold(), cv=2).fit(X, y)
    assert model.threshold_.shape == (5,)
    assert len(model.predict(X)) == 120


@of_all_samplers
def test_pipeline_with_metadata_routing(sampler, data):
    X, y = data
    with sklearn.config_context(enable_metadata_routing=True):
        pipeline = make_pipeline(sampler, make_classifier()).fit(X, y)
        assert pipeline.predict(X).shape == y.shape
        X_resampled, _ = make_pipeline(StandardScaler(), sampler).fit_resample(X, y)
    assert len(X_resampled) != 120
