"""Links from the HTML display of an estimator to its page of the documentation."""

import skmultitag

# Where the built pages are, with a slash at the end; empty while they are nowhere.
DOCUMENTATION = ""


class DocLinkMixin:
    """Mixin for estimators of this package, left of `BaseEstimator`.

    scikit-learn draws a question mark with the link, and nothing if it is empty.
    """

    _doc_link_module = "skmultitag"

    @property
    def _doc_link_template(self):
        return DOCUMENTATION and DOCUMENTATION + "api/{path}.html"

    def _doc_link_url_param_generator(self):
        name = type(self).__name__
        # pages have the shortest import path
        module = "skmultitag" if name in skmultitag.__all__ else public_module(self)
        return {"path": f"{module}.{name}"}


def public_module(estimator):
    """The folder of its class, which exports it."""
    return type(estimator).__module__.rsplit("._", 1)[0]
