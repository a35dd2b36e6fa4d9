"""Writes ONNX operators into a conversion of skl2onnx."""

import numpy as np
from onnx import TensorProto
from onnx.compose import add_prefix_graph
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

    def merge(self, model, inputs, outputs, dtype):
        """Add what another model of ONNX computes.

        Parameters
        ----------
        model : onnx.ModelProto

        inputs : list of str
            Tensors that it gets.

        outputs : list of str
            Those of its outputs that are needed. What they don't need is left out:
            there may be operators in it that ONNX Runtime does not have.

        dtype : numpy dtype
            Of its numbers.

        Returns
        -------
        outputs : list of str
        """
        prefix = f"{self.new_name('part')}_"
        part = add_prefix_graph(model.graph, prefix)
        for name, its_input in zip(inputs, part.input, strict=True):
            self("Identity", name, output=its_input.name)
        outputs = [prefix + name for name in outputs]
        nodes, read = [], set(outputs)
        for node in reversed(part.node):
            if read.intersection(node.output):
                nodes.append(node)
                read.update(_names_read(node))
        versions = {each.domain: each.version for each in model.opset_import}
        for node in reversed(nodes):
            if node.op_type == "Sigmoid":
                result = self.sigmoid(node.input[0], dtype)
                self("Identity", result, output=node.output[0])
                continue
            del node.metadata_props[:]  # of torch: lines of source files
            self.container.nodes.append(node)
            version = versions[node.domain]
            self.container.node_domain_version_pair_sets.add((node.domain, version))
        constants = (each for each in part.initializer if each.name in read)
        self.container.initializers.extend(constants)
        return outputs


def _names_read(node):
    """Tensors that an operator reads, also in the bodies of loops."""
    yield from node.input
    for attribute in node.attribute:
        for body in (attribute.g, *attribute.graphs):
            for each in body.node:
                yield from _names_read(each)
