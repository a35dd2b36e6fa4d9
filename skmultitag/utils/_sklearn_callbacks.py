"""The bridge to the callbacks of scikit-learn, which it has from 1.9 on.

A task is a context of scikit-learn, or None where nobody is to be told of it.
"""

from contextlib import contextmanager

try:
    from sklearn.callback import CallbackSupportMixin
except ImportError:

    class CallbackSupportMixin:
        """Nothing, as this version of scikit-learn has no callbacks."""


# what scikit-learn keeps in an estimator that has some
CALLBACK_ATTRIBUTES = (
    "_skl_callbacks",
    "_skl_callbacks_to_teardown",
    "_callback_fit_ctx",
    "_parent_callback_ctx",
)


def has_callbacks(estimator):
    """Whether callbacks are set, by the user or by an estimator around this one."""
    can_have = hasattr(estimator, "_init_callback_context")
    return can_have and hasattr(estimator, "_skl_callbacks")


def begin_fit(estimator, data, n_tasks):
    """Begin the task that a `fit` is; it must end with `end_fit`, or an error.

    Parameters
    ----------
    estimator : estimator
        With `CallbackSupportMixin`, inside of its `fit`.

    data : dict
        What callbacks may ask for: "X", "y" and "metadata"; a callable is called then.

    n_tasks : int
        Largest number of tasks that it is made of.

    Returns
    -------
    task : CallbackContext or None
    """
    if not hasattr(estimator, "_init_callback_context"):
        return None
    task = estimator._init_callback_context(max_subtasks=n_tasks)
    return task.call_on_fit_task_begin(estimator=estimator, **data)


def end_fit(task, estimator, data):
    """End the task of `begin_fit`, now that `estimator` is fitted."""
    if task is not None:
        task.call_on_fit_task_end(
            estimator=estimator, reconstruction_attributes={}, **data
        )


def make_task(task, name):
    """A task that is part of another one, and has not begun."""
    return None if task is None else task.subcontext(task_name=name)


@contextmanager
def inner_fit(task, caller, estimator, data):
    """Around the `fit` of an estimator inside of another one, its caller.

    Callbacks of the caller go on to the estimator while it is fitted.
    """
    if task is None:
        yield
        return
    with task.propagate_callback_context(estimator):
        task.call_on_fit_task_begin(estimator=caller, **data)
        yield
    task.call_on_fit_task_end(estimator=caller, **data)


def data_of(X, y, sample_weight):
    """The data of a task in the form that callbacks get."""
    metadata = None if sample_weight is None else {"sample_weight": sample_weight}
    return {"X": X, "y": y, "metadata": metadata}
