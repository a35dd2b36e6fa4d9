import os
import pickle
from numbers import Integral
from pathlib import Path

from skorch.callbacks import Callback

from skmultitag.neural_network._atomic_write import atomic_write
from skmultitag.utils._messages import shorten


class ModelCheckpoint(Callback):
    """Callback that writes the model to a file during training.

    Use it for long trainings, to continue after the process was killed. The file is a
    pickle of the :class:`~skmultitag.MultiTagClassifier` after the last epoch that was
    written. You can load it and predict. Its `fit` trains for the rest of `max_iter`,
    and gives exactly the same model as a `fit` that was never stopped.

    Read more in the :ref:`User Guide <checkpoints>`.

    Parameters
    ----------
    file : str or path-like
        Path of the file, in a folder that exists. Each time the file is replaced as a
        whole, so it is never incomplete.

    every_n_epochs : int, default=1
        The file is written after every so many epochs, in [1, inf).

    See Also
    --------
    skorch.callbacks.Checkpoint : Writes the weights of the best epoch. It does not keep
        the random streams, so a training that is continued gives another model.

    Notes
    -----
    One file is for one fit: in a cross-validation or a search, the fits would overwrite
    each other's file. A pickle can run any code when it is loaded, so load only files
    that you trust.

    Examples
    --------
    >>> import pickle, tempfile
    >>> from pathlib import Path
    >>> from skmultitag import MultiTagClassifier
    >>> from skmultitag.datasets import make_multitag_classification
    >>> from skmultitag.neural_network import ModelCheckpoint
    >>> X, y = make_multitag_classification(n_samples=200, random_state=0)
    >>> file = Path(tempfile.mkdtemp()) / "model.pkl"
    >>> callbacks = [ModelCheckpoint(file, every_n_epochs=3)]
    >>> model = MultiTagClassifier(callbacks=callbacks, max_iter=10, random_state=0)
    >>> model = model.fit(X, y)
    >>> loaded = pickle.loads(file.read_bytes())
    >>> loaded.n_iter_, loaded.fit(X, y).n_iter_
    (9, 10)
    >>> bool((loaded.predict_proba(X) == model.predict_proba(X)).all())
    True
    """

    def __init__(self, file, every_n_epochs=1):
        self.file = file
        self.every_n_epochs = every_n_epochs


def check_checkpoint(checkpoint):
    """Raise if it has no folder that exists, or no number of epochs."""
    if not isinstance(checkpoint.file, (str, os.PathLike)):
        raise TypeError(
            "file of ModelCheckpoint must be the path of a file. Got"
            f" {shorten(checkpoint.file)} instead."
        )
    file, every = Path(checkpoint.file), checkpoint.every_n_epochs
    if file.is_dir() or not file.parent.is_dir():
        raise ValueError(
            "file of ModelCheckpoint must be the path of a file in a folder that"
            f" exists. Got {shorten(str(file))} instead."
        )
    if not isinstance(every, Integral) or isinstance(every, bool) or every < 1:
        raise ValueError(
            "every_n_epochs of ModelCheckpoint must be an integer greater than 0."
            f" Got {shorten(every)} instead."
        )


def save_model(model, file):
    """Replace the file by a pickle of `model`."""
    try:
        with atomic_write(file) as stream:
            pickle.dump(model, stream, protocol=pickle.HIGHEST_PROTOCOL)
    except OSError as exc:
        raise OSError(
            exc.errno,
            f"ModelCheckpoint can't write the model after epoch {model.n_iter_}:"
            f" {exc.strerror}. What the file had before is still there",
            str(file),
        ) from exc
    except (pickle.PicklingError, AttributeError, TypeError) as exc:
        raise ValueError(
            "ModelCheckpoint writes a pickle, but a part of the model has none (loss,"
            f" module, scoring and callbacks may be yours): {exc}"
        ) from exc
