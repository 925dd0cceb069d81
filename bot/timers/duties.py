"""What each officer is told in one look of the clock: one message, whatever it is about and however many leads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.mail.mail import Mail
from bot.timers.look import LENT, OTHERS, REMIND, Look, Overdue
from conversations.dialogues import duty as words
from conversations.engine.world import Lead
from storage.leads import lead_list, leads, officers, timers
from storage.outbox import messages

OF_A_MORNING = 5000  # promises of which the office is told in one look


@dataclass(slots=True)
class Duty:
    """Leads that one officer is told of: those that are ``due``, those ``lent`` (others may take them too), those whose
    owners ``named`` a time for the call that comes, and the codes of those whose promise was ``broken``."""

    due: Sequence[Overdue] = ()
    lent: Sequence[Overdue] = ()
    named: list[Lead] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


Duties = dict[int, Duty]  # by person id


async def of_promises(mail: Mail, duties: Duties) -> None:
    """Add the promises that nobody kept and the times that owners named, of which an earlier transaction of the clock
    has told the owners (``reminders.py``)."""
    broken = await timers.take_due(mail.tx, timers.BROKEN, mail.now, OF_A_MORNING)
    for each in await lead_list.uncontacted(mail.tx, [timer.lead_id for timer in broken]):
        for _, person_id in await mail.who_sees_to(each.officer_id, each.regency):
            if person_id != each.owner_id:
                duties.setdefault(person_id, Duty()).broken.append(each.code)
    named = await timers.take_due(mail.tx, timers.NAMED, mail.now)
    found = (await leads.by_ids(mail.tx, mail.services.vault, [timer.lead_id for timer in named])).leads.values()
    persons = await officers.persons_of(mail.tx, [lead.officer_id for lead in found])
    for lead in found:
        if lead.officer_id in persons:
            duties.setdefault(persons[lead.officer_id], Duty()).named.append(lead)


async def tell(look: Look, mail: Mail, told: Sequence[tuple[int, Duty]]) -> None:
    """Tell each of these persons of their duty; that others may take leads of theirs too, where it only counts them, once
    in a day."""
    persons = [person_id for person_id, _ in told]
    await mail.meet(persons)
    counted = await messages.had(mail.tx, persons, LENT, mail.midnight)
    ids = await officers.persons_of(mail.tx, look.holders) if look.large else {}
    holders = {person_id: officer_id for officer_id, person_id in ids.items()}
    for person_id, duty in told:
        holder = holders.get(person_id)
        all_due, all_lent = _count(look, REMIND, duty.due, holder), _count(look, OTHERS, duty.lent, None)
        all_lent = all_lent or await _lent_later(look, mail, holder)
        all_due = all_due if look.tells(person_id, REMIND) else 0
        all_lent = all_lent if look.tells(person_id, OTHERS) and not (all_lent > 1 and person_id in counted) else 0
        due, lent = (duty.due if all_due else ()), (duty.lent if all_lent else ())
        say = words.duty(
            [each.lead for each in due],
            duty.named,
            duty.broken,
            [each.lead.code for each in lent],
            mail.world(),
            counts=(all_due, all_lent),
        )
        if say is None:
            continue
        some = [each.id for each in (*due, *lent)]
        only = some[0] if len(some) == 1 and not (duty.named or duty.broken) else None
        kind = LENT if all_lent > 1 else "reminder" if all_due or duty.named or duty.broken else "notice"
        await mail.tell([person_id], say, kind, lead_id=only)


def _count(look: Look, rung: int, some: Sequence[Overdue], officer_id: int | None) -> int:
    """How many leads of theirs an officer is told of: where more than one transaction takes, of all at once, also before
    the turn of those has come (``officer_id``)."""
    holder = some[0].lead.officer_id if some else officer_id
    return max(len(some), look.count(rung, holder)) if holder else 0


async def _lent_later(look: Look, mail: Mail, holder: int | None) -> int:
    """How many leads of this officer's are offered to others later in the same look."""
    if holder is None:
        return 0
    area = {each for each in look.regencies(OTHERS) if await mail.roster.for_regency(each, but=holder)}
    return look.count(OTHERS, holder, area)


async def by_holder(mail: Mail, due: Sequence[Overdue]) -> Mapping[int, list[Overdue]]:
    """The leads that an officer has, by the officer's person id; without officers whose chat is not bound."""
    persons = await officers.persons_of(mail.tx, [each.lead.officer_id for each in due])
    found: dict[int, list[Overdue]] = {}
    for each in due:
        if each.lead.officer_id in persons:
            found.setdefault(persons[each.lead.officer_id], []).append(each)
    return found
