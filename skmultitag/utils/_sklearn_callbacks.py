"""The bridge to the callbacks of scikit-learn, which it has from 1.9 on."""

try:
    from sklearn.callback import CallbackSupportMixin
except ImportError:

    class CallbackSupportMixin:
        """Nothing, as this version of scikit-learn has no callbacks."""


# what scikit-learn keeps in an estimator that has some
CALLBACK_ATTRIBUTES = (
    "_skl_callbacks",
    "_skl_callbacks_to_teardown",
    "_callback_fit_ctx",
    "_parent_callback_ctx",
)
