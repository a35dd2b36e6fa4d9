import gzip
import json
import tracemalloc
import warnings
import zipfile

import numpy as np
import pytest
from scipy import sparse

from skmultitag.datasets import load_arxiv

NAME = "arxiv-metadata-oai-snapshot.json"


def paper(paper_id, categories, year):
    return {
        "id": paper_id,
        "submitter": "A. N. Other",
        "title": f"Title of\n  {paper_id}",
        "categories": categories,
        "abstract": "  Some\nwords, é.\n",
        "versions": [
            {"version": "v1", "created": f"Mon, 2 Apr {year} 19:18:42 GMT"},
            {"version": "v2", "created": "Tue, 24 Jul 2030 20:10:27 GMT"},
        ],
        "update_date": "2030-07-24",
    }


PAPERS = [
    paper("0704.0001", "hep-ph", 2007),
    paper("0704.0002", "math.CO cs.CG", 2007),
    paper("1801.0001", "cs.LG stat.ML", 2018),
    paper("1901.0001", "math.CO math.NT", 2019),
]


@pytest.fixture
def file(tmp_path):
    file = tmp_path / NAME
    # one of the lines is empty, as at the end of some files
    lines = "\n\n".join(json.dumps(paper, ensure_ascii=False) for paper in PAPERS)
    file.write_text(lines, encoding="utf-8")
    return file


def labels(arxiv):
    rows = arxiv.target.toarray() == 1
    return [set(arxiv.target_names[row]) for row in rows]


def test_texts_categories_and_years(file):
    arxiv = load_arxiv(file)
    assert arxiv.data[0] == "Title of 0704.0001. Some words, é."
    assert sparse.issparse(arxiv.target) and arxiv.target.format == "csr"
    assert arxiv.target.shape == (4, 6) and arxiv.target.dtype == np.int64
    assert labels(arxiv) == [
        {"hep-ph"},
        {"math.CO", "cs.CG"},
        {"cs.LG", "stat.ML"},
        {"math.CO", "math.NT"},
    ]
    assert arxiv.years.tolist() == [2007, 2007, 2018, 2019]
    assert arxiv.ids[3] == "1901.0001" and "CC0" in arxiv.DESCR
    X, y = load_arxiv(file, return_X_y=True)
    assert X.tolist() == arxiv.data.tolist() and (y != arxiv.target).nnz == 0


def test_archives(file):
    arxiv = load_arxiv(file, level="archive")
    assert arxiv.target_names.tolist() == ["cs", "hep-ph", "math", "stat"]
    assert labels(arxiv)[1:] == [{"math", "cs"}, {"cs", "stat"}, {"math"}]


@pytest.mark.parametrize(
    "params, rows",
    [
        ({"years": [2018]}, [2]),
        ({"years": range(2008, 2020)}, [2, 3]),
        ({"years": np.array([2007, 2019])}, [0, 1, 3]),
        ({"categories": ["math.NT", "hep-ph"]}, [0, 3]),
        ({"categories": {"cs"}}, [1, 2]),
        ({"categories": ["cs"], "years": [2007]}, [1]),
        ({"max_rows": 2}, [0, 1]),
        ({"max_rows": 1, "years": [2018, 2019]}, [2]),
    ],
)
def test_filters(file, params, rows):
    arxiv = load_arxiv(file, **params)
    assert arxiv.ids.tolist() == [PAPERS[row]["id"] for row in rows]


def test_kept_papers_keep_all_their_labels(file):
    arxiv = load_arxiv(file, categories=["math.NT"])
    assert labels(arxiv) == [{"math.CO", "math.NT"}]


def test_folder_and_gzip(file):
    expected = load_arxiv(file).data.tolist()
    assert load_arxiv(file.parent).data.tolist() == expected
    packed = file.parent / f"{NAME}.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    file.unlink()
    assert load_arxiv(packed).data.tolist() == expected
    assert load_arxiv(str(file.parent)).data.tolist() == expected


def test_the_file_is_read_as_far_as_needed(file):
    with file.open("a", encoding="utf-8") as opened:
        opened.write("\nno JSON")
    assert len(load_arxiv(file, max_rows=4).data) == 4


def test_missing_file_raises(tmp_path):
    with pytest.raises(FileNotFoundError, match="There is no .*kaggle.com"):
        load_arxiv(tmp_path / NAME)
    with pytest.raises(FileNotFoundError, match=f"must hold {NAME} or {NAME}.gz"):
        load_arxiv(tmp_path)


@pytest.mark.parametrize(
    "line, message",
    [
        (
            '{"id": "1',
            r"a paper .* not valid JSON: Unterminated .* \(character 8\)",
        ),
        ("[]", "a paper as a JSON object, got '\\[\\]"),
        (json.dumps({"id": "1", "title": "T"}), '"abstract" with .*, got no such key'),
        (json.dumps({**PAPERS[0], "id": 704.1}), '"id" with a string, got 704.1'),
        (json.dumps(paper("1", None, 2007)), '"categories" with a string, got None'),
        (json.dumps(paper("1", " ", 2007)), "\"categories\" with one or more, got ' '"),
        (json.dumps(paper("1", "cs.LG", "soon")), '"versions", .* date, got .*soon'),
        (json.dumps({**PAPERS[0], "versions": []}), r'"versions", .* got \[\]'),
        (json.dumps(paper("1", "cs.LG", "9" * 400)), '"versions", .* date, got .*999'),
        (json.dumps(paper("1", "cs.LG", "9" * 5000)), '"versions", .* date, got .*99'),
        ('{"id": ' + "9" * 10_000, "a paper as a JSON object, got .*: Exceeds the"),
        ("[" * 100_000, "a paper as a JSON object, got .*recursion"),
        (json.dumps({**PAPERS[0], "versions": [{"created": 1}]}), '"versions", the'),
    ],
)
def test_broken_line_raises(file, line, message):
    content = file.read_text(encoding="utf-8")
    file.write_text(f"{content}\n{line}\n", encoding="utf-8")
    match = rf"(?s){NAME}, line 8: expected {message}.*kaggle.com"
    with pytest.raises(ValueError, match=match):
        load_arxiv(file)


def test_byte_order_mark_is_no_text(file):
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert load_arxiv(file).ids[0] == "0704.0001"


def test_packed_file_with_another_name_raises(file):
    file.write_bytes(gzip.compress(file.read_bytes()))
    with pytest.raises(ValueError, match=f"is a gzip file: name it {NAME}.gz"):
        load_arxiv(file)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.json", "{}")
    with pytest.raises(ValueError, match="is a zip archive: unpack it"):
        load_arxiv(file)


def test_broken_gzip_raises(file):
    packed = file.parent / f"{NAME}.gz"
    packed.write_bytes(gzip.compress(file.read_bytes())[:-20])
    with pytest.raises(ValueError, match="utf-8 text in a whole gzip file, got"):
        load_arxiv(packed)
    packed.write_bytes(file.read_bytes())
    with pytest.raises(ValueError, match="line 1: expected utf-8 text in a whole gzip"):
        load_arxiv(packed)


def test_a_small_file_that_unpacks_to_a_long_line_raises(file):
    packed = file.parent / f"{NAME}.gz"
    packed.write_bytes(gzip.compress(b"a" * 2**27))
    tracemalloc.start()
    match = "line 1: expected at most 16777216 characters, got more"
    with pytest.raises(ValueError, match=match):
        load_arxiv(packed)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2**27


def test_folder_with_the_name_of_the_file_raises(tmp_path):
    (tmp_path / NAME).mkdir()
    with pytest.raises(IsADirectoryError, match=f"{NAME} is a folder in place of a"):
        load_arxiv(tmp_path)


def test_no_paper_left_raises(file):
    match = r"None of the 4 papers of .* with years=\[1990\] and categories=\['cs'\]."
    with pytest.raises(ValueError, match=match):
        load_arxiv(file, years=[1990], categories=["cs"])


def test_file_without_papers_raises(file):
    file.write_text("\n")
    with pytest.raises(ValueError, match=f"{NAME} has no papers. Get the data from"):
        load_arxiv(file, years=[2018])


def test_filters_that_no_paper_has_warn(file):
    match = r"No paper of .* any of \[2108, 'cs.LQ', 'm'\]\."
    with pytest.warns(UserWarning, match=match) as caught:
        load_arxiv(file, years=[2018, 2108], categories=["cs.LG", "cs.LQ", "m"])
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    "params",
    [
        # some paper has it, though none of that year
        {"categories": ["cs.LG", "hep-ph"], "years": [2018]},
        {"years": range(2018, 2040)},
        # the rest of the file is not read
        {"categories": ["cs.LQ", "cs.CG"], "max_rows": 1},
    ],
)
def test_filters_that_may_be_right_do_not_warn(file, params):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_arxiv(file, **params)


@pytest.mark.parametrize(
    "params, error, message",
    [
        ({"years": ["2021"]}, TypeError, r"'years' .* integers only. Got \['2021'\]"),
        ({"years": [True]}, TypeError, "'years' .* integers only"),
        ({"years": np.array([2021.0])}, TypeError, "'years' .* integers only"),
        ({"categories": [1]}, TypeError, r"'categories' .* strings only. Got \[1\]"),
        (
            {"years": []},
            ValueError,
            r"'years' .* at least one .* Got \[\] instead",
        ),
        ({"years": range(2021, 2020)}, ValueError, "'years' .* at least one value"),
        ({"categories": set()}, ValueError, "'categories' .* at least one value"),
        ({"categories": ["cs", ""]}, ValueError, "'categories' .* no empty one"),
    ],
)
def test_filters_are_checked_before_the_file_is_read(file, params, error, message):
    file.write_text("no JSON")
    with pytest.raises(error, match=message):
        load_arxiv(file, **params)


@pytest.mark.parametrize(
    "params", [{"categories": "cs.LG"}, {"years": 2018}, {"level": "group"}]
)
def test_invalid_parameters_raise(file, params):
    with pytest.raises(ValueError, match="parameter of load_arxiv must be"):
        load_arxiv(file, **params)
