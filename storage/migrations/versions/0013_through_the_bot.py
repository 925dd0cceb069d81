"""an officer and an owner may write to each other through us

Revision 0013, after 0012.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "bridge",
        sa.Column("lead_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", moment, nullable=False),
        sa.Column("ends_at", moment, nullable=False),
        sa.Column("turned_at", moment, nullable=True),
        sa.Column("heard_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("lead_id", name=op.f("pk_bridge")),
    )
    for name in ("officer_id", "ends_at"):
        op.create_index(op.f(f"ix_bridge_{name}"), "bridge", [name])


def downgrade() -> None:
    for name in ("ends_at", "officer_id"):
        op.drop_index(op.f(f"ix_bridge_{name}"), "bridge")
    op.drop_table("bridge")
