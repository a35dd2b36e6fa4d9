import copy

from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted


def for_inference(estimator):
    """Make a smaller copy of a fitted estimator that can only predict.

    The copy lacks the state of the optimizer and the history of the epochs, which only
    further training needs. So a saved model has about a third of the bytes, and loading
    it does not import torch's optimizers. Predictions are the same to the last bit.

    Read more in the :ref:`User Guide <save_load>`.

    Parameters
    ----------
    estimator : estimator
        A fitted :class:`~skmultitag.MultiTagClassifier`, or a fitted pipeline, search
        or other estimator that contains such classifiers.

    Returns
    -------
    copied : estimator
        The copy, without callbacks and with `warm_start=False`. Its `fit` starts anew,
        and its `partial_fit` raises a `ValueError`.

    Examples
    --------
    >>> import pickle
    >>> from skmultitag import MultiTagClassifier, for_inference
    >>> from skmultitag.datasets import make_multitag_classification
    >>> X, y = make_multitag_classification(n_samples=100, random_state=0)
    >>> model = MultiTagClassifier(random_state=0).fit(X, y)
    >>> small = for_inference(model)
    >>> len(pickle.dumps(small)) < 0.5 * len(pickle.dumps(model))
    True
    >>> bool((small.predict(X) == model.predict(X)).all())
    True
    """
    check_is_fitted(estimator)
    copied = copy.deepcopy(estimator)
    _forget_training(copied)
    return copied


def _forget_training(value):
    """Let all estimators in `value` that remember their training forget it."""
    if hasattr(value, "_forget_training"):
        value._forget_training()
    if isinstance(value, (list, tuple)):
        for each in value:
            _forget_training(each)
    elif isinstance(value, dict):
        _forget_training(list(value.values()))
    elif isinstance(value, BaseEstimator):
        _forget_training(list(vars(value).values()))
