import numpy as np
from scipy import sparse
from sklearn.utils.validation import check_is_fitted

from skmultitag.utils._fitted_labels import encoder_of
from skmultitag.utils._messages import shorten
from skmultitag.utils._scores import scored_tags
from skmultitag.utils._tags_table import table_class, tags_table
from skmultitag.utils._target_encoder import tags_of_rows


def predict_tags(estimator, X, *, label_names=None, return_scores=False, output="list"):
    """Predict the names of the labels of each row.

    Use this function for a pipeline or a search: these have no method `predict_tags`,
    even if the classifier inside has it.

    Read more in the :ref:`User Guide <forms_of_y>`.

    Parameters
    ----------
    estimator : classifier
        A fitted classifier of this package, also at the end of a pipeline, in a search
        or frozen. With `label_names`, any fitted multilabel classifier.

    X : array-like of shape (n_samples, n_features)
        Features in any form that `predict` of the estimator takes.

    label_names : array-like of shape (n_labels,), default=None
        Names of the predicted columns. None takes the names that the classifier was
        fitted with.

    return_scores : bool, default=False
        Whether each name comes with its score.

    output : {"list", "pandas", "polars"}, default="list"
        Whether to return a list, or a DataFrame of pandas or polars.

    Returns
    -------
    tags : list of n_samples tuples, or DataFrame
        Names of the predicted labels of each row, in the order of the labels. The tuple
        is empty if no label is predicted. If the target had one dimension, the class of
        each row. With `return_scores`, pairs of name and score, the largest score
        first. Scores are those of `predict_proba`, or of `decision_function` if the
        classifier has no `predict_proba`.

        A DataFrame has a line for each tag, with the columns "row" and "tag", and
        "score" with `return_scores`. "row" is the number of the row in `X`; if `X` and
        the result are of pandas, it is the index of `X`. Rows without tags have no
        line.

    Raises
    ------
    TypeError
        If the classifier does not know the names of its labels and `label_names` is
        None, or if it has no scores.

    ValueError
        If there are more or fewer `label_names` than labels, if `return_scores` is True
        and the target had one dimension, or if `output` has another value.

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
        raise ValueError("return_scores=True needs several labels for each row.")
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
