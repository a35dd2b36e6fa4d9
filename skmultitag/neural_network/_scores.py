"""What a trained net says of rows: margins, soft predictions, the best labels."""

import numpy as np
import torch
from scipy import sparse
from scipy.special import logit


class ScoreReader:
    """Reads scores off a net, for an `X` that is checked.

    An F1 loss leaves a label without positives as it was initialized. It gets its
    smoothed frequency as probability, and comes last in each row.

    Parameters
    ----------
    net : MultiTagNet

    is_unseen : ndarray of bool of shape (n_outputs,)
        Which labels had no positive in training.

    n_rows_seen : int
        Number of training rows.
    """

    def __init__(self, net, is_unseen, n_rows_seen):
        self.net = net
        self.is_unseen = is_unseen
        self.n_rows_seen = n_rows_seen

    def margin(self, X):
        """Margins of the loss's decision, an array of shape (n_samples, n_outputs)."""
        return self._read(X, self.net.criterion_.decision_function, self._set_margin)

    def proba(self, X):
        """Soft predictions in (0, 1), an array of shape (n_samples, n_outputs)."""
        return self._read(X, self.net.criterion_.predict_proba, self._set_proba)

    def proba_std(self, X):
        """Spread of the soft predictions, an array of shape (n_samples, n_outputs)."""
        return self._read(X, self.net.criterion_.predict_proba_std, self._set_std)

    def top(self, X, k):
        """Soft predictions of the `k` largest margins of each row, a CSR array."""
        loss = self.net.criterion_

        def both(logits):
            parts = loss.decision_function(logits), loss.predict_proba(logits)
            return torch.stack(parts)

        columns = np.empty((X.shape[0], k), dtype=np.int32)
        values = np.empty((X.shape[0], k), dtype=_dtype_of_scores(X))
        for rows, (margin, proba) in self.net.map_logits(X, both):
            self._set_margin(margin)
            self._set_proba(proba)
            # a seventh of the time of a partition in numpy
            best = torch.from_numpy(margin).topk(k, dim=1, sorted=False).indices
            columns[rows] = np.sort(best.numpy(), axis=1)
            values[rows] = np.take_along_axis(proba, columns[rows], axis=1)
        starts = np.arange(X.shape[0] + 1) * k
        if starts[-1] <= np.iinfo(np.int32).max:
            starts = starts.astype(np.int32)
        parts = values.reshape(-1), columns.reshape(-1), starts
        return sparse.csr_array(parts, shape=(X.shape[0], len(self.is_unseen)))

    def _read(self, X, of_logits, correct):
        result = np.empty((X.shape[0], len(self.is_unseen)), dtype=_dtype_of_scores(X))
        for rows, values in self.net.map_logits(X, of_logits):
            block = result[rows]
            # a row that is far from those of fit can be infinite in float32
            with np.errstate(over="ignore"):
                block[...] = values
            correct(block)
        return result

    def _set_margin(self, margin):
        if self.is_unseen.any():
            self._put_unseen_last(margin, logit(self._proba_of_unseen()))

    def _set_proba(self, proba):
        if self.is_unseen.any():
            self._put_unseen_last(proba, self._proba_of_unseen())
        clip_inside(proba)

    def _set_std(self, std):
        std[:, self.is_unseen] = 0

    def _proba_of_unseen(self):
        return 0.5 / (self.n_rows_seen + 1)

    def _put_unseen_last(self, values, constant):
        others = values[:, ~self.is_unseen]
        smallest = others.min(axis=1, initial=constant, keepdims=True)
        values[:, self.is_unseen] = smallest


def clip_inside(proba):
    """Move probabilities that are rounded to 0 or 1 inside, in place."""
    # a logit of 17 gives exactly 1.0 in float32
    limits = np.finfo(proba.dtype)
    return np.clip(proba, limits.tiny, 1 - limits.epsneg, out=proba)


def _dtype_of_scores(X):
    return np.float64 if X.dtype == np.float64 else np.float32
