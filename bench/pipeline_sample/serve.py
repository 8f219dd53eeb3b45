"""One contestant on the server that the program uses: `python -m bench.pipeline_sample.serve NAME PORT`."""

from __future__ import annotations

import sys
from typing import Any

from granian.constants import HTTPModes, Interfaces, Loops
from granian.server import Server


def application() -> Any:
    """Return the application that the command line names."""
    from bench.pipeline_sample.apps import CONTESTANTS

    return CONTESTANTS[sys.argv[1]]()


if __name__ == "__main__":
    Server(
        "bench.pipeline_sample.serve:application",
        address="127.0.0.1",
        port=int(sys.argv[2]),
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        loop=Loops.uvloop,
        factory=True,
        log_enabled=False,
    ).serve()
