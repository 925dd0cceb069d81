"""offices are a table, filled once from the file of offices; an officer belongs to one

Revision 0012, after 0011. From then on the rows are the admins': the file only fills an empty table.
"""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    office = op.create_table(
        "office",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("hours", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office")),
        sa.UniqueConstraint("name", name=op.f("uq_office_name")),
    )
    of_office = op.create_table(
        "officeregency",
        sa.Column("regency", sa.String(), nullable=False),
        sa.Column("office_id", sa.BigInteger(), nullable=False),
        sa.Column("confidence", sa.String(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("regency", name=op.f("pk_officeregency")),
    )
    op.create_index(op.f("ix_officeregency_office_id"), "officeregency", ["office_id"])
    op.add_column("officer", sa.Column("office_id", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_officer_office_id"), "officer", ["office_id"])
    _fill(office, of_office)


def _fill(office: Any, of_office: Any) -> None:
    rows = tomllib.loads(files("storage.reference").joinpath("offices.toml").read_text(encoding="utf-8"))["office"]
    ids: dict[str, int] = {}
    for row in rows:
        if row["name"] not in ids:
            ids[row["name"]] = len(ids) + 1
            known = {"id": ids[row["name"]], "name": row["name"], "code": row["code"]}
            op.execute(office.insert().values(**known, address="", phone=""))
        where = {name: row[name] for name in ("regency", "confidence", "checked_on")}
        op.execute(of_office.insert().values(**where, office_id=ids[row["name"]]))


def downgrade() -> None:
    op.drop_index(op.f("ix_officer_office_id"), "officer")
    with op.batch_alter_table("officer", schema=None) as batch_op:
        batch_op.drop_column("office_id")
    op.drop_index(op.f("ix_officeregency_office_id"), "officeregency")
    op.drop_table("officeregency")
    op.drop_table("office")
