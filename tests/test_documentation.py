"""The pages of the API are whole, and so are the docstrings."""

import ast
import importlib.util
import inspect
import re
import textwrap
from importlib import import_module
from pathlib import Path

import jinja2
import pytest
from sphinx.pycode import ModuleAnalyzer

DOC = Path(__file__).parents[1] / "doc"
API_PAGE = DOC / "api.rst"
# Of the checks of numpydoc all but these: an extended summary and "See Also" are not
# always needed, results have names, and a summary may begin with a noun.
NOT_CHECKED = {"ES01", "SA01", "RT02", "SS05"}
# they say "those of `forward`" or "of `row_sums`", or are overrides of one line
BY_REFERENCE = {
    "MultilabelLoss.validation_loss",
    "MultilabelLoss.validation_sums",
    "AdaptiveSigmoidF1Loss.validation_sums",
    "AdaptiveSigmoidF1Loss.epoch_figures",
    "BayesianSigmoidF1Loss.epoch_figures",
    "BayesianSigmoidF1Loss.observe",
    "GlobalObjectiveLoss.epoch_figures",
    "GlobalObjectiveLoss.observe",
}
# what authors of losses need: the page how_to/add_a_loss explains it
FOR_LOSS_AUTHORS = {
    "MultilabelLoss",
    "RandomStream",
    "WrapperLoss",
    "label_frequencies",
}


def load_public_names():
    spec = importlib.util.spec_from_file_location(
        "public_names", DOC / "public_names.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PUBLIC_NAMES = load_public_names()
public_objects = PUBLIC_NAMES.public_objects
public_methods = PUBLIC_NAMES.public_methods


def objects_of_api_page():
    found, module = [], None
    for line in API_PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith(".. currentmodule:: "):
            module = import_module(line.split()[-1])
        elif line.startswith("   ") and line.strip().isidentifier():
            found.append(getattr(module, line.strip()))
    return found


def documented_objects():
    """Import paths of public functions, classes and methods."""
    paths = set()
    for value in public_objects():
        # a method without a text of its own has that of the base class
        methods = [method for _, method in public_methods(value) if method.__doc__]
        for part in [value, *methods]:
            if part.__qualname__ in BY_REFERENCE:
                continue
            paths.add(f"{part.__module__}.{part.__qualname__}")
    return sorted(paths)


def test_api_page_has_each_public_name_once():
    listed, public = objects_of_api_page(), public_objects()
    names = {value: public.get(value, repr(value)) for value in listed} | public
    assert sorted(names[value] for value in listed) == sorted(public.values())


def test_each_public_name_links_to_its_source():
    """Sphinx leaves it out if it cannot read the file.

    It takes no ``**`` in the dict of a decorator.
    """
    for value in public_objects():
        ModuleAnalyzer.for_module(value.__module__).find_tags()


@pytest.mark.parametrize("path", documented_objects())
def test_docstring_is_whole(path):
    """numpydoc finds no fault in parameters, types, what is returned, and so on."""
    validate = pytest.importorskip("numpydoc.validate").validate
    not_checked = NOT_CHECKED if is_top_level(path) else NOT_CHECKED | {"EX01"}
    errors = dict(validate(path)["errors"])
    assert not errors.keys() - not_checked, errors


def is_top_level(path):
    """Whether it is a class or function: these need an example, methods do not."""
    return any(path == f"{v.__module__}.{v.__qualname__}" for v in public_objects())


def test_each_public_method_has_a_docstring():
    for value, path in public_objects().items():
        for name, _ in public_methods(value):
            assert inspect.getdoc(getattr(value, name)), f"{path}.{name}"


def test_pages_of_classes_show_all_methods():
    for value, path in public_objects().items():
        if inspect.isclass(value):
            assert methods_on_page(path) == methods_written_for(value), path


def methods_written_for(value):
    """Without `set_fit_request` and the like, which scikit-learn makes."""
    ours = [base for base in value.__mro__ if base.__module__.startswith("skmultitag.")]
    names = {name for base in ours for name in vars(base)}
    return sorted(
        name
        for name in names
        if not re.match(r"_|set_\w+_request$", name) and callable(getattr(value, name))
    )


def methods_on_page(path):
    """What `doc/_templates/class.rst` makes of a class."""
    environment = jinja2.Environment()
    environment.filters["underline"] = str
    template = environment.from_string((DOC / "_templates" / "class.rst").read_text())
    page = template.render(
        fullname=path,
        objname=path.split(".")[-1],
        public_methods=PUBLIC_NAMES.methods_by_class(),
    )
    return re.findall(r"automethod:: (\w+)", page)


def test_pages_of_classes_show_what_people_call():
    classifier = methods_on_page("skmultitag.MultiTagClassifier")
    assert {"fit", "partial_fit", "predict_top", "predict_proba_std"} <= set(classifier)
    display = methods_on_page("skmultitag.plotting.LabelConfusionDisplay")
    assert {"from_estimator", "from_predictions", "plot"} <= set(display)
    splitter = methods_on_page("skmultitag.model_selection.MultilabelStratifiedKFold")
    assert splitter == ["get_n_splits", "split"]


def test_code_blocks_are_python():
    """They are not run, so a line that was wrapped by mistake would not be seen."""
    block = re.compile(r"^( *)\.\. code-block:: python\n((?:\1 +\S.*\n|\n)+)", re.M)
    for page in DOC.rglob("*.rst"):
        for _, code in block.findall(page.read_text(encoding="utf-8")):
            ast.parse(textwrap.dedent(code), page.name)


def test_each_public_name_and_the_guide_link_to_each_other():
    pages = [*(DOC / "user_guide").glob("*.rst"), *(DOC / "how_to").glob("*.rst")]
    guide = "".join(page.read_text(encoding="utf-8") for page in pages)
    for value, path in public_objects().items():
        name = path.split(".")[-1]
        assert re.search(rf"`~?skmultitag\.([\w.]*\.)?{name}[`.]", guide), path
        if name not in FOR_LOSS_AUTHORS:
            assert ":ref:`User Guide <" in value.__doc__, path
