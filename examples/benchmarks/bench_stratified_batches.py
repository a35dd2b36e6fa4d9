"""F1 with batches that are dealt out by labels against batches drawn at random.

`MultiTagClassifier` on F1 losses and on cross-entropy, 20 epochs, learning rate 3e-3,
standardised features, batches of 64 and 256 rows, 5 seeds. Rare labels are those on
less than 2 % of the training rows. Printed are means on test rows, the difference with
its standard error over the seeds, and the ratio of the seconds.

Run: python examples/benchmarks/bench_stratified_batches.py [name=file.npz ...]
"""

import argparse
import time
import warnings

import numpy as np
from npz_data import load_all
from sklearn.metrics import f1_score
from sklearn.preprocessing import StandardScaler

from skmultitag import MultiTagClassifier

SEEDS = range(5)
LOSSES = ("soft_f1", "sigmoid_f1", "bce")
RARE = 0.02


def scores_and_seconds(data, loss, batch_size, stratify_batches, seed):
    """Macro, rare-label and micro F1 on the test rows, and seconds of `fit`."""
    X_train, y_train, X_test, y_test = data
    model = MultiTagClassifier(
        loss,
        batch_size=batch_size,
        stratify_batches=stratify_batches,
        learning_rate_init=3e-3,
        max_iter=20,
        tol=None,
        random_state=seed,
    )
    start = time.perf_counter()
    model.fit(X_train, y_train)
    seconds = time.perf_counter() - start
    y_pred = model.predict(X_test)
    by_label = f1_score(y_test, y_pred, average=None, zero_division=0)
    is_rare = y_train.mean(axis=0) < RARE
    rare = by_label[is_rare].mean() if is_rare.any() else np.nan
    micro = f1_score(y_test, y_pred, average="micro", zero_division=0)
    return by_label.mean(), rare, micro, seconds


def main():
    warnings.simplefilter("ignore", UserWarning)  # labels that have no threshold
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="*", metavar="name=file.npz")
    for name, parts in load_all(parser.parse_args().data).items():
        scaler = StandardScaler().fit(parts[0])
        X_train, X_test = (scaler.transform(parts[i]) for i in (0, 2))
        data = X_train, parts[1], X_test, parts[3]
        print(f"\n{name}: {len(X_train)} training rows, {parts[1].shape[1]} labels")
        print("                        macro        rare       micro    seconds")
        for loss in LOSSES:
            for batch_size in (64, 256):
                random, dealt = (
                    np.array(
                        [
                            scores_and_seconds(data, loss, batch_size, is_dealt, seed)
                            for seed in SEEDS
                        ]
                    )
                    for is_dealt in (False, True)
                )
                print_rows(f"{loss}, {batch_size}", random, dealt)


def print_rows(name, random, dealt):
    means, change = random.mean(axis=0), (dealt - random)[:, :3]
    errors = change.std(axis=0, ddof=1) / len(change) ** 0.5
    print(f"  {name:16} {means[0]:10.3f} {means[1]:11.3f} {means[2]:11.3f}")
    pairs = zip(change.mean(axis=0), errors, strict=True)
    text = " ".join(f"{mean:+.3f}±{error:.3f}" for mean, error in pairs)
    ratio = np.median(dealt[:, 3] / random[:, 3])
    print(f"    dealt out         {text}   x {ratio:.2f}")


if __name__ == "__main__":
    main()
