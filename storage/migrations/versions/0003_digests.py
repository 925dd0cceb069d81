"""the officers' digest of the morning

Revision 0003, after 0002.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("officer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("digest", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column("digest_on", sa.Date(), nullable=True))
    with op.batch_alter_table("officer", schema=None) as batch_op:  # apart: SQLite copies the rows once for each batch
        batch_op.alter_column("digest", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("officer", schema=None) as batch_op:
        batch_op.drop_column("digest_on")
        batch_op.drop_column("digest")
