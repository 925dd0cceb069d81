"""Draft the next revision: ``python -m storage.migrations "what changes"``.

The draft holds what the models have and a migrated database lacks. Read it, add what no comparison can know (the values
of a new column, a renaming), and let ruff format it.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from alembic import command

from storage.migrations import configuration, migrate

if len(sys.argv) != 2:
    sys.exit('Say what changes: python -m storage.migrations "officers have a language"')

with tempfile.TemporaryDirectory() as folder:
    url = str(Path(folder) / "draft.db")
    migrate(url)
    versions = Path(__file__).parent / "versions"
    number = 1 + len(list(versions.glob("[0-9]*.py")))
    command.revision(configuration(url), message=sys.argv[1], autogenerate=True, rev_id=f"{number:04}")
    for draft in versions.glob(f"{number:04}_*.py"):
        draft.write_text(re.sub(r" *# ### .* ###\n", "", draft.read_text()))  # Alembic's remarks to the author
