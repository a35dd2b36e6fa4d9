"""The two corpora of abstracts, on small folders in their format."""

import numpy as np
import pytest

from skmultitag.datasets import load_chemical_exposure, load_hallmarks

LOADERS = [load_hallmarks, load_chemical_exposure]

HALLMARKS = {
    "11": ("A B .\nC .\n", "<Resisting cell death--Apoptosis< "),
    "12": (
        "D .\nE .\nF .",
        "< <Cellular energetics-- ANDGenomic instability and mutation--DNA damage--"
        "Strand breaks<NULL",
    ),
    "13": ("G .\n", "< "),
}


@pytest.fixture
def write(tmp_path):
    """A function that writes abstracts, as (text, labels) by name."""

    def write(abstracts):
        for part in ("text", "labels"):
            (tmp_path / part).mkdir(exist_ok=True)
        for name, contents in abstracts.items():
            for part, content in zip(("text", "labels"), contents, strict=True):
                file = tmp_path / part / f"{name}.txt"
                file.write_text(content, encoding="utf-8")
        return tmp_path

    return write


def labels(corpus):
    return [corpus.target_names[row == 1].tolist() for row in corpus.target]


def test_an_abstract_has_the_hallmarks_of_all_its_sentences(write):
    corpus = load_hallmarks(write(HALLMARKS))
    assert corpus.data.tolist() == ["A B . C .", "D . E . F .", "G ."]
    assert corpus.pmids.tolist() == ["11", "12", "13"]
    assert corpus.target.shape == (3, 10) and corpus.target.dtype == np.int64
    assert labels(corpus) == [
        ["Resisting cell death"],
        ["Cellular energetics", "Genomic instability and mutation"],
        [],
    ]
    assert "GPL" in corpus.DESCR


@pytest.mark.parametrize(
    "depth, expected",
    [
        (2, ["Genomic instability and mutation--DNA damage"]),
        (
            None,
            [
                "Genomic instability and mutation--DNA damage",
                "Genomic instability and mutation--DNA damage--Strand breaks",
            ],
        ),
    ],
)
def test_nodes_come_with_those_above_them(write, depth, expected):
    corpus = load_hallmarks(write(HALLMARKS), depth=depth)
    above = ["Cellular energetics", "Genomic instability and mutation"]
    assert labels(corpus)[1] == above + expected


def test_exposure_names_are_lower_case(write):
    """The corpus writes the same node with letters of both cases."""
    line = (
        "<Biomonitoring--Exposure biomarker--urine-- AND  biomonitoring--effect marker"
    )
    corpus = load_chemical_exposure(write({"1": ("A .\n", line)}))
    assert labels(corpus) == [
        [
            "biomonitoring",
            "biomonitoring--effect marker",
            "biomonitoring--exposure biomarker",
            "biomonitoring--exposure biomarker--urine",
        ]
    ]
    assert corpus.target.shape == (1, 6)


def test_exposure_sentences_without_labels_may_be_null(write):
    line = "<biomonitoring<NULL<null< "
    corpus = load_chemical_exposure(write({"1": ("A .\nB .\nC .\nD .\n", line)}))
    assert labels(corpus) == [["biomonitoring"]]


@pytest.mark.parametrize("load", LOADERS)
def test_return_x_y(write, load):
    folder = write({"1": ("A .\n", "< ")})
    X, y = load(folder, return_X_y=True)
    assert X.tolist() == ["A ."] and y.shape == (1, load(folder).target_names.size)


@pytest.mark.parametrize("load", LOADERS)
def test_folder_missing_raises(tmp_path, load):
    with pytest.raises(
        FileNotFoundError, match="There is no .*none. Get the data from"
    ):
        load(tmp_path / "none")
    match = "must hold the folders text and labels; it holds {}. .*github.com/sb895"
    with pytest.raises(FileNotFoundError, match=match.format("nothing")):
        load(tmp_path)
    (tmp_path / "text").mkdir()
    for name in "cbadef":
        (tmp_path / name).write_text("")
    match = match.format("a, b, c, d, e, ...")
    with pytest.raises(FileNotFoundError, match=match):
        load(tmp_path)
    with pytest.raises(NotADirectoryError, match="a is a file and not the folder"):
        load(tmp_path / "a")


def test_home_folder(write, monkeypatch):
    folder = write(HALLMARKS)
    monkeypatch.setenv("HOME", str(folder.parent))
    monkeypatch.setenv("USERPROFILE", str(folder.parent))
    assert load_hallmarks(f"~/{folder.name}").target.shape == (3, 10)


@pytest.mark.parametrize("load", LOADERS)
@pytest.mark.parametrize("has, lacks", [("text", "labels"), ("labels", "text")])
def test_file_missing_raises(write, load, has, lacks):
    folder = write({"1": ("A .\n", "< "), "2": ("B .\n", "< ")})
    (folder / lacks / "2.txt").unlink()
    match = rf"{has} has 2.txt, but .*{lacks} has not. Get the data from"
    with pytest.raises(FileNotFoundError, match=match):
        load(folder)


@pytest.mark.parametrize("load", LOADERS)
def test_folder_without_abstracts_raises(write, load):
    with pytest.raises(FileNotFoundError, match="text has no .txt files"):
        load(write({}))


@pytest.mark.parametrize("line, found", [("< < ", 2), ("", 0), ("a< ", 1)])
def test_labels_of_other_sentences_raise(write, line, found):
    match = (
        r"labels.1.txt, line 1: expected .* each of 1 sentences,"
        rf" got {found} of them in '{line}'. An unchanged"
    )
    with pytest.raises(ValueError, match=match):
        load_hallmarks(write({"1": ("A .\n", line)}))


@pytest.mark.parametrize("load", LOADERS)
def test_unknown_branch_raises(write, load):
    match = "1.txt, line 1: expected labels below .*, got '[Tt]alking--"
    with pytest.raises(ValueError, match=match):
        load(write({"1": ("A .\n", "<Talking--Bark")}))


@pytest.mark.parametrize("text", ["", "\n"])
def test_abstract_without_text_raises(write, text):
    match = "text.1.txt, line 1: expected a sentence a line, got no text"
    with pytest.raises(ValueError, match=match):
        load_hallmarks(write({"1": (text, "< ")}))


def test_byte_order_marks_are_no_text(write):
    corpus = load_hallmarks(
        write({"1": ("\ufeffA .\n", "\ufeff<Resisting cell death")})
    )
    assert corpus.data.tolist() == ["A ."]
    assert labels(corpus) == [["Resisting cell death"]]


@pytest.mark.parametrize("part", ["text", "labels"])
def test_file_in_another_encoding_raises(write, part):
    folder = write({"1": ("A .\n", "< ")})
    (folder / part / "1.txt").write_bytes("D\xfcsseldorf".encode("latin-1"))
    with pytest.raises(ValueError, match="1.txt, line 1: expected utf-8 text, got"):
        load_hallmarks(folder)


@pytest.mark.parametrize("load", LOADERS)
def test_depth_must_be_positive(tmp_path, load):
    with pytest.raises(ValueError, match="'depth' parameter of .* must be"):
        load(tmp_path, depth=0)


@pytest.mark.parametrize("depth", [1, None])
def test_label_of_very_many_levels_raises(write, depth):
    label = "--".join(["Cellular energetics", *map(str, range(20_000))])
    folder = write({"11": ("A .\n", f"<{label}")})
    match = "11.txt, line 1: expected labels of 50 levels at most, got 20001"
    with pytest.raises(ValueError, match=match):
        load_hallmarks(folder, depth=depth)


def test_very_many_labels_raise(write):
    labels = " AND".join(f"Cellular energetics--{number}" for number in range(2000))
    folder = write({"11": ("A .\n", f"<{labels}")})
    with pytest.raises(ValueError, match="labels has 2010 labels, more than the 1000"):
        load_hallmarks(folder, depth=None)
    assert load_hallmarks(folder).target.shape == (1, 10)
