"""Owners who register, for tests that begin where a lead has been sent."""

from __future__ import annotations

import re
from collections.abc import Mapping

from storage.leads import leads
from tests.town import Town

ANSWERS: Mapping[str, str] = {
    "hello": "halo",
    "consent": "[Ya, boleh]",
    "name": "Siti Aminah",
    "regency": "Solo",
    "sector": "warung makan",
    "workers": "[0]",
    "under_65": "[Di bawah 65 tahun]",
    "member": "[Belum]",
    "income": "[Sampai Rp1.099.000]",
    "program": "1",
    "district": "Laweyan",
    "business_name": "Warung Barokah",
    "phone": "0812 0000 7001",
    "contact_time": "[Pagi]",
    "confirm": "[Kirim]",
}
CODE = re.compile(r"RK-\w{6}")


async def register(there: Town, who: str, *, upto: str = "", **answers: str) -> str:
    """Register ``who``; the code of the lead. With ``upto`` the answer to that question is the last; then it is ""."""
    for key, answer in {**ANSWERS, **answers}.items():
        said = await there.say(who, answer)
        if key == upto:
            return ""
    found = CODE.search(said)
    assert found, said
    return found[0]


async def more_leads(there: Town, code: str, count: int) -> list[str]:
    """As many leads again as this one, of the same owner, that nobody has; their codes."""
    made = [there.product.services.fresh() for _ in range(count)]
    vault = there.product.services.vault
    async with there.product.database.write() as tx:
        _, like = (await leads.by_code(tx, vault, [code]))[code]
        assert like.owner_id
        for each in made:
            _, rows = leads.rows(
                tx, vault, person_id=like.owner_id, code=each, answers=like.answers, status="new", kind="",
                estimate=like.estimate, channel=like.channel, campaign="", now=there.clock(),
            )  # fmt: skip
            for table, some in rows.items():
                if some:
                    await tx.execute(table.insert(), some)
    return made
