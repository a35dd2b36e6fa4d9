from inspect import Parameter, signature


def accepts_argument(function, name):
    """Whether `function` can be called with the keyword argument `name`."""
    parameters = signature(function).parameters
    return name in parameters or any(
        parameter.kind is Parameter.VAR_KEYWORD for parameter in parameters.values()
    )
