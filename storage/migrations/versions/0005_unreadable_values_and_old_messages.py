"""values that do not open, and the ends of old messages

Revision 0005, after 0004.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unreadable",
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("row_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("place", "row_id", name=op.f("pk_unreadable")),
    )
    outbox = sa.table("outbox", sa.column("to"), sa.column("sealed"))
    left_behind = outbox.c.sealed.is_(None) & outbox.c.to.is_not(None)
    op.execute(outbox.update().where(left_behind).values(to=None))  # of cards that were withdrawn
    kept = sa.text("sealed IS NOT NULL")
    for table in ("inbox", "outbox"):
        op.create_index(f"ix_{table}_kept", table, ["id"], sqlite_where=kept, postgresql_where=kept)


def downgrade() -> None:
    for table in ("outbox", "inbox"):
        op.drop_index(f"ix_{table}_kept", table)
    op.drop_table("unreadable")
