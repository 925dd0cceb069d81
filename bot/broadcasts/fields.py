"""The values of a broadcast's fields, for each recipient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.broadcasts.text import VALUE
from bot.log import where_in_code
from bot.mail.mail import Services
from bot.render import text
from conversations.engine.world import Lead
from conversations.rules.formatting import called
from conversations.rules.size import beginning
from locales import Catalog
from storage.leads import leads, officers

Values = Mapping[str, str]

log = structlog.get_logger()


def unknown(catalog: Catalog) -> Values:
    """The values for a recipient of whom we know nothing: words that fit in place of a name, a business, a code, a
    regency."""
    return {
        "nama": catalog.text("broadcast.somebody"),
        "usaha": catalog.text("broadcast.business"),
        "kode": catalog.text("broadcast.code"),
        "kabupaten": catalog.text("broadcast.place"),
    }


def example(services: Services) -> Values:
    """The values for a preview, of a person who does not exist."""
    return {"nama": "Bu Siti", "usaha": "Warung Bu Siti", "kode": "RK-7F3K9P", "kabupaten": "Kabupaten Klaten"}


async def of_people(
    tx: AsyncConnection, services: Services, languages: Mapping[int, str], role: str, fields: Sequence[str]
) -> dict[int, Values]:
    """The values of each person, from an owner's latest lead or from an officer's row; persons with neither are left out.

    ``languages``: the language of each person, by person id.
    """
    if not fields:
        return {}
    nothing = {language: unknown(services.catalogs.of(language)) for language in set(languages.values())}
    if role == "officer":
        names = await officers.names_of(tx, services.vault, list(languages))
        known = {person_id: {"nama": beginning(name, VALUE)} for person_id, name in names.items()}
    else:
        owned = await leads.of_people(tx, services.vault, list(languages))
        known = {i: _known(theirs[-1], services, services.catalogs.of(languages[i])) for i, theirs in owned.items()}
    return {person_id: {**nothing[languages[person_id]], **values} for person_id, values in known.items()}


def _known(lead: Lead, services: Services, catalog: Catalog) -> dict[str, str]:
    """The values of the fields for the owner of a lead; {} where the lead cannot be put into words, as that must keep
    no other copy from leaving."""
    try:
        return _of(lead, services, catalog)
    except Exception as error:
        log.error("not put into words", lead=lead.code, error=type(error).__name__, where=where_in_code(error))
        return {}


def _of(lead: Lead, services: Services, catalog: Catalog) -> dict[str, str]:
    answers = lead.answers
    regency = answers.get("regency")
    known = {
        "nama": text(called(answers.get("name")), catalog),
        "usaha": answers.get("business_name") or "",
        "kode": lead.code,
        "kabupaten": services.knowledge.ear.places.name(regency) if regency else "",
    }
    return {name: beginning(value, VALUE) for name, value in known.items() if value}
