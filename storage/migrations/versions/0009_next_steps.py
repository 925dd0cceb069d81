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
_timer = sa.table("timer", *(sa.column(name) for name in ("id", "lead_id", "kind", "due_at", "version")))
_event = sa.table("leadevent", *(sa.column(name) for name in ("lead_id", "outcome")))

NAMED_BEFORE = {  # statuses and outcomes that the version before does not know, and what is nearest there
    **dict.fromkeys(("appointment", "papers"), "interested"),
    **dict.fromkeys(("sponsored", "ineligible", "duplicate", "elsewhere", "wrong_number"), "declined"),
}


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
    noted = sa.select(sa.func.count()).where(_event.c.lead_id == _lead.c.id, _event.c.outcome != "").scalar_subquery()
    stands = (_timer.c.kind == "promise") & (_timer.c.version == noted)  # nothing was noted since
    wished = sa.select(sa.func.min(_timer.c.due_at)).where(of_lead, stands).scalar_subquery()
    steps = ("follow_up", "offer")
    ladder = sa.select(sa.func.min(_timer.c.due_at)).where(of_lead, _timer.c.kind.in_(steps)).scalar_subquery()
    rung = sa.select(sa.func.max(_timer.c.version)).where(of_lead, _timer.c.kind == "follow_up").scalar_subquery()
    # Where the ladder had begun nobody was called in time: that is due since the last change, and the ladder goes on.
    # Whoever was contacted, or has a wish of their officer, begins anew: the officer is reminded first.
    climbing = sa.case((wished.is_not(None) | _lead.c.contacted_at.is_not(None), 0), else_=sa.func.coalesce(rung, 0))
    ring_at = sa.func.coalesce(wished, ladder, _lead.c.changed_at)
    next_at = sa.case((climbing > 0, _lead.c.changed_at), else_=ring_at)
    by_status = sa.case(
        (_lead.c.status == "registered", "payment"), (_lead.c.status == "unreached", "retry"), else_="call"
    )
    reason = sa.case((wished.is_not(None), "reminder"), else_=by_status)
    values = {"next_at": next_at, "ring_at": ring_at, "next_reason": reason, "rung": climbing}
    op.execute(sa.update(_lead).where(is_open).values(**values))
    op.execute(sa.delete(_timer).where(_timer.c.kind.in_((*steps, "promise"))))


def downgrade() -> None:
    columns = ("id", "lead_id", "kind", "due_at", "version")
    waits = _lead.c.next_at.is_not(None)
    rung = sa.case((_lead.c.rung < 0, 0), (_lead.c.rung > 2, 2), else_=_lead.c.rung)
    ladder = sa.select(_lead.c.id, _lead.c.id, sa.literal("follow_up"), _lead.c.ring_at, rung).where(waits)
    op.execute(sa.insert(_timer).from_select(columns, ladder))
    for table, name in ((_lead, "status"), (_event, "outcome")):
        for now, before in NAMED_BEFORE.items():
            op.execute(sa.update(table).where(table.c[name] == now).values({name: before}))
    with op.batch_alter_table("leadevent", schema=None) as batch_op:
        for name in ("undone_at", "before"):
            batch_op.drop_column(name)
    with op.batch_alter_table("lead", schema=None) as batch_op:
        for name in ("ring_at", "next_at"):
            batch_op.drop_index(op.f(f"ix_lead_{name}"))
        for name in ("offered", "rung", "ring_at", "next_reason", "next_at"):
            batch_op.drop_column(name)
