"""A generation worker in a process of its own, as `parley worker generation` runs it.

BEGIN_SECONDS and STALL_SECONDS say how long it waits for a model's first piece of an answer, and for each next one.
"""

import os
from functools import partial

from engine.providers import outbound
from foundation.settings import load_settings
from foundation.telemetry import configure_logging
from workers.pool import run_generation

PATIENCE = {"first": "BEGIN_SECONDS", "stall": "STALL_SECONDS"}

if __name__ == "__main__":
    patience = {name: float(os.environ[said]) for name, said in PATIENCE.items() if said in os.environ}
    vars(outbound)["Timeouts"] = partial(outbound.Timeouts, **patience)
    configure_logging(f"generation-{os.getpid()}")
    run_generation(load_settings())
