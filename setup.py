"""Packaging of skmultitag: all metadata is in this file."""

import re
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent
VERSION = re.search(
    r'^__version__ = "(.+)"$', (ROOT / "skmultitag" / "__init__.py").read_text(), re.M
).group(1)


def read_description():
    """README.rst without its picture: an index page has no files to show."""
    text = (ROOT / "README.rst").read_text(encoding="utf-8")
    return re.sub(r"^\.\. image::.*\n(?: +.*\n)*\n", "", text, flags=re.M)


# onnxscript is what torch needs for networks of the user
ONNX = ["skl2onnx>=1.19", "onnx>=1.17", "onnxruntime>=1.20", "onnxscript>=0.5"]
EXTRAS = {
    "plot": ["matplotlib>=3.8", "pandas>=2.1"],
    "onnx": ONNX,
    "text": ["skrub>=0.5", "sentence-transformers>=3.0"],
    "tests": [
        "pytest>=8.0",
        "hypothesis>=6.100",
        "pandas>=2.1",
        "matplotlib>=3.8",
        "dask[distributed]>=2025.1",
        "psutil>=5.9",
        "numpydoc>=1.11",
        "polars>=1.0",
        "pyarrow>=16.0",
        "safetensors>=0.4",
        "skops>=0.13",
        *ONNX,
    ],
    "doc": [
        "sphinx>=8.1",
        "sphinx-gallery>=0.18",
        "numpydoc>=1.11",
        "pydata-sphinx-theme>=0.16",
        "sphinx-copybutton>=0.5",
        "sphinx-design>=0.6",
        "matplotlib>=3.8",
        "pandas>=2.1",
        "optuna>=4.0",
        *ONNX,
        # of two examples, which do without
        "scikit-activeml>=1.0",
        "cleanlab>=2.9",
    ],
}

setup(
    name="skmultitag",
    version=VERSION,
    description="Multilabel tagging over embeddings, with F1 losses, for scikit-learn",
    long_description=read_description(),
    long_description_content_type="text/x-rst",
    author="skmultitag developers",
    maintainer="skmultitag developers",
    keywords=[
        "multilabel classification",
        "tagging",
        "embeddings",
        "F1 score",
        "thresholds",
        "scikit-learn",
    ],
    license_expression="BSD-3-Clause",
    license_files=["LICENSE", "DATA_TERMS.rst"],
    packages=find_packages(include=["skmultitag", "skmultitag.*"]),
    include_package_data=True,
    python_requires=">=3.10",
    install_requires=[
        "scikit-learn>=1.6",
        "skorch>=1.2",
        "torch>=2.6",
        "numpy>=1.26",
        "scipy>=1.12",
        "imbalanced-learn>=0.13",
        "threadpoolctl>=3.1",
    ],
    extras_require=EXTRAS,
    classifiers=[
        "Development Status :: 3 - Alpha",
        "Intended Audience :: Developers",
        "Intended Audience :: Science/Research",
        "Operating System :: OS Independent",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3 :: Only",
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Programming Language :: Python :: 3.14",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
    ],
)
