"""who is signed in on the console

Revision 0014, after 0013.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consolesession",
        sa.Column("find", sa.LargeBinary(length=16), nullable=False),
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("find", name=op.f("pk_consolesession")),
    )
    op.create_index("ix_consolesession_officer_id", "consolesession", ["officer_id"])
    op.create_index("ix_consolesession_expires_at", "consolesession", ["expires_at"])
    op.create_table(
        "signin",
        sa.Column("find", sa.LargeBinary(length=16), nullable=False),
        sa.Column("digits", sa.LargeBinary(length=16), nullable=True),
        sa.Column("officer_id", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("find", name=op.f("pk_signin")),
    )
    op.create_index("ix_signin_digits", "signin", ["digits"])
    op.create_index("ix_signin_expires_at", "signin", ["expires_at"])


def downgrade() -> None:
    op.drop_table("signin")
    op.drop_table("consolesession")
