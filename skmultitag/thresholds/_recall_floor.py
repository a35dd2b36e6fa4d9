from skmultitag.thresholds._floor import FloorThresholder


class RecallFloorThreshold(FloorThresholder):
    r"""Thresholds with the best precision among those whose recall reaches a floor.

    Use it for a promise such as "at least 90 % of the rows with the label are found".
    Of all thresholds with this recall on the given scores, it finds the one with the
    best precision, exactly.

    Read more in the :ref:`User Guide <floors>`.

    Parameters
    ----------
    floor : float, default=0.9
        The least recall, in (0, 1].

    average : {"macro", "micro"}, default="macro"
        What the floor is for, and how many thresholds there are.

        - "macro": one threshold for each label, and the floor is for each label;
        - "micro": one threshold for all labels, and the floor is for the decisions of
          all labels taken together.

    confidence : float or None, default=None
        In (0, 1). If given, the recall itself need not reach the floor, but its lower
        bound at this confidence must. So a high recall of few positives is not enough.
        It is the exact one-sided bound of Clopper and Pearson [1]_.

    unmet : {"warn", "ignore", "best", "raise"}, default="warn"
        What to do if no threshold reaches the floor. This is so for a label without a
        positive, and with `confidence` for labels with few positives.

        - "warn": predict nothing, and warn with the best recall (or lower bound);
        - "ignore": predict nothing, without a warning;
        - "best": use the threshold with the best recall (or lower bound);
        - "raise": raise a ValueError.

    Attributes
    ----------
    threshold_ : float or ndarray of shape (n_labels,)
        Lowest score at which a label is predicted, halfway to the next lower score.
        Infinite for a label without a positive, and, unless `unmet` is "best", if the
        floor is not met.

    is_met_ : bool or ndarray of shape (n_labels,)
        Whether the floor is met on the scores of `fit`.

    recall_ : float or ndarray of shape (n_labels,)
        Recall on the scores of `fit`, or its lower bound with `confidence`. If the
        floor is not met, the best value; 0 for a label without a positive.

    precision_ : float or ndarray of shape (n_labels,)
        Precision on the scores of `fit` with `threshold_`; 0 if nothing is predicted.

    n_features_in_ : int
        Number of labels seen in `fit`.

    feature_names_in_ : ndarray of shape (n_labels,)
        Names of the columns of the scores, if they are strings.

    See Also
    --------
    PrecisionFloorThreshold : Finds the best recall with a floor for precision.
    ThresholdedClassifierCV : Fits it on out-of-fold scores of any classifier.
    FBetaThreshold : Weighs precision and recall, with no floor for either.

    Notes
    -----
    Recall only grows as the threshold falls. So the bound keeps its confidence even
    though the best of many thresholds is chosen: for each label, the recall on new rows
    is below the floor with a probability of at most 1 - `confidence`. This assumes that
    rows are independent, and that the scores in `fit` are of the same classifier that
    scores new rows. Weights are taken for numbers of rows.

    References
    ----------
    .. [1] C. J. Clopper, E. S. Pearson, "The Use of Confidence or Fiducial Limits
       Illustrated in the Case of the Binomial", Biometrika 26, 1934.
    .. [2] E. Eban, M. Schain, A. Mackey, A. Gordon, R. Rifkin, G. Elidan, "Scalable
       Learning of Non-Decomposable Objectives", AISTATS, 2017 (the aim, as a loss).

    Examples
    --------
    >>> from skmultitag.thresholds import RecallFloorThreshold
    >>> scores = [[0.9], [0.7], [0.5], [0.3], [0.1]]
    >>> y = [[1], [1], [0], [1], [0]]
    >>> thresholder = RecallFloorThreshold(0.6).fit(scores, y)  # 2 of 3 are found
    >>> thresholder.threshold_, thresholder.recall_.round(2), thresholder.precision_
    (array([0.6]), array([0.67]), array([1.]))
    >>> RecallFloorThreshold(0.9).fit(scores, y).threshold_
    array([0.2])
    """

    _measure = "recall"

    def _fit(self, scores, y, sample_weight):
        self.recall_, self.precision_ = self._fit_floor(scores, y, sample_weight)

    def _totals(self, predicted, n_pos):
        return n_pos, predicted
