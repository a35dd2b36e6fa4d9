"""Private random streams of torch."""

import torch


class RandomStream:
    """A random stream of its own, whose state is plain data.

    It draws on the processor, whatever device a network is on: so a seed gives the
    same numbers everywhere, and what is pickled can be loaded on any machine.

    Parameters
    ----------
    seed : int
        From 0 on.

    Attributes
    ----------
    generator : torch.Generator
        Of the processor.

    Examples
    --------
    >>> import pickle
    >>> import torch
    >>> from skmultitag.losses import RandomStream
    >>> stream = RandomStream(0)
    >>> copied = pickle.loads(pickle.dumps(stream))
    >>> drawn, again = (
    ...     torch.rand(2, device="cpu", generator=each.generator)
    ...     for each in (stream, copied)
    ... )
    >>> torch.equal(drawn, again)
    True
    """

    def __init__(self, seed):
        self.generator = torch.Generator(device="cpu").manual_seed(int(seed))

    def __getstate__(self):
        return {"state": self.generator.get_state().numpy()}

    def __setstate__(self, state):
        self.generator = torch.Generator(device="cpu")
        self.generator.set_state(torch.tensor(state["state"], device="cpu"))
