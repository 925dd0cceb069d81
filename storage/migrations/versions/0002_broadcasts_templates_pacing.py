"""broadcasts, templates and what pacing needs

Revision 0002, after 0001.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "broadcast",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("approved_by", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("planned_through", sa.BigInteger(), nullable=False),
        sa.Column("start_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resumed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcast")),
    )
    with op.batch_alter_table("broadcast", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_broadcast_state"), ["state"], unique=False)

    op.create_table(
        "joincode",
        sa.Column("find", sa.LargeBinary(length=16), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("find", name=op.f("pk_joincode")),
    )
    with op.batch_alter_table("joincode", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_joincode_person_id"), ["person_id"], unique=False)

    op.create_table(
        "recipient",
        sa.Column("broadcast_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("outbox_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("broadcast_id", "number", name=op.f("pk_recipient")),
        sa.UniqueConstraint("broadcast_id", "person_id", name=op.f("uq_recipient_broadcast_id_person_id")),
    )
    with op.batch_alter_table("recipient", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recipient_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "ix_recipient_planned",
            ["broadcast_id", "number"],
            unique=False,
            sqlite_where=sa.text("state IN ('planned')"),
            postgresql_where=sa.text("state IN ('planned')"),
        )

    op.create_table(
        "templatestate",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account", "name", "language", name=op.f("pk_templatestate")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("broadcast_id", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("outside", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("category", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("billable", sa.Boolean(), nullable=True))
    with op.batch_alter_table("outbox", schema=None) as batch_op:  # apart: SQLite copies the rows once for each batch
        batch_op.alter_column("outside", server_default=None)
        batch_op.alter_column("category", server_default=None)
        batch_op.create_index(
            "ix_outbox_broadcast",
            ["broadcast_id", "state", "id"],
            unique=False,
            sqlite_where=sa.text("broadcast_id IS NOT NULL"),
            postgresql_where=sa.text("broadcast_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_outbox_chat",
            ["address_id", "id"],
            unique=False,
            sqlite_where=sa.text("state IN ('due', 'sending')"),
            postgresql_where=sa.text("state IN ('due', 'sending')"),
        )
        batch_op.create_index(
            "ix_outbox_leased_once",
            ["lease_until"],
            unique=False,
            sqlite_where=sa.text("state = 'sending' AND NOT repeatable"),
            postgresql_where=sa.text("state = 'sending' AND NOT repeatable"),
        )
        batch_op.create_index(
            "ix_outbox_outside",
            ["account", "sent_at"],
            unique=False,
            sqlite_where=sa.text("outside"),
            postgresql_where=sa.text("outside"),
        )
        batch_op.create_index(
            "ix_outbox_parked",
            ["address_id"],
            unique=False,
            sqlite_where=sa.text("state IN ('parked')"),
            postgresql_where=sa.text("state IN ('parked')"),
        )

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("may_call", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("phone_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("bucket", schema=None) as batch_op:
        batch_op.add_column(sa.Column("late", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("bucket", schema=None) as batch_op:
        batch_op.alter_column("late", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("bucket", schema=None) as batch_op:
        batch_op.drop_column("late")

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_column("phone_at")
        batch_op.drop_column("may_call")

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_outbox_parked",
            sqlite_where=sa.text("state IN ('parked')"),
            postgresql_where=sa.text("state IN ('parked')"),
        )
        batch_op.drop_index(
            "ix_outbox_leased_once",
            sqlite_where=sa.text("state = 'sending' AND NOT repeatable"),
            postgresql_where=sa.text("state = 'sending' AND NOT repeatable"),
        )
        batch_op.drop_index("ix_outbox_outside", sqlite_where=sa.text("outside"), postgresql_where=sa.text("outside"))
        batch_op.drop_index(
            "ix_outbox_chat",
            sqlite_where=sa.text("state IN ('due', 'sending')"),
            postgresql_where=sa.text("state IN ('due', 'sending')"),
        )
        batch_op.drop_index(
            "ix_outbox_broadcast",
            sqlite_where=sa.text("broadcast_id IS NOT NULL"),
            postgresql_where=sa.text("broadcast_id IS NOT NULL"),
        )
        batch_op.drop_column("billable")
        batch_op.drop_column("category")
        batch_op.drop_column("outside")
        batch_op.drop_column("broadcast_id")

    op.drop_table("templatestate")
    with op.batch_alter_table("recipient", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_recipient_planned",
            sqlite_where=sa.text("state IN ('planned')"),
            postgresql_where=sa.text("state IN ('planned')"),
        )
        batch_op.drop_index(batch_op.f("ix_recipient_person_id"))

    op.drop_table("recipient")
    with op.batch_alter_table("joincode", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_joincode_person_id"))

    op.drop_table("joincode")
    with op.batch_alter_table("broadcast", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_broadcast_state"))

    op.drop_table("broadcast")
