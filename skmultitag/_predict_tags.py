import numpy as np
from scipy import sparse
from sklearn.utils.validation import check_is_fitted

from skmultitag.utils._fitted_labels import encoder_of
from skmultitag.utils._messages import shorten
from skmultitag.utils._scores import scored_tags
from skmultitag.utils._tags_table import table_class, tags_table
from skmultitag.utils._target_encoder import tags_of_rows


def predict_tags(estimator, X, *, label_names=None, return_scores=False, output="list"):
    """Predict the names of the labels of each row, with a pipeline or a search too.

    A pipeline has no method `predict_tags`, though the classifier at its end has.

    Read more in the :ref:`User Guide <forms_of_y>`.

    Parameters
    ----------
    estimator : classifier
        Fitted: a :class:`~skmultitag.MultiTagClassifier` or
        :class:`~skmultitag.ThresholdedClassifierCV`, also at the end of a pipeline,
        in a search or frozen. Or any multilabel classifier, with `label_names`.

    X : array-like of shape (n_samples, n_features)
        What its `predict` takes.

    label_names : array-like of shape (n_labels,), default=None
        Names of the columns that it predicts; None for those that it was fitted with.

    return_scores : bool, default=False
        Whether each name comes with its score.

    output : {"list", "pandas", "polars"}, default="list"
        A list, or a DataFrame of that package.

    Returns
    -------
    tags : list of n_samples tuples, or DataFrame
        Names in the order of the labels; an empty tuple where no label is predicted.
        One class a row for a target of one dimension. With scores pairs of name and
        score, the largest score first: of `predict_proba`, or of `decision_function`
        for a classifier without it. A DataFrame has a line for each tag, with the
        columns "row", "tag" and "score", if asked for. Its rows are numbers, or for
        pandas the index of an `X` of pandas. Rows without tags are not in it.

    Raises
    ------
    TypeError
        If the classifier does not know the names of its labels, and none are given; or
        has no scores.

    ValueError
        If there are more or fewer `label_names` than labels, scores are asked for and
        the target has one dimension, or there is no such `output`.

    ImportError
        If `output` needs a package that is not installed.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> import skmultitag
    >>> X, tags = [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [["a"], ["b"], ["a", "b"]]
    >>> classifier = skmultitag.MultiTagClassifier(random_state=0)
    >>> model = make_pipeline(StandardScaler(), classifier).fit(X, tags)
    >>> len(skmultitag.predict_tags(model, X))
    3
    >>> (name, score), *others = skmultitag.predict_tags(
    ...     model, [[1.0, 0.0]], return_scores=True
    ... )[0]
    >>> name, 0.5 < score < 1
    ('b', True)
    >>> skmultitag.predict_tags(model, X, return_scores=True, output="pandas").columns
    Index(['row', 'tag', 'score'], dtype=...)
    """
    table = table_class(output)
    check_is_fitted(estimator)
    encoder = encoder_of(estimator)
    if label_names is None and encoder is None:
        raise TypeError(
            f"{type(estimator).__name__} does not know the names of its labels: pass"
            " label_names."
        )
    y = estimator.predict(X)
    if label_names is None:
        if not return_scores:
            return tags_table(encoder.tags(y), X, table, return_scores)
        label_names = encoder.label_names_
    y = y if sparse.issparse(y) else np.asarray(y)
    if y.ndim == 1 and return_scores:
        raise ValueError("return_scores=True needs a y of several labels a row.")
    if y.ndim != 2 or len(label_names) != y.shape[1]:
        raise ValueError(
            f"label_names must have a name for each label. Got {len(label_names)} for"
            f" predictions of shape {y.shape}: {shorten(label_names)}."
        )
    if return_scores:
        tags = scored_tags(estimator, X, y, label_names)
    else:
        tags = tags_of_rows(y, label_names)
    return tags_table(tags, X, table, return_scores)
