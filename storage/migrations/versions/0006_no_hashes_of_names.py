"""no hashes of names and numbers of leads: nothing searches by them

Revision 0006, after 0005.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_leadword_find", "leadword")
    op.drop_table("leadword")
    op.drop_index("ix_lead_phone_find", "lead")
    op.drop_column("lead", "phone_find")


def downgrade() -> None:
    op.add_column("lead", sa.Column("phone_find", sa.LargeBinary(length=16), nullable=True))
    op.create_index("ix_lead_phone_find", "lead", ["phone_find"])
    op.create_table(
        "leadword",
        sa.Column("lead_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("find", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("lead_id", "find", name=op.f("pk_leadword")),
    )
    op.create_index("ix_leadword_find", "leadword", ["find"])
