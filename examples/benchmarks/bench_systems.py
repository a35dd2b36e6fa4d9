"""Systems of the literature on their classical data sets, by the classical measures.

The systems are built of parts of this package and of scikit-learn: ML-kNN, BP-MLL,
Rank-SVM (linear, and on features of a kernel), ML-DT (a tree by entropy, whose pruning
is searched), and the network with each loss of the comparison by Yessou et al. (2020)
that the sigmoidF1 paper cites, and with margins. "default, neighbors" is the default
network with the labels of ten neighbors as further features, times three.

Each scores its training rows out of fold (3 stratified folds), is fitted again on all
of them, and scores the test rows. Three rules decide: 0.5, `LinearThreshold` and the
default, `FBetaThreshold` with some shrinkage, fitted on the out-of-fold scores.

Features are standardized; for neighbors they are scaled to [0, 1] by the training
rows, as in Mulan, and for trees left as they are. Measures of rankings are those of the
papers: see `skmultitag.metrics`. Average precision leaves out rows with no label or
with all.
"""

from harness.data import prepare
from harness.methods import network, out_of_fold_scores
from harness.report import formatted, write_frame
from harness.run import grid, main
from sklearn.ensemble import RandomForestClassifier
from sklearn.kernel_approximation import Nystroem
from sklearn.metrics import (
    f1_score,
    hamming_loss,
    label_ranking_average_precision_score,
)
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler
from sklearn.tree import DecisionTreeClassifier

from skmultitag.losses import BinaryCrossEntropyLoss
from skmultitag.metrics import coverage, get_scorer, one_error, ranking_loss
from skmultitag.neighbors import MLkNNClassifier, NeighborLabels
from skmultitag.thresholds import FBetaThreshold, FixedThreshold, LinearThreshold
from skmultitag.utils._scores import label_scores

NEIGHBORS = "default, neighbors"
RAW = "ML-kNN", "BR-kNN", "ML-DT", "forest"
SYSTEMS = (*RAW, "BP-MLL", "Rank-SVM", "Rank-SVM, kernel", "default", NEIGHBORS)
LOSSES = {
    "cross-entropy": "bce",
    "focal": "focal",
    "weighted cross-entropy": BinaryCrossEntropyLoss(pos_weight="balanced"),
    "Hamming": "soft_hamming",
    "Huber": "brier",
    "ranking": "lsep",
    "sparsemax": "sparsemax",
    "smooth hinge": "smooth_hinge",
    "pair hinge": "rank_hinge",
}
RULES = {
    "0.5": FixedThreshold(0.5),
    "linear": LinearThreshold(),
    "tuned": FBetaThreshold(shrinkage=50),
}
PRUNING = [1e-3, 2e-3, 4e-3, 8e-3, 1.6e-2]
RANKED = {
    "one-error": one_error,
    "coverage": coverage,
    "ranking loss": ranking_loss,
}


def make_cases(data_sets, n_seeds):
    return grid(n_seeds, data=data_sets, method=(*SYSTEMS, *LOSSES))


def make_method(name, seed):
    if name in LOSSES:
        return network(LOSSES[name], seed)
    tree = DecisionTreeClassifier(criterion="entropy", random_state=seed)
    linear = network("rank_hinge", seed, hidden_layer_sizes=(), dropout=0.0)
    return {
        "ML-kNN": make_pipeline(MinMaxScaler(), MLkNNClassifier()),
        "BR-kNN": make_pipeline(MinMaxScaler(), KNeighborsClassifier(10)),
        "ML-DT": GridSearchCV(
            tree, {"ccp_alpha": PRUNING}, scoring=get_scorer("neg_ranking_loss")
        ),
        "forest": RandomForestClassifier(
            200, criterion="entropy", min_samples_leaf=2, random_state=seed
        ),
        "BP-MLL": network("bp_mll", seed),
        "Rank-SVM": linear,
        "Rank-SVM, kernel": make_pipeline(
            Nystroem(n_components=300, random_state=seed), linear
        ),
        "default": network("sigmoid_f1_bce", seed),
        NEIGHBORS: make_pipeline(
            FeatureUnion(
                [("same", FunctionTransformer()), ("labels", NeighborLabels())],
                transformer_weights={"labels": 3.0},
            ),
            network("sigmoid_f1_bce", seed),
        ),
    }[name]


def run_case(data, case):
    name, seed = case["method"], case["seed"]
    X, y, X_test, y_test = prepare(data, is_raw=name in RAW)
    scores = out_of_fold_scores(lambda: make_method(name, seed), X, y, seed)
    model = make_method(name, seed).fit(X, y)
    test_scores = label_scores(model, X_test, y.shape[1])
    ranked = {measure: RANKED[measure](y_test, test_scores) for measure in RANKED}
    ranked["average precision"] = average_precision(y_test, test_scores)
    rows = []
    for rule, thresholder in RULES.items():
        y_pred = thresholder.fit(scores, y).transform(test_scores)
        decided = {
            "Hamming loss": hamming_loss(y_test, y_pred),
            "macro F1": f1_score(y_test, y_pred, average="macro", zero_division=0),
            "micro F1": f1_score(y_test, y_pred, average="micro", zero_division=0),
        }
        rows.append({"rule": rule, **ranked, **decided})
    return rows


def average_precision(y_true, y_score):
    has_pairs = y_true.any(axis=1) & ~y_true.all(axis=1)
    return label_ranking_average_precision_score(y_true[has_pairs], y_score[has_pairs])


def report(table, folder):
    measures = [*RANKED, "average precision"]
    groups = table.groupby(["data", "method"], sort=False)
    ranked = groups[measures].mean()
    decided = table.pivot_table(
        ["Hamming loss", "macro F1", "micro F1"], ["data", "method"], "rule", sort=False
    )
    for measure in ("Hamming loss", "macro F1", "micro F1"):
        of_rules = formatted(decided[measure])
        ranked[measure] = [
            " / ".join(of_rules.loc[key, [*RULES]]) for key in ranked.index
        ]
    ranked[measures] = formatted(ranked[measures])
    for data, part in ranked.groupby(level="data", sort=False):
        part = part.droplevel("data").loc[[*SYSTEMS, *LOSSES]]
        write_frame(folder / f"{data}.rst", part)
    table["F1"] = (table["macro F1"] + table["micro F1"]) / 2
    mean = table.pivot_table("F1", "method", "rule").loc[[*SYSTEMS, *LOSSES], [*RULES]]
    write_frame(folder / "mean_f1.rst", formatted(mean))


if __name__ == "__main__":
    main(__doc__, make_cases, run_case, report, n_seeds=3)
