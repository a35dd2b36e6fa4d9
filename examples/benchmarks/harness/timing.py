"""Paired timing: contestants run in turn, and ratios are taken within a turn."""

import os
import platform
import subprocess
import sys
import time
from contextlib import contextmanager
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from threadpoolctl import threadpool_limits

TURNS = 5
PACKAGES = ("numpy", "scipy", "scikit-learn", "skorch", "torch")


@lru_cache
def machine():
    """All that a measure of time depends on besides the code and other processes."""
    packages = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    return (
        f"{_processor()}, {os.cpu_count()} processors; torch uses"
        f" {torch.backends.cpu.get_cpu_capability()};"
        f" python {platform.python_version()}, {packages}"
    )


def _processor():
    """Name of the processor, and whether it can multiply in bfloat16."""
    path = Path("/proc/cpuinfo")
    if not path.exists():
        return platform.processor()
    lines = path.read_text().splitlines()
    names = [line.split(":")[1].strip() for line in lines if "model name" in line]
    flags = next((line for line in lines if line.startswith("flags")), "")
    has = "with" if "bf16" in flags else "without"
    return f"{names[0] if names else platform.machine()} {has} bfloat16 instructions"


@contextmanager
def threads(n_threads):
    """Let torch, and the linear algebra of numpy, have so many threads."""
    before = torch.get_num_threads()
    # torch's own call does not reach the library that numpy uses
    with threadpool_limits(n_threads):
        torch.set_num_threads(n_threads)
        try:
            yield
        finally:
            torch.set_num_threads(before)


@contextmanager
def busy_cores(n_cores):
    """Keep so many cores busy with other processes while the block runs."""
    # it ends by itself too, should this process be killed
    code = "import os; parent = os.getppid()\nwhile os.getppid() == parent: pass"
    processes = []
    try:
        for _ in range(n_cores):
            processes.append(subprocess.Popen([sys.executable, "-c", code]))
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.wait()


def seconds_of(function):
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def run_in_turn(contestants, turns=TURNS, n_units=1):
    """Call each function in each turn; a turn before the first one warms up.

    Parameters
    ----------
    contestants : dict of str to callable
        Without arguments, by name.

    turns : int, default=5

    n_units : int, default=1
        What a call does so many times, such as epochs; seconds are those of one.

    Returns
    -------
    seconds : dict of str to ndarray of shape (turns,)
    """
    seconds = {name: [] for name in contestants}
    for _ in range(turns + 1):
        for name, function in contestants.items():
            seconds[name].append(seconds_of(function))
    return {name: np.array(values[1:]) / n_units for name, values in seconds.items()}


def compare(contestants, pairs, turns=TURNS, n_units=1):
    """Rows of results, one a pair of contestant and rival.

    Parameters
    ----------
    contestants : dict of str to callable

    pairs : list of tuple of str
        Names of a contestant and its rival.

    turns, n_units : int
        As in `run_in_turn`.

    Returns
    -------
    rows : list of dict
        Median seconds of the contestant, and the median, least and largest ratio of
        its seconds to those of the rival in the same turn.
    """
    seconds = run_in_turn(contestants, turns, n_units)
    return [ratio_row(name, rival, seconds) for name, rival in pairs]


def ratio_row(name, rival, seconds):
    ratios = seconds[name] / seconds[rival]
    return {
        "contestant": name,
        "rival": rival,
        "seconds": np.median(seconds[name]),
        "ratio": np.median(ratios),
        "least": ratios.min(),
        "largest": ratios.max(),
        "machine": machine(),
    }
