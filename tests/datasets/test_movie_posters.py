from pathlib import Path

import numpy as np
import pytest

from skmultitag.datasets import load_movie_posters

HEADER = "imdbId,Imdb Link,Title,IMDB Score,Genre,Poster"


def film(imdb_id, title, genres):
    link = f"http://www.imdb.com/title/tt{imdb_id}"
    return f'{imdb_id},{link},{title},8.3,{genres},"http://example.com/a,b.jpg"'


@pytest.fixture
def folder(tmp_path):
    """A list of six films; two have a poster."""
    lines = [
        HEADER,
        film(1, '"Amélie, Le (2001)"', "Comedy|Romance"),
        film(2, "B (2002)", "Drama"),
        film(3, "C (2003)", ""),
        "",
        film(4, "D (2004)", "Comedy"),
        film(1, '"Amélie, Le (2001)"', "Comedy|Romance"),
        film(5, "E (2005)", "Horror"),
    ]
    (tmp_path / "MovieGenre.csv").write_text("\n".join(lines), encoding="latin-1")
    posters = tmp_path / "posters"
    posters.mkdir()
    for name, content in [("1.jpg", b"x"), ("3.jpg", b"x"), ("4.PNG", b"x")]:
        (posters / name).write_bytes(content)
    # as some downloaders leave it
    (posters / "5.jpg").write_bytes(b"")
    return tmp_path


def test_films_with_genre_and_poster(folder):
    films = load_movie_posters(folder / "MovieGenre.csv", folder / "posters")
    assert [Path(path).name for path in films.data] == ["1.jpg", "4.PNG"]
    assert all(Path(path).exists() for path in films.data)
    assert films.titles[0] == "Amélie, Le (2001)"
    assert films.imdb_ids.tolist() == ["1", "4"]
    assert films.target_names.tolist() == ["Comedy", "Romance"]
    np.testing.assert_array_equal(films.target, [[1, 1], [1, 0]])
    assert films.target.dtype == np.int64
    counts = films.n_repeated, films.n_without_genre, films.n_without_poster
    assert counts == (1, 1, 2)


def test_folder_and_return_x_y(folder):
    for where in ([folder], [folder / "MovieGenre.csv"]):  # the posters are below it
        assert len(load_movie_posters(*where).data) == 2
    X, y = load_movie_posters(str(folder), folder / "posters", return_X_y=True)
    assert len(X) == 2 and y.shape == (2, 2)


def test_missing_file_or_folder_raises(folder):
    with pytest.raises(
        FileNotFoundError, match="no .*none. Get the data from .*kaggle"
    ):
        load_movie_posters(folder, folder / "none")
    match = "posters must hold MovieGenre.csv; it holds 1.jpg"
    with pytest.raises(FileNotFoundError, match=match):
        load_movie_posters(folder / "posters", folder / "posters")


def test_no_poster_raises(folder):
    others = folder / "others"
    others.mkdir()
    match = (
        r"None of the 6 rows of .* Without a genre: 1, without a poster: 4"
        r" \(of these empty files: {}\), repeated: 1."
        " .* as in 114709.jpg; the folder holds {}. Get the data"
    )
    with pytest.raises(ValueError, match=match.format(0, "nothing")):
        load_movie_posters(folder, others)
    for name in ("tt1.jpg", "tt2.jpg", "5.jpg"):
        (others / name).write_bytes(b"" if name == "5.jpg" else b"x")
    with pytest.raises(ValueError, match=match.format(1, "5.jpg, tt1.jpg, tt2.jpg")):
        load_movie_posters(folder, others)


def test_broken_line_raises(folder):
    file = folder / "MovieGenre.csv"
    with file.open("a", encoding="latin-1") as opened:
        opened.write("\n7,http://,Broken")
    match = r"MovieGenre.csv, line 9: expected 6 columns, got 3. .*kaggle"
    with pytest.raises(ValueError, match=match):
        load_movie_posters(folder, folder / "posters")


def test_other_columns_raise(folder):
    (folder / "MovieGenre.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="line 1: expected the columns .*imdbId"):
        load_movie_posters(folder, folder / "posters")
    (folder / "MovieGenre.csv").write_text("")
    match = "line 1: expected the columns .*, got an empty file"
    with pytest.raises(ValueError, match=match):
        load_movie_posters(folder, folder / "posters")


def test_genres_are_stripped(folder):
    lines = [HEADER, film(1, "A", " Comedy | Drama|"), film(4, "B", "Drama")]
    (folder / "MovieGenre.csv").write_text("\n".join(lines))
    films = load_movie_posters(folder)
    assert films.target_names.tolist() == ["Comedy", "Drama"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf_8_is_read_too(folder, encoding):
    file = folder / "MovieGenre.csv"
    file.write_text(file.read_text(encoding="latin-1"), encoding=encoding)
    assert load_movie_posters(folder).titles[0] == "Amélie, Le (2001)"


def test_zip_archive_raises(folder):
    (folder / "MovieGenre.csv").write_bytes(b"PK\x03\x04\x14")
    with pytest.raises(ValueError, match="MovieGenre.csv is a zip archive: unpack it"):
        load_movie_posters(folder)


def test_field_that_never_ends_raises(folder):
    file = folder / "MovieGenre.csv"
    start = file.read_text(encoding="latin-1")
    text = start + '\n6,"' + "a\n" * 100_000
    file.write_text(text, encoding="latin-1")
    match = (
        r"MovieGenre.csv, line \d+: expected comma-separated values, got field larger"
    )
    with pytest.raises(ValueError, match=match):
        load_movie_posters(file)


def test_very_many_genres_raise(folder):
    genres = "|".join(map(str, range(2000)))
    text = "\n".join([HEADER, film(1, "A", genres)])
    (folder / "MovieGenre.csv").write_text(text)
    with pytest.raises(ValueError, match="MovieGenre.csv has 2000 labels, more than"):
        load_movie_posters(folder)
