"""Calibrated log-odds of any classifier, also of its training rows, out of sample."""

from skmultitag.calibration import PlattCalibrator
from skmultitag.model_selection._out_of_sample import fit_out_of_sample, mean_by_row
from skmultitag.utils._annotation import with_nan
from skmultitag.utils._scores import label_scores

# Of slopes of rare labels, which would fall: of debtags with 300 and 1,000 rows, and up
# to 120 labels with a positive or more, the mean area under the ROC curve of a vote was
# .83 to .88 for this, .61 to .84 without, and log loss was the least
SHRINKAGE = 30


def fit_log_odds(
    estimator, X, indicator, encoder, fit_params, *, sample_weight=None, **out_of_sample
):
    """Fit a classifier, and Platt curves on scores of rows that it did not see.

    Parameters
    ----------
    estimator : classifier
        A clone of it is fitted.

    X : array-like
        All rows.

    indicator : ndarray of shape (n_samples, n_labels)

    encoder : TargetEncoder
        That made `indicator`.

    fit_params : dict
        Of the classifier's `fit`, for all rows.

    sample_weight : ndarray of shape (n_samples,) or None, default=None
        For the curves.

    **out_of_sample : dict
        Of `fit_out_of_sample`.

    Returns
    -------
    estimator : classifier
        Fitted on all rows.

    calibrator : PlattCalibrator

    log_odds : ndarray of float64 of shape (n_samples, n_labels)
        Of the training rows, by models that did not see them, NaN in rows without: the
        mean where folds leave a row out more than once.
    """
    y = encoder.as_target(indicator)
    fitted = fit_out_of_sample(estimator, X, y, encoder, fit_params, **out_of_sample)
    rows = fitted.rows
    weight = None if sample_weight is None else sample_weight[rows]
    calibrator = PlattCalibrator(shrinkage=SHRINKAGE).fit(
        fitted.scores, with_nan(indicator[rows]), weight
    )
    log_odds = mean_by_row(rows, calibrator.log_odds(fitted.scores), len(indicator))
    return fitted.estimator, calibrator, log_odds


def log_odds_of(estimator, calibrator, X):
    """Log-odds of any rows, of what `fit_log_odds` returned."""
    n_labels = calibrator.n_features_in_
    return calibrator.log_odds(label_scores(estimator, X, n_labels))
