"""Every Python process that finds this folder on its path has its date moved by ``DATE_MOVED_BY`` seconds from the start.

Its clocks for durations (``time.monotonic``, ``time.perf_counter``) go on as they are, as do the times of files.
"""

import os
import sys
from datetime import timedelta

missing = "pytest" not in sys.modules
if missing:
    sys.modules["pytest"] = None  # type: ignore[assignment] # time-machine would load it into each server, for a fixture
import time_machine  # noqa: E402

if missing:
    del sys.modules["pytest"]

time_machine.travel(timedelta(seconds=int(os.environ["DATE_MOVED_BY"]))).start()
