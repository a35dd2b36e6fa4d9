# A list and not a search, as a search would import torch; and each entry is a decision:
# a class is here if nothing runs and no file is touched whatever state it is given.
_TYPES = {
    "calibration": ["_isotonic.IsotonicCalibrator", "_platt.PlattCalibrator"],
    "ensemble": ["_multilabel_voting_classifier.MultilabelVotingClassifier"],
    "hierarchy": ["_hierarchical_classifier.HierarchicalClassifier"],
    "kernel_ridge": [
        "_kernel_ridge_classifier_cv.KernelRidgeClassifierCV",
        "_stacked_kernel_ridge_classifier_cv.StackedKernelRidgeClassifierCV",
    ],
    "losses": [
        "_adaptive_sigmoid_f1.AdaptiveSigmoidF1Loss",
        "_asymmetric.AsymmetricLoss",
        "_binary_cross_entropy.BinaryCrossEntropyLoss",
        "_bp_mll.BPMLLLoss",
        "_brier.BrierLoss",
        "_distributed.DistributedLoss",
        "_distribution_balanced.DistributionBalancedLoss",
        "_focal.FocalLoss",
        "_global_objective.GlobalObjectiveLoss",
        "_hill.HillLoss",
        "_label_count.LabelCountLoss",
        "_lsep.LSEPLoss",
        "_mcm.MCMLoss",
        "_pair_hinge.PairHingeLoss",
        "_sigmoid_f1.SigmoidF1Loss",
        "_smooth_hinge.SmoothHingeLoss",
        "_soft_f1.SoftF1Loss",
        "_soft_hamming.SoftHammingLoss",
        "_sparsemax.SparsemaxLoss",
        "_tencent.TencentLoss",
        "_two_way.TwoWayLoss",
        "_weighted_sum.WeightedSumLoss",
        "_zlpr.ZLPRLoss",
        "bayesian._bayesian_sigmoid_f1.BayesianSigmoidF1Loss",
        "bayesian._slope_offset_posterior.PosteriorDraws",
        "bayesian._slope_offset_posterior.SlopeOffsetPosterior",
    ],
    "metrics": [
        "_at_k.ndcg_at_k",
        "_at_k.precision_at_k",
        "_at_k.recall_at_k",
        "_binary_cross_entropy.binary_cross_entropy_error",
        "_row_rankings.coverage",
        "_row_rankings.one_error",
        "_row_rankings.ranking_loss",
        "_scorer.LabelScorer",
        "_sigmoid_f1_score.sigmoid_f1_score",
        "_soft_f1_score.soft_f1_score",
    ],
    "model_selection": [
        "_group_k_fold.MultilabelStratifiedGroupKFold",
        "_k_fold.MultilabelStratifiedKFold",
        "_shuffle_split.MultilabelStratifiedShuffleSplit",
    ],
    "multioutput": ["_binary_relevance_classifier.BinaryRelevanceClassifier"],
    "neighbors": [
        "_mlknn_classifier.MLkNNClassifier",
        "_neighbor_labels.NeighborLabels",
    ],
    "neural_network": [
        "_callbacks.StopAtPlateau",
        "_multitag_classifier.MultiTagClassifier",
        "_net.MultiTagNet",
    ],
    "sampling": [
        "_mlros.MLROS",
        "_mlrus.MLRUS",
        "_mlsmote.MLSMOTE",
        "_mltl.MLTL",
        "_remedial.REMEDIAL",
    ],
    "thresholds": [
        "_expected_fbeta.ExpectedFBetaThreshold",
        "_fbeta.FBetaThreshold",
        "_fixed.FixedThreshold",
        "_half_f.HalfFThreshold",
        "_label_count.LabelCountThreshold",
        "_linear.LinearThreshold",
        "_platt_knee.PlattKnee",
        "_precision_floor.PrecisionFloorThreshold",
        "_proportional.ProportionalThreshold",
        "_recall_floor.RecallFloorThreshold",
        "_thresholded_classifier_cv.ThresholdedClassifierCV",
        "_top_k.TopKThreshold",
    ],
    "utils": [
        "_nested_target_encoder.NestedTargetEncoder",
        "_random_stream.RandomStream",
        "_target_encoder.TargetEncoder",
    ],
}


def trusted_types():
    """List the types that skops and mlflow must trust to load a model.

    The types are classes and metrics of this package. Loading them runs no code,
    whatever is in the file.

    Read more in the :ref:`User Guide <save_load>`.

    Returns
    -------
    names : list of str
        Import paths of all types of this package that fitted estimators contain.
        :class:`~skmultitag.neural_network.ModelCheckpoint` is not among them, because
        it writes to a file. Your own modules and functions are not in the list either.

    Examples
    --------
    >>> from skmultitag import trusted_types
    >>> "skmultitag.thresholds._top_k.TopKThreshold" in trusted_types()
    True
    """
    return [f"skmultitag.{part}.{each}" for part in _TYPES for each in _TYPES[part]]
