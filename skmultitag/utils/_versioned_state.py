"""The version of this package in the states of its estimators."""

import warnings

from sklearn.exceptions import InconsistentVersionWarning

import skmultitag


class VersionedStateMixin:
    """Mixin for estimators that are saved: another version warns when it loads one.

    scikit-learn does so for its own estimators only.
    """

    def __getstate__(self):
        state = super().__getstate__()
        return {**state, "_skmultitag_version": skmultitag.__version__}

    def __setstate__(self, state):
        state = dict(state)
        version = state.pop("_skmultitag_version", "before 0.1")
        if version != skmultitag.__version__:
            warnings.warn(
                InconsistentVersionWarning(
                    estimator_name=f"{type(self).__name__} of skmultitag",
                    current_sklearn_version=skmultitag.__version__,
                    original_sklearn_version=version,
                ),
                stacklevel=2,
            )
        super().__setstate__(state)
