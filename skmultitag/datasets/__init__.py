"""Data sets: shipped data, loaders of published data, and simulated data."""

from skmultitag.datasets._arxiv import load_arxiv
from skmultitag.datasets._chemical_exposure import load_chemical_exposure
from skmultitag.datasets._debtags import load_debtags
from skmultitag.datasets._debtags_texts import load_debtags_texts
from skmultitag.datasets._hallmarks import load_hallmarks
from skmultitag.datasets._make_multitag_classification import (
    make_multitag_classification,
)
from skmultitag.datasets._movie_posters import load_movie_posters
from skmultitag.datasets._mulan import fetch_mulan

__all__ = [
    "fetch_mulan",
    "load_arxiv",
    "load_chemical_exposure",
    "load_debtags",
    "load_debtags_texts",
    "load_hallmarks",
    "load_movie_posters",
    "make_multitag_classification",
]
