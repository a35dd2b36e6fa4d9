"""Paired timing, for the benchmarks: contestants run in turn, ratios within a turn."""

import os
import platform
import time
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from threadpoolctl import threadpool_limits

PACKAGES = ("numpy", "scipy", "scikit-learn", "skorch", "torch")


def print_versions():
    """Print all that a figure depends on besides the code."""
    packages = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    print(f"python {platform.python_version()}, {packages}")
    print(
        f"{_processor()}, {os.cpu_count()} processors; torch uses"
        f" {torch.backends.cpu.get_cpu_capability()} and, unless a part says"
        f" otherwise, {torch.get_num_threads()} threads"
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


def seconds_of(function):
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def run_in_turn(contestants, turns, n_units=1):
    """Call each function in each turn; a turn before the first one warms up.

    Parameters
    ----------
    contestants : dict of str to callable
        Without arguments, by name.

    turns : int

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


def print_seconds(title, seconds, scale=1.0):
    """One line a contestant: median, least and largest; in seconds times `scale`."""
    print(f"\n{title}")
    _print_head("")
    for name, values in seconds.items():
        _print_row(name, scale * values, ".3g")


def print_ratios(seconds, pairs, title="ratio, turn by turn"):
    """One line a pair of names: the ratio of the first to the second."""
    _print_head(title)
    for first, second in pairs:
        _print_row(f"{first} / {second}", seconds[first] / seconds[second], ".2f")


def _print_head(title):
    print(f"{title:52} {'median':>8} {'min':>8} {'max':>8}")


def _print_row(name, values, digits):
    numbers = np.median(values), values.min(), values.max()
    print(f"  {name:50} " + " ".join(f"{number:8{digits}}" for number in numbers))
