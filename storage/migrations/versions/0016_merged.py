"""leads that are one business twice are merged into one

Revision 0016, after 0015.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lead", sa.Column("into_id", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_lead_into_id"), "lead", ["into_id"])


def downgrade() -> None:
    with op.batch_alter_table("lead", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_lead_into_id"))
        batch_op.drop_column("into_id")
