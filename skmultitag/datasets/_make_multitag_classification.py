from numbers import Integral, Real

import numpy as np
from scipy.special import expit, ndtr
from sklearn.utils import check_random_state

from skmultitag.utils._sklearn import Interval, validate_params


@validate_params(
    {
        "n_samples": [Interval(Integral, 1, None, closed="left")],
        "n_features": [Interval(Integral, 1, None, closed="left")],
        "n_labels": [Interval(Integral, 1, None, closed="left")],
        "cardinality": [Interval(Real, 0, None, closed="neither")],
        "imbalance": [Interval(Real, 1, None, closed="left")],
        "noise": [Interval(Real, 0, None, closed="neither")],
        "label_dependence": [Interval(Real, 0, 1, closed="both")],
        "return_proba": ["boolean"],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def make_multitag_classification(
    n_samples=1000,
    n_features=20,
    n_labels=10,
    *,
    cardinality=2.0,
    imbalance=10.0,
    noise=1.0,
    label_dependence=0.0,
    return_proba=False,
    random_state=None,
):
    r"""Draw multilabel data with known probabilities.

    Use it to check a method. The probability of each label is known for each row, so
    the best result that any method can reach is known too: it has thresholds on these
    probabilities. Features are standard normal, and row i has label j with probability

    .. math:: P(y_{ij} = 1 | x_i) = \frac{1}{1 + \exp(-(x_i \cdot w_j + b_j) / \sigma)}

    The directions w_j are random, and :math:`x_i \cdot w_j` has a standard deviation of
    3. Sigma is `noise`. The b_j are chosen such that the labels have the wanted
    frequencies.

    Read more in the :ref:`User Guide <simulated_data>`.

    Parameters
    ----------
    n_samples : int, default=1000
        Number of rows.

    n_features : int, default=20
        Number of features.

    n_labels : int, default=10
        Number of labels.

    cardinality : float, default=2.0
        Expected number of labels of a row, in (0, n_labels). The larger `imbalance` is,
        the smaller it must be, because no label can be on all rows.

    imbalance : float, default=10.0
        Expected frequency of the commonest label (the first), divided by the expected
        frequency of the rarest label (the last), in [1, inf). The frequencies fall
        geometrically.

    noise : float, default=1.0
        Scale of the label noise, in (0, inf). If it is close to 0, the labels are a
        function of the features. If it is large, they do not depend on the features.

    label_dependence : float, default=0.0
        Correlation, in [0, 1], of the normal variables that decide the labels of a row
        (a Gaussian copula). With a larger value, labels occur together more often than
        the features explain. The probability of each single label does not change.

    return_proba : bool, default=False
        Whether to return the probabilities too.

    random_state : int, RandomState instance or None, default=None
        Seeds the data. As in scikit-learn, None uses the global stream of numpy.

    Returns
    -------
    X : ndarray of shape (n_samples, n_features)
        Features, float64.

    y : ndarray of shape (n_samples, n_labels)
        Indicator of 0 and 1, int64.

    proba : ndarray of shape (n_samples, n_labels)
        P(y = 1 | x), in (0, 1); only if `return_proba`.

    See Also
    --------
    sklearn.datasets.make_multilabel_classification : Bags of words by topic, without
        probabilities of the labels.

    Examples
    --------
    >>> from skmultitag.datasets import make_multitag_classification
    >>> X, y, proba = make_multitag_classification(
    ...     n_labels=5, return_proba=True, random_state=0
    ... )
    >>> X.shape, y.shape, proba.shape
    ((1000, 20), (1000, 5), (1000, 5))
    """
    frequencies = _frequencies(n_labels, cardinality, float(imbalance))
    noise = np.clip(float(noise), 1e-100, 1e100)  # beyond, only overflows are different
    rng = check_random_state(random_state)
    directions = rng.standard_normal((n_features, n_labels))
    directions *= 3 / np.linalg.norm(directions, axis=0)
    intercepts = _intercepts(frequencies, noise)
    X = rng.standard_normal((n_samples, n_features))
    proba = expit((X @ directions + intercepts) / noise)
    # inside (0, 1): it is rounded where the features settle the label
    proba = proba.clip(np.finfo(np.float64).tiny, 1 - 2.0**-53)

    shared = np.sqrt(label_dependence) * rng.standard_normal((n_samples, 1))
    own = np.sqrt(1 - label_dependence) * rng.standard_normal((n_samples, n_labels))
    y = (ndtr(shared + own) < proba).astype(np.int64)
    return (X, y, proba) if return_proba else (X, y)


def _frequencies(n_labels, cardinality, imbalance):
    steps = np.linspace(0, 1, n_labels) if n_labels > 1 else np.zeros(1)
    frequencies = imbalance**-steps
    frequencies *= cardinality / frequencies.sum()
    if frequencies[0] >= 1:
        raise ValueError(
            f"cardinality={cardinality} with imbalance={imbalance} needs a label on"
            f" {frequencies[0]:.0%} of the rows. Lower one of them, or raise n_labels."
        )
    return frequencies


def _intercepts(frequencies, noise):
    """Solve E[expit((3 Z + b) / noise)] = frequency for b, with Z standard normal."""
    # a fine grid, as the function is almost a step where there is little noise
    nodes = np.linspace(-8, 8, 4001)
    weights = np.exp(-(nodes**2) / 2)
    weights /= weights.sum()
    # bisection: the expectation rises with b, and is settled 40 noises or z's away
    low = np.full_like(frequencies, -40 * (1 + noise))
    high = -low
    for _ in range(60):
        middle = (low + high) / 2
        expected = expit((3 * nodes[:, None] + middle) / noise).T @ weights
        low = np.where(expected < frequencies, middle, low)
        high = np.where(expected < frequencies, high, middle)
    return (low + high) / 2
