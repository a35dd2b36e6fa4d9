"""Private random streams of torch."""

import torch


class RandomStream:
    """A private random stream of torch that can be pickled.

    Use it in a loss that draws at random. It draws on the CPU, whatever device the
    network is on. So a seed gives the same numbers everywhere, and a pickled stream can
    be loaded on any machine.

    Parameters
    ----------
    seed : int
        Seed of the stream, in [0, inf).

    Attributes
    ----------
    generator : torch.Generator
        Generator on the CPU, for functions of torch that draw.

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
