"""Private random streams of numpy."""

import numpy as np
from sklearn.utils import check_random_state

from skmultitag.utils._messages import naming


def make_random_state(random_state):
    """As :func:`sklearn.utils.check_random_state`, but None is a stream of its own.

    scikit-learn takes the global stream for None; here nobody's stream is moved.
    """
    if random_state is None:
        return np.random.RandomState()
    with naming("random_state"):
        return check_random_state(random_state)
