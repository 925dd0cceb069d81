"""what happens at the questions of a registration is counted by day, channel and campaign

Revision 0020, after 0019.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "askedcount",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "question", "channel", "campaign", "event", name=op.f("pk_askedcount")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("askedcount")
