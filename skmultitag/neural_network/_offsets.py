"""The classifier that a network starts from: its log-odds are added to the logits.

They travel with the features, as the last columns of `X`, so that batches, devices and
processes need not know of them.
"""

import numpy as np
from scipy import sparse
from sklearn.base import is_classifier

from skmultitag.calibration._log_odds import fit_log_odds, log_odds_of
from skmultitag.kernel_ridge import KernelRidgeClassifierCV
from skmultitag.neural_network._batches import RowDataset
from skmultitag.neural_network._sliced_rows import SlicedRows
from skmultitag.utils._messages import shorten
from skmultitag.utils._signature import accepts_argument
from skmultitag.utils._sklearn import safe_indexing
from skmultitag.utils._target_encoder import dense


def make_init(init, random_state):
    """A classifier for the parameter `init` of a `MultiTagClassifier`, not fitted."""
    if isinstance(init, str):
        seed = random_state.randint(2**31 - 1)
        return KernelRidgeClassifierCV(standardize="auto", random_state=seed)
    if not is_classifier(init):
        raise TypeError(
            "init must be 'kernel_ridge', a classifier or None. Got"
            f" {shorten(init)} instead."
        )
    return init


def fit_offsets(init, data, encoder):
    """Fit the classifier that a network starts from.

    The training rows get its scores as of rows that it did not see: a network would
    else learn to trust a score that knows the answer.

    Parameters
    ----------
    init : classifier
        A clone of it is fitted, on the training rows.

    data : RowDataset
        The training rows, and those that are held out.

    encoder : TargetEncoder
        That made the targets.

    Returns
    -------
    init, calibrator : classifier and PlattCalibrator
        Fitted, for `log_odds_of`.

    data : RowDataset
        The same rows, with log-odds.
    """
    weight, fit_params = data.weights(), {}
    if weight is not None:
        if not accepts_argument(init.fit, "sample_weight"):
            raise TypeError(f"init takes no sample_weight, but it is passed: {init}.")
        fit_params = {"sample_weight": weight}
    X = safe_indexing(_in_memory(data.X), data.rows)
    if X.shape[0] < 2:
        raise ValueError(
            "init needs two training rows with a sample_weight above 0, and"
            " early_stopping=True holds out one more. Got one training row."
        )
    init, calibrator, known = fit_log_odds(
        init,
        X,
        dense(data.targets()),
        encoder,
        fit_params,
        sample_weight=weight,
    )
    # a forest has none for rows that all trees had seen
    known = np.where(np.isnan(known), np.nanmean(known, axis=0), known)
    log_odds = np.empty((data.X.shape[0], known.shape[1]))
    log_odds[data.rows] = known
    held_out = data.held_out
    if data.has_drawn:
        others = safe_indexing(data.X, held_out.rows)
        log_odds[held_out.rows] = log_odds_of(init, calibrator, others)
    joined = RowDataset(with_log_odds(data.X, log_odds), data.y, data.sample_weight)
    if data.has_drawn:
        held_out = joined.subset(held_out.rows)
    elif held_out is not None:
        others = log_odds_of(init, calibrator, _in_memory(held_out.X))
        X = with_log_odds(held_out.X, others)
        held_out = RowDataset(X, held_out.y, held_out.sample_weight, held_out.rows)
    return init, calibrator, joined.subset(data.rows, held_out)


def with_log_odds(X, log_odds):
    """Features with log-odds as their last columns, in the precision of `X`."""
    X = _in_memory(X)
    # half precision is too coarse for log-odds
    dtype = np.float64 if X.dtype == np.float64 else np.float32
    if sparse.issparse(X):
        return sparse.hstack([X.astype(dtype), log_odds.astype(dtype)], format="csr")
    joined = np.empty((X.shape[0], X.shape[1] + log_odds.shape[1]), dtype)
    joined[:, : X.shape[1]], joined[:, X.shape[1] :] = X, log_odds
    return joined


def _in_memory(X):
    if isinstance(X, SlicedRows):
        raise ValueError(
            "init needs all rows of X in memory, but X can only be read in slices: pass"
            " numpy.asarray(X), or init=None."
        )
    return X
