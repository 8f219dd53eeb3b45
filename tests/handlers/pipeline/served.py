"""The sample application on the real server: `python -m tests.handlers.pipeline.served PORT`."""

from __future__ import annotations

import sys
from typing import Any

from granian.constants import Interfaces
from granian.server import Server

from tests.handlers.pipeline.conftest import sample_app


def application() -> Any:
    """Return the sample application."""
    return sample_app()


if __name__ == "__main__":
    target = f"{__name__ if __name__ != '__main__' else 'tests.handlers.pipeline.served'}:application"
    Server(target, address="127.0.0.1", port=int(sys.argv[1]), interface=Interfaces.ASGI, factory=True).serve()
