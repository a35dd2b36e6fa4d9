"""How methods are drawn, and panels side by side, for all pages."""

import matplotlib.pyplot as plt

# in the order of legends and tables; the colors of Okabe and Ito, which the
# color-blind can tell apart
STYLES = {
    "bce at 0.5": {"color": "#0072B2", "marker": "o", "linestyle": "--"},
    "bce tuned": {"color": "#0072B2", "marker": "o"},
    "bce tuned micro": {"color": "#0072B2", "marker": "o"},
    "logistic at 0.5": {"color": "#000000", "marker": "X", "linestyle": "--"},
    "logistic tuned": {"color": "#000000", "marker": "X"},
    "logistic tuned micro": {"color": "#000000", "marker": "X"},
    "sigmoid_f1": {"color": "#D55E00", "marker": "s"},
    "sigmoid_f1, beta=5": {"color": "#E69F00", "marker": "D"},
    "sigmoid_f1, micro": {"color": "#CC79A7", "marker": "v"},
    "sigmoid_f1_bce": {"color": "#009E73", "marker": "^"},
    "bce + soft_f1": {"color": "#56B4E9", "marker": "P"},
}


def in_order(names):
    return [name for name in STYLES if name in set(names)]


def draw_lines(ax, mean, half):
    """A line with its interval for each column; the index is x."""
    for name in in_order(mean):
        ax.errorbar(
            mean.index,
            mean[name],
            yerr=half[name].fillna(0),
            label=name,
            markersize=4,
            linewidth=1.3,
            elinewidth=0.8,
            **STYLES[name],
        )
    ax.grid(alpha=0.3)


def legend_below(figure, ax, n_columns=4):
    handles, names = ax.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=n_columns)


def panels(n_rows, n_columns, width, height, **shared):
    """A figure and its axes, always in two dimensions; the size is that of a panel."""
    return plt.subplots(
        n_rows,
        n_columns,
        figsize=(width * n_columns, height * n_rows),
        layout="constrained",
        squeeze=False,
        **shared,
    )


def side_by_side(names, width, height):
    """A figure with titled axes for each name, by name; they share y."""
    figure, axes = panels(1, len(names), width, height, sharey=True)
    by_name = dict(zip(names, axes[0], strict=True))
    for name, ax in by_name.items():
        ax.set_title(name)
    return figure, by_name


def log_ticks(ax, values):
    """A logarithmic x axis with these ticks only."""
    ax.set_xscale("log")
    ax.set_xticks(values, [f"{value:,}" for value in values])
    ax.minorticks_off()


def save(figure, path):
    figure.savefig(path, dpi=90)
    plt.close(figure)
