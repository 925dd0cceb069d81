"""indexes by which the week of an office's team is counted, from the index alone

Revision 0021, after 0020.
"""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_lead_taken": ["officer_id", "taken_at", "contacted_at", "regency"],
    "ix_lead_ended": ["officer_id", "status", "closed_at"],
}


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.create_index(name, "lead", columns)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, "lead")
