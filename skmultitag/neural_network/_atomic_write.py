"""Files that are written whole, or not at all."""

import os
import uuid
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_write(file):
    """Open a file that takes the place of `file` once the block has ended.

    Whatever happens in between, an error, a full disk or a kill, `file` remains what it
    was. Only a kill leaves the temporary file, a hidden one in the same folder.

    Parameters
    ----------
    file : str or path-like

    Yields
    ------
    stream : binary file
    """
    file = Path(file)
    # of a name of its own, as several processes may write the same file
    temporary = file.with_name(f".{file.name}.{uuid.uuid4().hex}.tmp")
    try:
        with open(temporary, "xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, file)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
