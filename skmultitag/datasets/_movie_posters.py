import csv
import os

from sklearn.utils import Bunch

from skmultitag.datasets._base import (
    as_strings,
    broken_line,
    check_few_labels,
    encode_tags,
    find_path,
    read_lines,
    some_names,
)
from skmultitag.utils._messages import shorten
from skmultitag.utils._sklearn import validate_params

SOURCE = "https://www.kaggle.com/datasets/neha1703/movie-genre-from-its-poster"

FILE_NAME = "MovieGenre.csv"

COLUMNS = ["imdbId", "Imdb Link", "Title", "IMDB Score", "Genre", "Poster"]

DESCRIPTION = f"""\
Movie posters and genres
------------------------

Task: predict the genres of a film from its poster. Most films have one to three genres.
The data are paths of images. Turn them into embeddings with an image encoder of your
choice.

Three kinds of rows are left out: rows without a genre, rows whose poster is missing or
empty, and rows whose film came before in the file. They are counted in n_without_genre,
n_without_poster and n_repeated.

Source: {SOURCE}, which has the list of films and a sample of the posters. The list has
links to the other posters. No license is stated. Posters belong to their studios.
"""


@validate_params(
    {
        "path": [str, os.PathLike],
        "posters": [str, os.PathLike, None],
        "return_X_y": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def load_movie_posters(path, posters=None, *, return_X_y=False):
    r"""Load paths of movie posters, and the genres of the films.

    ==============   =====================
    Rows             films with a poster
    Data             paths of images
    Labels           the genres, about 28
    Labels a row     1 to 3 as a rule
    ==============   =====================

    The data do not come with the package.

    Read more in the :ref:`User Guide <published_data>`.

    Parameters
    ----------
    path : str or path-like
        The file "MovieGenre.csv", or its folder. It is read as UTF-8, and as Latin-1 if
        it is not UTF-8, like the file of Kaggle.

    posters : str, path-like or None, default=None
        Folder of the posters, which can be in subfolders. None for the folder of
        "MovieGenre.csv". The name of a poster is the column "imdbId", as in
        "114709.jpg". Images can have any format, as they are not opened.

    return_X_y : bool, default=False
        Whether to return `(data, target)` only.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        With the attributes

        data : ndarray of str of shape (n_samples,)
            Paths of the posters.
        target : ndarray of shape (n_samples, n_labels)
            Indicator of 0 and 1, int64.
        target_names : ndarray of str of shape (n_labels,)
            The genres.
        titles : ndarray of str of shape (n_samples,)
            Titles of the films, with their years.
        imdb_ids : ndarray of str of shape (n_samples,)
            The column "imdbId".
        n_repeated : int
            Number of rows left out because their film came before.
        n_without_genre : int
            Number of rows left out because they have no genre.
        n_without_poster : int
            Number of rows left out because their poster is missing or an empty file.
        DESCR : str
            What the data are.

    (data, target) : tuple
        If `return_X_y`.

    Raises
    ------
    FileNotFoundError
        If the file or the folder is missing.

    ValueError
        If a line has another format, or if no row is kept. The message names the file
        and the line.

    References
    ----------
    The `data <https://www.kaggle.com/datasets/neha1703/movie-genre-from-its-poster>`_
    come without a license. Posters belong to their studios.

    Chu, Guo (2017), `Movie Genre Classification based on Poster Images with Deep Neural
    Networks <https://doi.org/10.1145/3132515.3132516>`_, MUSA2.

    Examples
    --------
    A list of two films in this format, and the poster of one of them:

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from skmultitag.datasets import load_movie_posters
    >>> lines = (
    ...     "imdbId,Imdb Link,Title,IMDB Score,Genre,Poster\n"
    ...     "114709,http://www.imdb.com/title/tt114709,Toy Story (1995),8.3,"
    ...     "Animation|Adventure|Comedy,http://example.com/1.jpg\n"
    ...     "113497,http://www.imdb.com/title/tt113497,Jumanji (1995),6.9,"
    ...     "Action|Adventure|Family,http://example.com/2.jpg\n"
    ... )
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "MovieGenre.csv").write_text(lines)
    ...     _ = Path(folder, "114709.jpg").write_bytes(b"an image")
    ...     films = load_movie_posters(folder)
    >>> films.titles.tolist(), films.n_without_poster
    (['Toy Story (1995)'], 1)
    >>> films.target_names.tolist()
    ['Adventure', 'Animation', 'Comedy']
    """
    file = find_path(path, SOURCE, names=(FILE_NAME,))
    posters = file.parent if posters is None else posters
    images, empty = _find_images(posters)
    kept, seen = [], set()
    n_rows = n_repeated = n_without_genre = n_without_poster = n_empty = 0
    for imdb_id, title, genres in _read_films(file):
        n_rows += 1
        if imdb_id in seen:
            n_repeated += 1
        elif not genres:
            n_without_genre += 1
        elif imdb_id not in images:
            n_without_poster += 1
            n_empty += imdb_id in empty
        else:
            kept.append((images[imdb_id], title, imdb_id, genres))
        seen.add(imdb_id)
    if not kept:
        raise ValueError(
            f"None of the {n_rows} rows of {file} has a genre and a poster in"
            f" {posters}. Without a genre: {n_without_genre}, without a poster:"
            f" {n_without_poster} (of these empty files: {n_empty}), repeated:"
            f' {n_repeated}. Posters are named by the column "imdbId", as in'
            " 114709.jpg; the folder holds"
            f" {some_names([*images.values(), *empty.values()])}. Get the data from"
            f" {SOURCE}."
        )
    paths, titles, imdb_ids, tags = zip(*kept, strict=True)
    check_few_labels(file, set().union(*tags), SOURCE)
    data = as_strings(map(str, paths))
    target, target_names = encode_tags(tags)
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        target_names=target_names,
        titles=as_strings(titles),
        imdb_ids=as_strings(imdb_ids),
        n_repeated=n_repeated,
        n_without_genre=n_without_genre,
        n_without_poster=n_without_poster,
        DESCR=DESCRIPTION,
    )


def _find_images(folder):
    """The paths of the posters, and those of empty files, by the name of the film."""
    images, empty = {}, {}
    for file in sorted(find_path(folder, SOURCE).rglob("*")):
        if file.suffix.lower() != ".csv" and file.is_file():
            # many links of the list are dead, and some downloaders leave empty files
            (images if file.stat().st_size else empty)[file.stem] = file
    return images, empty


def _read_films(file):
    """Yield the identifier, title and genres of each film."""
    rows = _read_rows(file)
    _, columns = next(rows, (1, None))
    if columns != COLUMNS:
        got = "an empty file" if columns is None else shorten(columns)
        raise broken_line(file, 1, f"the columns {COLUMNS}", got, SOURCE)
    for number, row in rows:
        if len(row) == len(COLUMNS):
            imdb_id, _, title, _, genres, _ = row
            genres = [genre.strip() for genre in genres.split("|")]
            yield imdb_id, title, tuple(filter(None, genres))
        elif row:  # an empty line is no film
            expected = f"{len(COLUMNS)} columns"
            raise broken_line(file, number, expected, len(row), SOURCE)


def _read_rows(file):
    """Yield the number of the last line and the fields of each row of the table."""
    encoding = "utf-8-sig" if _is_utf8(file) else "latin-1"
    lines = read_lines(file, SOURCE, encoding=encoding)
    reader = csv.reader(line for _, line in lines)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as exc:
        number = reader.line_num
        raise broken_line(file, number, "comma-separated values", exc, SOURCE) from exc


def _is_utf8(file):
    try:
        for _ in read_lines(file, SOURCE):
            pass
    except ValueError:
        return False
    return True
