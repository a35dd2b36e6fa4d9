from contextlib import contextmanager


@contextmanager
def as_before_on_error(estimator):
    """Give an estimator back what it was, if the block raises.

    So that a refused or interrupted `fit` leaves the model that was there; also after
    Ctrl-C.
    """
    before = vars(estimator).copy()
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise
