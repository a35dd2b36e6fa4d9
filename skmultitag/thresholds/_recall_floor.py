from skmultitag.thresholds._floor import FloorThresholder


class RecallFloorThreshold(FloorThresholder):
    r"""Thresholds with a recall of at least a floor, and as much precision as there is.

    "At least 90 % of the rows that have the label must be found": of all thresholds on
    given scores with this recall, the one with the best precision is found, exactly.

    Read more in the :ref:`User Guide <floors>`.

    Parameters
    ----------
    floor : float, default=0.9
        The least recall, in (0, 1].

    average : {"macro", "micro"}, default="macro"
        - "macro": one threshold a label, and the floor holds for each label;
        - "micro": one threshold for all labels, and the floor holds for the decisions
          of all labels taken together.

    confidence : float or None, default=None
        In (0, 1). Then not the recall on the given scores, but a lower bound of it at
        this confidence must reach the floor, so that few positives prove little. It is
        the exact one of Clopper and Pearson [1]_, one-sided.

    unmet : {"warn", "ignore", "best", "raise"}, default="warn"
        What happens where no threshold reaches the floor, that is for a label without a
        positive, and with `confidence` for labels with few:

        - "warn": nothing is predicted, and a warning says what the best there is;
        - "ignore": nothing is predicted, without a warning;
        - "best": the threshold with the best recall (or lower bound) is taken;
        - "raise": a ValueError.

    Attributes
    ----------
    threshold_ : float or ndarray of shape (n_labels,)
        Lowest score at which a label is predicted, halfway to the next lower score.
        Infinite where the floor is not met, unless `unmet` is "best", and for a label
        without a positive.

    is_met_ : bool or ndarray of shape (n_labels,)
        Whether the floor is met on the scores of `fit`.

    recall_ : float or ndarray of shape (n_labels,)
        Recall on the scores of `fit`, or its lower bound with `confidence`; where the
        floor is not met the best there is, and 0 for a label without a positive.

    precision_ : float or ndarray of shape (n_labels,)
        Precision of `threshold_` on the scores of `fit`; 0 where nothing is predicted.

    n_features_in_ : int
        Number of labels seen in `fit`.

    feature_names_in_ : ndarray of shape (n_labels,)
        Names of the columns of the scores, if they are strings.

    See Also
    --------
    PrecisionFloorThreshold : The same with the parts of precision and recall exchanged.
    ThresholdedClassifierCV : Fits it on out-of-fold scores of any classifier.
    FBetaThreshold : Weighs precision and recall, with no floor for either.

    Notes
    -----
    Recall only grows as the threshold falls. So the bound keeps its confidence though
    the best of many thresholds is chosen: the recall of the chosen one on new rows is
    below the floor with a probability of 1 - `confidence` at most, for each label by
    itself, if the rows are independent and the scores those of the classifier that
    predicts. Weights are taken for numbers of rows.

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
