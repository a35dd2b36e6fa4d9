"""Writes ONNX operators into a conversion of skl2onnx."""

import numpy as np
from onnx import TensorProto
from onnx.helper import np_dtype_to_tensor_dtype
from onnx.numpy_helper import from_array

LEAST_OPSET = 18  # from which on axes are inputs of all reductions


class Graph:
    """The graph of a conversion, to which operators are added by a call.

    A tensor is called by its name, a str. An array among the inputs of an operator
    becomes a constant.

    Parameters
    ----------
    scope : skl2onnx.common._topology.Scope
        Gives names that are free.

    container : skl2onnx.common._container.ModelComponentContainer
        Gets operators and constants.
    """

    def __init__(self, scope, container):
        if container.target_opset < LEAST_OPSET:
            raise ValueError(
                f"target_opset must be at least {LEAST_OPSET}. Got"
                f" {container.target_opset}."
            )
        self.scope = scope
        self.container = container

    @property
    def opset(self):
        return self.container.target_opset

    def __call__(self, operator, *inputs, output=None, n_outputs=1, **attributes):
        """Add an operator.

        Parameters
        ----------
        operator : str
            Such as "Add".

        *inputs : str or array
            Tensors and constants.

        output : str, default=None
            What its result is called; None for a new name.

        n_outputs : int, default=1
            A list of so many names is returned if it is not 1.

        **attributes : dict
            Of the operator.

        Returns
        -------
        output : str or list of str
        """
        inputs = [
            each if isinstance(each, str) else self.constant(each) for each in inputs
        ]
        names = [output or self.new_name(operator) for _ in range(n_outputs)]
        self.container.add_node(
            operator,
            inputs,
            names,
            name=self.scope.get_unique_operator_name(operator),
            **attributes,
        )
        return names[0] if n_outputs == 1 else names

    def new_name(self, like):
        return self.scope.get_unique_variable_name(like.lower())

    def constant(self, value):
        """Add a constant, and return its name."""
        value = np.asarray(value)
        name = self.new_name("constant")
        if value.dtype.kind in "OU":
            texts = [str(each).encode() for each in value]
            self.container.add_initializer(name, TensorProto.STRING, value.shape, texts)
        else:
            self.container.add_initializer(name, None, None, from_array(value))
        return name

    def cast(self, tensor, dtype, output=None):
        """Convert to a dtype of numpy."""
        to = np_dtype_to_tensor_dtype(np.dtype(dtype))
        return self("Cast", tensor, to=to, output=output)

    def sigmoid(self, tensor, dtype):
        """The logistic function, also where it is close to 0.

        The operator Sigmoid of ONNX Runtime makes 0 of all float32 below -18, which
        thresholds of rare labels can tell from what it should be.
        """
        one = np.ones((), dtype)
        power = self("Exp", self("Neg", tensor))
        return self("Div", one, self("Add", one, power))

    def column(self, matrix, index, axis=1):
        """One column of a matrix, or one entry of another axis, which is kept."""
        return self("Gather", matrix, np.array([index]), axis=axis)
