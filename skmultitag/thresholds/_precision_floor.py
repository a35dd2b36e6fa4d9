from skmultitag.thresholds._floor import FloorThresholder


class PrecisionFloorThreshold(FloorThresholder):
    r"""Thresholds with the best recall among those whose precision reaches a floor.

    Use it for a promise such as "at least 90 % of the predicted labels are right". Of
    all thresholds with this precision on the given scores, it finds the one with the
    best recall, exactly.

    Read more in the :ref:`User Guide <floors>`.

    Parameters
    ----------
    floor : float, default=0.9
        The least precision, in (0, 1].

    average : {"macro", "micro"}, default="macro"
        What the floor is for, and how many thresholds there are.

        - "macro": one threshold for each label, and the floor is for each label;
        - "micro": one threshold for all labels, and the floor is for the decisions of
          all labels taken together.

    confidence : float or None, default=None
        In (0, 1). If given, the precision itself need not reach the floor, but its
        lower bound at this confidence must. So a high precision on few rows is not
        enough. It is the exact one-sided bound of Clopper and Pearson [1]_.

    unmet : {"warn", "ignore", "best", "raise"}, default="warn"
        What to do for a label (or, with "micro", for all labels) if no threshold
        reaches the floor:

        - "warn": predict nothing, and warn with the best precision (or lower bound);
        - "ignore": predict nothing, without a warning;
        - "best": use the threshold with the best precision (or lower bound);
        - "raise": raise a ValueError.

    Attributes
    ----------
    threshold_ : float or ndarray of shape (n_labels,)
        Lowest score at which a label is predicted, halfway to the next lower score.
        Infinite for a label without a positive, and, unless `unmet` is "best", if the
        floor is not met.

    is_met_ : bool or ndarray of shape (n_labels,)
        Whether the floor is met on the scores of `fit`.

    precision_ : float or ndarray of shape (n_labels,)
        Precision on the scores of `fit`, or its lower bound with `confidence`. If the
        floor is not met, the best value; 0 for a label without a positive.

    recall_ : float or ndarray of shape (n_labels,)
        Recall on the scores of `fit` with `threshold_`; 0 if nothing is predicted.

    n_features_in_ : int
        Number of labels seen in `fit`.

    feature_names_in_ : ndarray of shape (n_labels,)
        Names of the columns of the scores, if they are strings.

    See Also
    --------
    RecallFloorThreshold : Finds the best precision with a floor for recall.
    ThresholdedClassifierCV : Fits it on out-of-fold scores of any classifier.
    FBetaThreshold : Weighs precision and recall, with no floor for either.

    Notes
    -----
    The bound is valid for one threshold that is chosen beforehand. Here the best of
    many thresholds is chosen. So the floor is missed on new rows more often than
    1 - `confidence` says, see the figures in the :ref:`User Guide <floors>`. The bound
    assumes that rows are independent, and takes weights for numbers of rows.

    References
    ----------
    .. [1] C. J. Clopper, E. S. Pearson, "The Use of Confidence or Fiducial Limits
       Illustrated in the Case of the Binomial", Biometrika 26, 1934.
    .. [2] E. Eban, M. Schain, A. Mackey, A. Gordon, R. Rifkin, G. Elidan, "Scalable
       Learning of Non-Decomposable Objectives", AISTATS, 2017 (the aim, as a loss).

    Examples
    --------
    >>> from skmultitag.thresholds import PrecisionFloorThreshold
    >>> scores = [[0.9], [0.7], [0.5], [0.3], [0.1]]
    >>> y = [[1], [0], [1], [1], [0]]
    >>> thresholder = PrecisionFloorThreshold(0.7).fit(scores, y)  # 3 of 4 are right
    >>> thresholder.threshold_, thresholder.precision_, thresholder.recall_
    (array([0.2]), array([0.75]), array([1.]))
    >>> PrecisionFloorThreshold(0.8).fit(scores, y).threshold_  # 1 of 1
    array([0.8])
    """

    _measure = "precision"

    def _fit(self, scores, y, sample_weight):
        self.precision_, self.recall_ = self._fit_floor(scores, y, sample_weight)

    def _totals(self, predicted, n_pos):
        return predicted, n_pos
