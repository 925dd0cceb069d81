"""leads are found by keyed hashes; an officer's list has an index in its order

Revision 0011, after 0010. The hashes of leads that exist are made by the running server (``bot/timers/upkeep.py``).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leadfind",
        sa.Column("find", sa.LargeBinary(length=16), nullable=False),
        sa.Column("regency", sa.String(), nullable=False),
        sa.Column("lead_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("find", "regency", "lead_id", name=op.f("pk_leadfind")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_leadfind_lead_id", "leadfind", ["lead_id"])
    op.create_index("ix_lead_of_officer", "lead", ["officer_id", "next_at", "status", "person_id"])
    op.drop_index("ix_lead_officer_id", "lead")
    op.create_index("ix_lead_district", "lead", ["district"])


def downgrade() -> None:
    op.drop_index("ix_lead_district", "lead")
    op.create_index("ix_lead_officer_id", "lead", ["officer_id"])
    op.drop_index("ix_lead_of_officer", "lead")
    op.drop_index("ix_leadfind_lead_id", "leadfind")
    op.drop_table("leadfind")
