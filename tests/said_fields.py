"""The fields that the program gives to the words of each key; a key that is not named here is given none.

What is declared here is compared with what is said in test_everything_said.py, and with bot.po in test_words.py.
"""

from __future__ import annotations

FIELDS: dict[str, set[str]] = {
    key: set(names.split())
    for keys, names in (
        ("part", "part parts text"),
        ("read_back registration.consent.taken registration.name.taken", "value"),
        ("registration.regency.taken registration.sector.taken", "value"),
        ("second_miss", "hint"),
        (" ".join(f"month.{number}" for number in range(1, 13)), "year"),
        ("day", "day month"),
        ("review.item", "label value"),
        ("change.line", "label old new"),
        ("address.none address.Ibu address.Bapak address.Mbak address.Mas", "name"),
        ("people.none people.some people.at_least", "count"),
        ("people.between", "low high"),
        ("income.exact income.from income.up_to", "amount period"),
        ("income.between", "low high period"),
        ("money.plain money.from", "amount"),
        ("money.between", "low high"),
        ("contact_time.at", "part time"),
        ("contact_time.on", "day when"),
        ("registration.consent.ask", "controller"),
        ("registration.notice", "controller version"),
        ("registration.outside.ask", "place days"),
        ("registration.sector.shown", "said category"),
        ("registration.income.which", "first second"),
        (
            "registration.income.range_up_to registration.income.range_between registration.income.range_from",
            "low high",
        ),
        ("registration.work_days.shown_day registration.work_days.shown_week", "count"),
        ("registration.program.ask", "two three cut month"),
        ("registration.program.cut_sure registration.program.cut_maybe", "two three until"),
        ("registration.confirm.ask correct.which also_noted", "items"),
        ("registration.district.ask", "place"),
        ("registration.done", "name code office when"),
        ("registration.done.by", "day"),
        ("registration.waiting", "code days"),
        ("registration.changed human.told", "code"),
        ("status.leads", "leads"),
        ("status.line status.line_taken", "code day status name"),
        ("data.all", "parts news stopped channel"),
        ("data.lead", "code status day lines history"),
        ("data.open card.history data.history", "lines"),
        ("home.officer", "name count"),
        ("card", "code state rows indication seen reach history"),
        ("card.taken", "name status"),
        ("card.indication", "owner workers reasons"),
        ("card.indicated", "status programs"),
        ("card.workers", "workers"),
        ("card.reason", "reason"),
        ("card.seen", "program amount"),
        ("card.reach", "phone digits"),
        ("card.visit", "day outcome note"),
        ("card.now_yours card.yours_already card.erased card.elsewhere", "code"),
        ("card.taken_already", "code name"),
        ("tasks.list", "count lines"),
        ("tasks.line", "code day status name place"),
        ("followup.outcome.ask", "code name"),
        ("followup.done", "code outcome"),
        # of the shell
        ("card.note_changed", "code changes"),
        ("notice.wants_human", "code name"),
        ("officer.reminder officer.handed_over officer.nobody_called", "code"),
        ("officer.welcome", "name role"),
    )
    for key in keys.split()
}
