"""Files made to harm: they run nothing, write nothing and take little memory."""

import gzip
import io
import pickle
import tracemalloc
import zipfile
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

import skmultitag
from skmultitag.datasets import (
    load_arxiv,
    load_chemical_exposure,
    load_debtags,
    load_debtags_texts,
    load_hallmarks,
    load_movie_posters,
)

SIZE = 2**28  # bytes of what the files unpack to
COLUMNS = "imdbId,Imdb Link,Title,IMDB Score,Genre,Poster\n"


class Boom:
    def __reduce__(self):
        return exec, ("import skmultitag; skmultitag.was_run = True",)


@contextmanager
def little_memory():
    tracemalloc.start()
    try:
        yield
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < SIZE / 2


# npz


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Stands for that of the shipped files, with the texts and no arrays."""
    data = resources.files("skmultitag.datasets.data")
    texts = (data / "debtags_texts.jsonl").read_bytes()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "debtags_texts.jsonl").write_bytes(texts)
    monkeypatch.setattr(resources, "files", lambda package: tmp_path / "data")
    return tmp_path / "data"


def shipped_arrays():
    path = resources.files("skmultitag.datasets.data") / "debtags.npz"
    with path.open("rb") as file, np.load(file) as stored:
        return dict(stored)


ARRAYS = shipped_arrays()
LOADERS = [load_debtags, load_debtags_texts]


@pytest.mark.parametrize("load", LOADERS)
def test_arrays_of_objects_are_not_unpickled(folder, load):
    hostile = np.array([Boom()], dtype=object)
    np.savez(folder / "debtags.npz", **{**ARRAYS, "label_names": hostile})
    with pytest.raises(ValueError, match="Object arrays cannot be loaded"):
        load()
    assert not hasattr(skmultitag, "was_run")


@pytest.mark.parametrize("load", LOADERS)
def test_a_pickle_in_place_of_the_arrays_is_not_read(folder, load):
    (folder / "debtags.npz").write_bytes(pickle.dumps(Boom()))
    with pytest.raises(ValueError, match="pickle"):
        load()
    assert not hasattr(skmultitag, "was_run")


@pytest.mark.parametrize("load", LOADERS)
def test_arrays_that_unpack_to_very_much_are_refused(folder, load):
    bomb = np.zeros(SIZE, dtype=np.int8)
    np.savez_compressed(folder / "debtags.npz", **{**ARRAYS, "label_names": bomb})
    del bomb
    assert (folder / "debtags.npz").stat().st_size < SIZE / 50
    with little_memory(), pytest.raises(ValueError, match="unpacks to .* bytes, more"):
        load()


@pytest.mark.parametrize("load", LOADERS)
def test_an_array_that_says_it_is_very_large_is_refused(folder, load):
    start = io.BytesIO()
    header = {"descr": "<i8", "fortran_order": False, "shape": (10**15,)}
    np.lib.format.write_array_header_1_0(start, header)
    np.savez(folder / "debtags.npz", **{**ARRAYS, "label_names": np.zeros(1)})
    with zipfile.ZipFile(folder / "debtags.npz") as file:
        parts = {name: file.read(name) for name in file.namelist()}
    with zipfile.ZipFile(folder / "debtags.npz", "w") as file:
        for name, content in {**parts, "label_names.npy": start.getvalue()}.items():
            file.writestr(name, content)
    # where numpy is given so much memory, it fills none of it
    with pytest.raises((MemoryError, ValueError)):
        load()


@pytest.mark.parametrize("load", LOADERS)
def test_names_of_arrays_are_no_paths(folder, load):
    np.savez(folder / "debtags.npz", **ARRAYS)
    with zipfile.ZipFile(folder / "debtags.npz", "a") as file:
        file.writestr("../outside.npy", b"x")
        file.writestr("/outside.npy", b"x")
    assert load().target.shape[1] == 121
    assert not (folder.parent / "outside.npy").exists()


# Text


LINES = {
    load_arxiv: "arxiv-metadata-oai-snapshot.json",
    load_movie_posters: "MovieGenre.csv",
    load_hallmarks: "text/1.txt",
    load_chemical_exposure: "text/1.txt",
}


@pytest.mark.parametrize("load", list(LINES))
def test_a_very_long_line_is_refused(tmp_path, load):
    file = tmp_path / LINES[load]
    for part in ("text", "labels"):
        (tmp_path / part).mkdir()
        (tmp_path / part / "1.txt").write_text("<")
    with file.open("w") as opened:
        opened.truncate(SIZE)  # zeros, which take no place on the disk
    match = f"{file.name}, line 1: expected at most .* characters, got more"
    with little_memory(), pytest.raises(ValueError, match=match):
        load(tmp_path)


@pytest.mark.parametrize("load", [load_arxiv, load_movie_posters])
def test_a_small_file_that_unpacks_to_a_long_line_is_refused(tmp_path, load):
    file = tmp_path / f"{LINES[load]}.gz"
    with gzip.open(file, "wb") as opened:
        for _ in range(SIZE // 2**20):
            opened.write(bytes(2**20))
    assert file.stat().st_size < SIZE / 500
    match = "line 1: expected at most .* characters, got more"
    with little_memory(), pytest.raises(ValueError, match=match):
        load(file)


def test_the_name_of_a_film_is_no_path(tmp_path):
    """A poster is one of those in the folder, and not what a name leads to."""
    outside, folder = tmp_path / "outside.jpg", tmp_path / "posters"
    outside.write_bytes(b"x")
    folder.mkdir()
    (folder / "1.jpg").write_bytes(b"x")
    names = ["1", "../outside", str(outside.with_suffix(""))]
    rows = [f"{name},l,T,8,Drama,p\n" for name in names]
    (folder / "MovieGenre.csv").write_text(COLUMNS + "".join(rows))
    films = load_movie_posters(folder)
    assert [Path(path).name for path in films.data] == ["1.jpg"]
    assert films.n_without_poster == 2
