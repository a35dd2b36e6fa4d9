import numpy as np
import pytest
import torch

from skmultitag.datasets import make_multitag_classification

# Fits as small as in the tests gain nothing from more threads, and take many times as
# long with them where the cores are shared.
torch.set_num_threads(1)


@pytest.fixture(scope="session")
def multilabel_data():
    """Features (float32), indicator of 5 labels, and the true probabilities."""
    X, y, proba = make_multitag_classification(
        300, 8, 5, cardinality=2, imbalance=4, return_proba=True, random_state=0
    )
    return X.astype(np.float32), y, proba
