"""
==========================
Predict tags without torch
==========================

**For whom:** your tagger will run on machines that have neither torch nor scikit-learn:
small servers, browsers, programs in other languages.

**What comes out:** one file in ONNX, a standard format for computations. It contains
all that is needed to predict tags: the scaler, the network, the thresholds and the
names of the tags. We predict with it in a process that can't import the packages with
which the tagger was trained. The page runs in a minute.

It needs ``pip install "skmultitag[onnx,plot]"``; the process that predicts needs
onnxruntime and numpy only.
"""

# %%
# Train
# -----
# We use the shipped data set: sentence embeddings of descriptions of Debian packages,
# and their tags. Thresholds are tuned on rows that the network was not trained on.
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import onnxruntime
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skmultitag
from skmultitag import MultiTagClassifier, ThresholdedClassifierCV
from skmultitag.datasets import load_debtags
from skmultitag.onnx import to_onnx

train = load_debtags(subset="train", as_frame=True)
test = load_debtags(subset="test")
X, X_test = train.data.to_numpy(), test.data
model = make_pipeline(
    StandardScaler(),
    ThresholdedClassifierCV(MultiTagClassifier(random_state=0), cv=3),
)
model.fit(X, train.target)

# %%
# Export
# ------
# ``to_onnx`` gets some rows. Their dtype is the dtype that the ONNX model will take,
# and the result is checked on them. Write it to a file.
folder = Path(tempfile.mkdtemp())
path = folder / "tagger.onnx"
path.write_bytes(to_onnx(model, X[:10]).SerializeToString())
np.save(folder / "rows.npy", X_test)
print(f"{path.stat().st_size / 1e3:.0f} KB")

# %%
# Predict elsewhere
# -----------------
# This is the whole code on the other machine. The names of the tags are in the file, as
# JSON. The first lines make sure that none of the packages can be imported.
server = folder / "server.py"
server.write_text("""
import json, sys
for package in ("torch", "sklearn", "skorch", "skl2onnx", "skmultitag"):
    sys.modules[package] = None

import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession("tagger.onnx")
names = json.loads(session.get_modelmeta().custom_metadata_map["label_names"])
label, probabilities, scores = session.run(None, {"X": np.load("rows.npy")})
np.save("label.npy", label)
for row in label[:3]:
    print([names[place] for place in row.nonzero()[0]])
""")
command = [sys.executable, "server.py"]
run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
print(run.stdout)

# %%
# Here are the predictions of the original model. All entries are the same.
for tags in skmultitag.predict_tags(model, X_test[:3]):
    print(list(tags))
n_other = (np.load(folder / "label.npy") != model.predict(X_test)).sum()
print(f"{n_other} of {test.target.size:,} entries differ")

# %%
# One row at a time
# -----------------
# A server often gets one row at a time. Then `predict` spends most of its time with
# checks of the input and with Python, and not in the network. We call both models in
# turn.
session = onnxruntime.InferenceSession(path)
contestants = {
    "predict": model.predict,
    "ONNX Runtime": lambda x: session.run(["label"], {"X": x}),
}
seconds = {name: [] for name in contestants}
for number in range(200):
    row = X_test[number : number + 1]
    for name, function in contestants.items():
        start = time.perf_counter()
        function(row)
        seconds[name].append(time.perf_counter() - start)

fig, ax = plt.subplots(figsize=(6, 2.5), layout="constrained")
for name, values in seconds.items():
    microseconds = 1e6 * np.array(values)
    ax.hist(microseconds, bins=np.geomspace(1, 1e5, 61), alpha=0.6, label=name)
ax.set(xscale="log", xlabel="microseconds for one row", ylabel="calls")
ax.legend()
plt.show()

# %%
# ONNX Runtime is much faster (the axis is logarithmic). Some calls take longer because
# other processes use the CPU.
#
# **What to read next**
#
# * :doc:`/user_guide/onnx`: what can be exported, and how fast it is.
# * :doc:`/user_guide/save_load`: other forms of a file, for machines that have the
#   packages.
