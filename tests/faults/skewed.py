"""The program on a machine whose clock is wrong by SKEW_SECONDS; children that it makes have the same clock."""

import os
import time

import time_machine

time_machine.travel(time.time() + float(os.environ["SKEW_SECONDS"]), tick=True).start()

if __name__ == "__main__":
    from parley.cli import main

    main()
