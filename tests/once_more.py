"""For continuous integration: run pytest, and what failed once more by itself. ``python -m tests.once_more make test``.

A machine that is busy makes a test late that waits for another process. Whatever fails twice fails the run; what fails
once is named at the end, for it is a fault all the same.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence

from tests.children import ROOT

MOST = 5  # failures; more are no accident
_FAILED = re.compile(r"^FAILED (.+?)(?: - .*)?$")


def run(command: Sequence[str], env: Mapping[str, str] = os.environ) -> int:
    """The exit code of this command that runs pytest, or of its few failures when they are run again; output is passed on."""
    failed = []
    with subprocess.Popen(command, cwd=ROOT, env=dict(env), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()
            failed += [found[1] for found in (_FAILED.match(line.rstrip()),) if found]
    if process.returncode == 0 or not 0 < len(failed) <= MOST:
        return process.returncode
    sys.stdout.write(f"\n=== once more, by themselves: {', '.join(failed)}\n")
    sys.stdout.flush()
    again = (sys.executable, "-m", "pytest", "-W", "ignore:Module already imported", "-m", "", *failed)
    return subprocess.run(again, cwd=ROOT, env=dict(env), check=False).returncode


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
