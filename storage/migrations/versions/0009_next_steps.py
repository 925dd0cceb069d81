"""an open lead has its next step in its own row, no longer as timers

Revision 0009, after 0008.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OVER = ("active", "declined", "member", "withdrawn", "waiting")

_lead = sa.table(
    "lead",
    *(sa.column(name) for name in ("id", "person_id", "status", "changed_at", "next_at", "next_reason", "ring_at")),
    *(sa.column(name) for name in ("rung", "contacted_at")),
)
_timer = sa.table("timer", *(sa.column(name) for name in ("lead_id", "kind", "due_at", "version")))


def upgrade() -> None:
    for name in ("next_at", "ring_at"):
        op.add_column("lead", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("lead", sa.Column("next_reason", sa.String(), nullable=False, server_default=""))
    op.add_column("lead", sa.Column("rung", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("lead", sa.Column("offered", sa.Boolean(), nullable=False, server_default=sa.false()))
    for name in ("next_at", "ring_at"):
        op.create_index(op.f(f"ix_lead_{name}"), "lead", [name])
    op.add_column("leadevent", sa.Column("before", sa.JSON(), nullable=True))
    op.add_column("leadevent", sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))
    is_open = _lead.c.status.not_in(OVER) & _lead.c.person_id.is_not(None)
    of_lead = _timer.c.lead_id == _lead.c.id
    wished = sa.select(sa.func.min(_timer.c.due_at)).where(of_lead, _timer.c.kind == "promise").scalar_subquery()
    steps = ("follow_up", "offer")
    ladder = sa.select(sa.func.min(_timer.c.due_at)).where(of_lead, _timer.c.kind.in_(steps)).scalar_subquery()
    rung = sa.select(sa.func.max(_timer.c.version)).where(of_lead, _timer.c.kind == "follow_up").scalar_subquery()
    at = sa.func.coalesce(wished, ladder, _lead.c.changed_at)
    reason = sa.case((wished.is_not(None), "reminder"), else_="call")
    op.execute(
        sa.update(_lead)
        .where(is_open)
        .values(next_at=at, ring_at=at, next_reason=reason, rung=sa.func.coalesce(rung, 0))
    )
    op.execute(sa.delete(_timer).where(_timer.c.kind.in_((*steps, "promise"))))


def downgrade() -> None:
    with op.batch_alter_table("leadevent", schema=None) as batch_op:
        for name in ("undone_at", "before"):
            batch_op.drop_column(name)
    with op.batch_alter_table("lead", schema=None) as batch_op:
        for name in ("ring_at", "next_at"):
            batch_op.drop_index(op.f(f"ix_lead_{name}"))
        for name in ("offered", "rung", "ring_at", "next_reason", "next_at"):
            batch_op.drop_column(name)
