"""What the tests of samplers share."""

import numpy as np
from hypothesis import strategies as st
from scipy import sparse

from skmultitag.sampling import MLROS, MLRUS, MLSMOTE, MLTL, REMEDIAL

SAMPLERS = [
    MLROS(random_state=0),
    MLRUS(random_state=0),
    MLSMOTE(random_state=0),
    MLSMOTE(label_rule="union", k_neighbors=2, random_state=0),
    MLTL(),
    MLTL(threshold=0.5, mutual=False),
    REMEDIAL(),
]
TAGS = np.array(["common", "often", "some", "rare", "rarest"], dtype=object)


def make_data():
    """Features around two centres, and five labels of falling frequency.

    Rare labels come with the second centre, so that all samplers have something to do.
    """
    rng = np.random.default_rng(0)
    centre = rng.random(120) < 0.4
    X = rng.normal(size=(120, 4)) + 1.5 * centre[:, None]
    frequency = np.array([0.7, 0.4, 0.2, 0.06, 0.03])
    y = rng.random((120, 5)) < frequency * np.where(centre, 1.3, 0.8)[:, None]
    y[:3] = False
    y[3:6, 3:] = True
    return X, y.astype(np.int64)


def as_tags(y, make=list, names=TAGS):
    """The names of the labels of each row of an indicator."""
    return [make(names[np.flatnonzero(row)].tolist()) for row in as_array(y)]


def as_array(y):
    return y.toarray() if sparse.issparse(y) else np.asarray(y)


def targets(max_labels=5):
    """Indicators of 1 to 12 rows with a positive."""
    n_labels = st.integers(2, max_labels)
    rows = n_labels.flatmap(
        lambda n: st.lists(
            st.lists(st.booleans(), min_size=n, max_size=n), min_size=1, max_size=12
        )
    )
    return rows.map(lambda y: np.array(y, dtype=int)).filter(lambda y: y.any())
