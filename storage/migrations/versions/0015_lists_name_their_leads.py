"""a message to an officer that names several owners is tied to each of their leads

Revision 0015, after 0014. Lists from before stay tied to the first lead alone.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leadnamed",
        sa.Column("lead_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("outbox_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("lead_id", "outbox_id", name=op.f("pk_leadnamed")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_leadnamed_outbox_id", "leadnamed", ["outbox_id"])


def downgrade() -> None:
    op.drop_index("ix_leadnamed_outbox_id", "leadnamed")
    op.drop_table("leadnamed")
