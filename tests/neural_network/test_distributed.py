"""Training shared by two processes equals that of one."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from skmultitag import MultiTagClassifier
from skmultitag.losses import DistributedLoss, TencentLoss
from tests.neural_network import distributed_script as script

ROOT = Path(__file__).parents[2]


def torchrun(*arguments):
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    result = subprocess.run(
        [*command, "--nproc-per-node", "2", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def of_two_processes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ranks")
    torchrun("-m", "tests.neural_network.distributed_script", str(folder))
    return [dict(np.load(folder / f"rank{rank}.npz")) for rank in range(2)]


def select(results, name):
    return [value for key, value in results.items() if key.startswith(name)]


@pytest.mark.slow
def test_gradient_of_two_processes_is_that_of_one(of_two_processes):
    expected = script.gradients(script.make_batch(), is_shared=False)
    for results in of_two_processes:
        gradients = select(results, "gradient")
        assert len(gradients) == len(expected) > 25
        for ours, theirs in zip(gradients, expected, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-9)


@pytest.mark.slow
def test_distributed_loss_with_the_mean_of_torch(of_two_processes):
    expected = script.own_loop_gradients(script.make_batch(), n_processes=1)
    for results in of_two_processes:
        for ours, theirs in zip(select(results, "own_loop"), expected, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-9)


@pytest.mark.slow
def test_fit_of_two_processes_is_that_of_one(of_two_processes):
    expected = script.fits()
    for results in of_two_processes:
        for ours, theirs in zip(select(results, "fit"), expected, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-7)


@pytest.mark.slow
def test_processes_have_equal_models(of_two_processes):
    first, second = (select(results, "fit") for results in of_two_processes)
    for ours, theirs in zip(first, second, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.slow
def test_processes_that_are_not_called_alike_raise(of_two_processes):
    expected = ["random_state", "learning_rate_init", "loss", "some rows of X", "shape"]
    for results in of_two_processes:
        messages = results["errors"].tolist()
        for message, name in zip(messages, expected, strict=True):
            assert name in message.split("They differ in")[1]


def test_distributed_loss_with_a_loss_that_is_no_sum_raises():
    y = torch.tensor([[1, 0], [0, 1]])
    with pytest.raises(ValueError, match="is not a function of sums over rows"):
        DistributedLoss(TencentLoss().fit(y.numpy()))(torch.zeros(2, 2), y)
    with pytest.raises(TypeError, match="must be a MultilabelLoss.*Got 'soft_f1'"):
        DistributedLoss("soft_f1")(torch.zeros(2, 2), y)


@pytest.mark.slow
def test_example_runs():
    output = torchrun(
        "examples/scale/train_with_torchrun.py", "--rows=600", "--epochs=3"
    )
    assert "2 processes" in output and "macro F1" in output
    difference = float(output.split("difference of probabilities")[1])
    assert difference < 1e-3


def test_without_a_process_group_raises(multilabel_data):
    X, y, _ = multilabel_data
    model = MultiTagClassifier(distributed=True, random_state=0)
    with pytest.raises(ValueError, match="needs the process group"):
        model.fit(X, y)


@pytest.mark.parametrize("loss", ["tencent", "two_way", torch.nn.BCEWithLogitsLoss()])
def test_losses_that_are_no_sums_raise(multilabel_data, loss):
    X, y, _ = multilabel_data
    model = MultiTagClassifier(loss, micro_batch_size=10, threshold=0.5)
    with pytest.raises(ValueError, match="micro_batch_size splits batches, but"):
        model.fit(X, y)


GOES_ON = """
import pickle, sys
from pathlib import Path
from torch import distributed
from skmultitag import MultiTagClassifier
from skmultitag.datasets import make_multitag_classification
from skmultitag.neural_network import ModelCheckpoint

distributed.init_process_group("gloo")
X, y = make_multitag_classification(200, 6, 6, random_state=0)
folder, rank = Path(sys.argv[1]), distributed.get_rank()
checkpoint = ModelCheckpoint(folder / f"{rank}.pkl", every_n_epochs=3)
params = {"early_stopping": True, "max_iter": 5, "random_state": 0}
whole = MultiTagClassifier(**params, callbacks=[checkpoint], distributed=True).fit(X, y)
distributed.barrier()
loaded = pickle.loads((folder / "0.pkl").read_bytes())
assert loaded.n_iter_ == 3
loaded.set_params(callbacks=None).fit(X, y)
assert (loaded.predict_proba(X) == whole.predict_proba(X)).all()
assert loaded.validation_scores_ == whole.validation_scores_
distributed.destroy_process_group()
"""


@pytest.mark.slow
def test_one_process_writes_the_file_that_all_go_on_from(tmp_path):
    (tmp_path / "goes_on.py").write_text(GOES_ON)
    torchrun(str(tmp_path / "goes_on.py"), str(tmp_path))
    assert sorted(each.name for each in tmp_path.iterdir()) == ["0.pkl", "goes_on.py"]
