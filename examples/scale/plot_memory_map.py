"""
=======================================
A million rows from a file
=======================================

**For whom:** your embeddings are in a file that is as large as the memory of your
machine, or larger.

**What comes out:** a tagger that was trained from the file without reading it into
memory, and a file with the tags of new rows, written block by block.

It needs ``pip install "skmultitag[plot]"``. The page is made with 100,000 rows, in half
a minute. ``python examples/scale/plot_memory_map.py --rows 1000000`` takes any number
of rows. With a million rows, the file has 768 MB. The process then had at most 560 MB
of memory of its own. 340 MB of these were in use before the training: Python, torch and
the shipped data.
"""

# %%
# The file
# --------
# ``open_memmap`` makes an ``.npy`` file that is filled block by block. So an encoder
# can write into it. float16 is precise enough for embeddings, and half the size of
# float32. Our rows are repeated rows of the shipped data set, with noise.
import argparse
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib.pyplot as plt
import numpy as np
from scipy import sparse
from sklearn.metrics import f1_score

from skmultitag import MultiTagClassifier
from skmultitag.datasets import load_debtags

parser = argparse.ArgumentParser(description="Train from a memory map.")
parser.add_argument("--rows", type=int, default=100_000)
n_rows = parser.parse_args().rows

debtags = load_debtags(subset="train")
X_test, y_test = load_debtags(subset="test", return_X_y=True)
rng = np.random.default_rng(0)
copied = rng.integers(len(debtags.data), size=n_rows)
temporary = TemporaryDirectory()
folder = Path(temporary.name)
shape = (n_rows, debtags.data.shape[1])
file = np.lib.format.open_memmap(folder / "X.npy", "w+", np.float16, shape)
for start in range(0, n_rows, 10_000):
    rows = debtags.data[copied[start : start + 10_000]]
    noise = rng.standard_normal(rows.shape, dtype=np.float32)
    file[start : start + 10_000] = rows + 0.02 * noise
file.flush()
print(f"{file.shape[0]:,} rows of {file.shape[1]} numbers: {file.nbytes / 1e6:.0f} MB")

# %%
# The tags are a sparse matrix. The three tags of a row take some bytes, and a row of
# 121 integers would take a kilobyte. You can pass lists of tags too.
y = sparse.csr_array(debtags.target)[copied].astype(np.int8)
sparse.save_npz(folder / "y.npz", y)

# %%
# Train
# -----
# ``mmap_mode="r"`` opens the file and reads nothing. ``fit`` reads only the rows of the
# current batch, and converts them to float32. One call of ``partial_fit`` is one epoch,
# so we can test the tagger after each epoch. ``fit`` with ``max_iter=4`` would do the
# same at once.
#
# Large batches and ``precision="bfloat16"`` save time, see :doc:`/user_guide/scale`.
# With many rows few epochs are enough.
X = np.load(folder / "X.npy", mmap_mode="r")
y = sparse.load_npz(folder / "y.npz")
tagger = MultiTagClassifier(batch_size=256, precision="bfloat16", random_state=0)
curve = []
start = time.perf_counter()
for epoch in range(4):
    tagger.partial_fit(X, y)
    y_pred = tagger.predict(X_test)
    macro, micro = (
        f1_score(y_test, y_pred, average=average, zero_division=0)
        for average in ("macro", "micro")
    )
    curve.append((macro, micro))
    seconds = time.perf_counter() - start
    print(
        f"epoch {epoch + 1}: {seconds:.0f} s, macro F1 {macro:.3f}, micro {micro:.3f}"
    )

# %%
# The test rows are not among the rows of the file, and have no noise.
figure, ax = plt.subplots(figsize=(6, 3.5), layout="constrained")
ax.plot(range(1, 5), curve, marker="o", label=["macro F1", "micro F1"])
ax.set(xlabel="epochs", ylabel="F1 on the test rows", xticks=range(1, 5), ylim=(0, 0.8))
ax.legend(loc="lower right")
plt.show()

# %%
# Predict
# -------
# All probabilities of a million rows and 121 tags are a matrix of 484 MB. With ten
# thousand tags it would be 40 GB. ``predict_top`` computes the probabilities of a
# block, and keeps the best few of each row. Here they go into one sparse file. You
# could also write them to a database.
start = time.perf_counter()
blocks = [
    tagger.predict_top(X[first : first + 10_000], 5)
    for first in range(0, n_rows, 10_000)
]
top = sparse.vstack(blocks, format="csr")
sparse.save_npz(folder / "top.npz", top)
print(
    f"{top.shape[0]:,} rows in {time.perf_counter() - start:.1f} s, {top.nnz:,} scores"
)
for place in top[[0]].tocoo().col:
    print(f"{debtags.target_names[place]} {top[0, place]:.2f}")
del X, file
temporary.cleanup()

# %%
# ``predict`` works in blocks by itself. It returns a sparse matrix, because ``y`` was
# sparse. A search or a cross-validation of scikit-learn copies the rows of a fold into
# memory. So search on a sample of the rows.
#
# **What to read next**
#
# * :doc:`/user_guide/scale`: how much memory and time to expect, files of HDF5 and
#   zarr, data that come in blocks, very many labels.
# * :ref:`sphx_glr_auto_examples_scale_train_with_torchrun.py`: several processes or
#   GPUs.
# * :doc:`/user_guide/resume`: go on with a long training after it was killed.
