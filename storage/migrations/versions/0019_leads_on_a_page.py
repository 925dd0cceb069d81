"""indexes by which the office's page of leads is narrowed, in the order in which it shows them

Revision 0019, after 0018.
"""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_lead_of_regency": ["regency", "status", "id"],
    "ix_lead_due_in_regency": ["regency", "next_at", "id"],
    "ix_lead_of_campaign": ["campaign", "id"],
}


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.create_index(name, "lead", columns)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, "lead")
