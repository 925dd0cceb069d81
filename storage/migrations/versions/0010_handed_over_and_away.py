"""a lead may be offered to a colleague; an officer's leave has its days, and the week its message

Revision 0010, after 0009.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lead", sa.Column("offered_to", sa.BigInteger(), nullable=True))
    op.add_column("lead", sa.Column("offered_until", sa.DateTime(timezone=True), nullable=True))
    for name in ("offered_to", "offered_until"):
        op.create_index(op.f(f"ix_lead_{name}"), "lead", [name])
    for name in ("absent_from", "absent_until"):
        op.add_column("officer", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("officer", sa.Column("week_on", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("officer", schema=None) as batch_op:
        for name in ("week_on", "absent_until", "absent_from"):
            batch_op.drop_column(name)
    with op.batch_alter_table("lead", schema=None) as batch_op:
        for name in ("offered_until", "offered_to"):
            batch_op.drop_index(op.f(f"ix_lead_{name}"))
            batch_op.drop_column(name)
