"""Splits of rows that keep the frequencies of all labels."""

from skmultitag.model_selection._group_k_fold import MultilabelStratifiedGroupKFold
from skmultitag.model_selection._k_fold import MultilabelStratifiedKFold
from skmultitag.model_selection._shuffle_split import MultilabelStratifiedShuffleSplit
from skmultitag.model_selection._train_test_split import multilabel_train_test_split

__all__ = [
    "MultilabelStratifiedGroupKFold",
    "MultilabelStratifiedKFold",
    "MultilabelStratifiedShuffleSplit",
    "multilabel_train_test_split",
]
