"""A generation worker in a process of its own, as `parley worker generation` runs it."""

import os

from foundation.settings import load_settings
from foundation.telemetry import configure_logging
from workers.pool import run_generation

if __name__ == "__main__":
    configure_logging(f"generation-{os.getpid()}")
    run_generation(load_settings())
