"""Names of labels, and values by these names."""

from skmultitag.utils._messages import shorten


def in_order_of_labels(
    values, label_names, name, named_by="y as a DataFrame or as tags"
):
    """Return the values of a dict or Series by label in the order of the labels.

    Parameters
    ----------
    values : dict, Series or other object
        Anything without `items` is returned as it is.

    label_names : list

    name : str
        What error messages call the values.

    named_by : str, default="y as a DataFrame or as tags"
        What to pass, if the names are only numbers.

    Returns
    -------
    values : list or object

    Raises
    ------
    ValueError
        If a label is missing or not known.

    Examples
    --------
    >>> from skmultitag.utils._by_label import in_order_of_labels
    >>> in_order_of_labels({"dog": 2.0, "cat": 1.0}, ["cat", "dog"], name="beta")
    [1.0, 2.0]
    """
    if not hasattr(values, "items"):
        return values
    pairs = list(values.items())
    by_label, known = dict(pairs), set(label_names)
    unknown = [label for label in by_label if label not in known]
    missing = [label for label in label_names if label not in by_label]
    problems = [
        f"{what} {shorten(labels)}"
        for what, labels in (("has unknown labels", unknown), ("lacks", missing))
        if labels
    ]
    if len(by_label) < len(pairs):
        problems.append("has labels twice")
    if problems:
        has_numbers = label_names == list(range(len(label_names)))
        cure = ""
        if has_numbers and any(isinstance(label, str) for label in unknown):
            cure = f" To name them, pass {named_by}."
        raise ValueError(
            f"{name} by label {' and '.join(problems)}. The labels are"
            f" {shorten(label_names)}.{cure}"
        )
    return [by_label[label] for label in label_names]


def check_label_names(label_names, n_labels):
    """Raise if there are more or fewer names than labels."""
    if len(label_names) != n_labels:
        raise ValueError(
            f"label_names must have a name for each of the {n_labels} labels. Got"
            f" {len(label_names)}: {shorten(label_names)}."
        )
