"""How many threads the matrix products of torch take."""

from contextlib import nullcontext

# before the controller is made, so that it finds the library of torch's threads
import torch
from threadpoolctl import ThreadpoolController

# Multiplications of a product below which threads are not worth their risk. With two
# of them a fit took .8 of the time on an idle machine, and 5 to 20 times as long where
# another program kept one of its two cores busy.
N_OF_A_SMALL_PRODUCT = 2**26
_CONTROLLER = ThreadpoolController()


def one_thread(is_wanted):
    """Return a context that computes in the calling thread only, if it is wanted.

    Threads of a product wait for each other, and very long if another program keeps one
    of the cores busy. The limit holds for the calling
    thread alone: fits in other threads, and torch's own setting, are not touched. If
    the user has called `torch.set_num_threads`, products keep that number.
    """
    if not is_wanted:
        return nullcontext()
    # torch sets the number of a new thread at its first use, which must come first: it
    # is what is restored
    torch.get_num_threads()
    return _CONTROLLER.limit(limits=1, user_api="openmp")
