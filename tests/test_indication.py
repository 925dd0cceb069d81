"""The decision table, row by row, and what holds for every combination of facts."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Literal

import pytest

from conversations.rules import indication
from conversations.rules.indication import Facts, Indication, indicate

ALONE = Facts(has_workers=False, workers_low=0, wages=None, project=None, under_65=True, member="no")
PAYS = Facts(has_workers=True, workers_low=3, wages="all", project=None, under_65=True, member="no")

WAGES: tuple[Literal["all", "some", "none"] | None, ...] = (None, "all", "some", "none")
MEMBER: tuple[Literal["yes", "no", "once", "unsure"] | None, ...] = (None, "yes", "no", "once", "unsure")
KNOWN: tuple[bool | None, ...] = (None, True, False)

EVERYBODY = [
    Facts(has_workers, low, wages, project, under_65, member, employee, scale)
    for has_workers, low, wages in product(KNOWN, (0, 1, 10), WAGES)
    for project, under_65, member in product(KNOWN, KNOWN, MEMBER)
    for employee, scale in product((True, False), indication.SCALES)
]


# name: (facts, kind, owner, owner's programmes, workers, workers' programmes, reasons)
Row = tuple[Facts, str, str, str, str, str, tuple[str, ...]]
TABLE: dict[str, Row] = {
    "1 nobody works along": (
        ALONE,
        *("OWNER_ONLY", "bpu_mandiri", "jkk_jkm_optional_jht", "", ""),
        (),
    ),
    "2 pays workers, micro": (
        PAYS,
        *("OWNER_AND_WORKERS", "bpu_pemberi_kerja", "jkk_jkm_jht", "pu_mikro", "jkk_jkm_optional_jht_jp"),
        ("confirm_jht", "assumed_micro"),
    ),
    "2 pays one worker, micro": (
        replace(PAYS, workers_low=1),
        *("OWNER_AND_WORKERS", "bpu_pemberi_kerja", "jkk_jkm_jht", "pu_mikro", "jkk_jkm_optional_jht_jp"),
        ("confirm_jht", "assumed_micro", "one_worker"),
    ),
    "2 pays some of them": (
        replace(PAYS, wages="some"),
        *("OWNER_AND_WORKERS", "bpu_pemberi_kerja", "jkk_jkm_jht", "pu_mikro", "jkk_jkm_optional_jht_jp"),
        ("confirm_jht", "assumed_micro", "some_unpaid"),
    ),
    "2 has workers, wages not known": (
        replace(PAYS, wages=None),
        *("OWNER_AND_WORKERS", "bpu_pemberi_kerja", "jkk_jkm_jht", "pu_mikro", "jkk_jkm_optional_jht_jp"),
        ("confirm_jht", "assumed_micro", "wages_unknown"),
    ),
    "3 pays workers, small": (
        replace(PAYS, scale="kecil"),
        *("OWNER_AND_WORKERS", "bpu_pemberi_kerja", "jkk_jkm_jht", "pu_kecil", "jkk_jkm_jht_optional_jp"),
        (),
    ),
    "3 pays one worker, small": (
        replace(PAYS, workers_low=1, scale="kecil"),
        *("OWNER_AND_WORKERS", "bpu_pemberi_kerja", "jkk_jkm_jht", "pu_kecil", "jkk_jkm_jht_optional_jp"),
        (),
    ),
    "4 pays workers, medium": (
        replace(PAYS, scale="menengah"),
        *("PU_OFFICER", "pu_or_bpu", "by_status", "pu_menengah", "jkk_jkm_jht_jp"),
        ("director_status", "large_business"),
    ),
    "4 pays workers, large": (
        replace(PAYS, scale="besar"),
        *("PU_OFFICER", "pu_or_bpu", "by_status", "pu_besar", "jkk_jkm_jht_jp"),
        ("director_status", "large_business"),
    ),
    "5 a crew for a building job, micro": (
        replace(PAYS, project=True),
        *("CONSTRUCTION", "bpu_pemberi_kerja", "jkk_jkm_jht", "jasa_konstruksi", "jkk_jkm"),
        ("confirm_jht", "assumed_micro", "project_crew"),
    ),
    "5 a crew for a building job, small": (
        replace(PAYS, project=True, scale="kecil"),
        *("CONSTRUCTION", "bpu_pemberi_kerja", "jkk_jkm_jht", "jasa_konstruksi", "jkk_jkm"),
        ("project_crew",),
    ),
    "5 builds on his own": (
        replace(ALONE, project=True),
        *("OWNER_ONLY", "bpu_mandiri", "jkk_jkm_optional_jht", "", ""),
        (),
    ),
    "6 only unpaid family helps": (
        replace(PAYS, wages="none"),
        *("COUNT_PEOPLE", "bpu_mandiri", "jkk_jkm_optional_jht", "bpu_each", "jkk_jkm"),
        ("family_unpaid",),
    ),
    "6 whether anybody works along is not known": (
        replace(ALONE, has_workers=None),
        *("COUNT_PEOPLE", "bpu_open", "jkk_jkm_optional_jht", "", ""),
        ("workers_unknown",),
    ),
    "7 works for somebody else": (
        replace(ALONE, employee=True),
        *("WORKER", "pu_through_employer", "", "", ""),
        ("has_employer",),
    ),
    "7 works for somebody else and pays workers of his own": (
        replace(PAYS, employee=True, scale="kecil"),
        *("OWNER_AND_WORKERS", "bpu_pemberi_kerja", "jkk_jkm_jht", "pu_kecil", "jkk_jkm_jht_optional_jp"),
        ("has_employer",),
    ),
    "8 is 65 or older, alone": (
        replace(ALONE, under_65=False),
        *("NOT_ELIGIBLE_OWNER", "not_admissible", "", "", ""),
        ("age_65",),
    ),
    "8 is 65 or older and pays workers": (
        replace(PAYS, under_65=False),
        *("NOT_ELIGIBLE_OWNER", "not_admissible", "", "pu_mikro", "jkk_jkm_optional_jht_jp"),
        ("age_65", "assumed_micro"),
    ),
    "8 is 65 or older with a building crew": (
        replace(PAYS, under_65=False, project=True, scale="kecil"),
        *("NOT_ELIGIBLE_OWNER", "not_admissible", "", "jasa_konstruksi", "jkk_jkm"),
        ("age_65", "project_crew"),
    ),
    "9 is a participant already": (
        replace(ALONE, member="yes"),
        *("EXISTING", "participant", "", "", ""),
        ("already_participant",),
    ),
    "9 is a participant already, whatever the age": (
        replace(ALONE, member="yes", under_65=False),
        *("EXISTING", "participant", "", "", ""),
        ("already_participant",),
    ),
    "9 is a participant already and pays workers": (
        replace(PAYS, member="yes", scale="kecil"),
        *("EXISTING", "participant", "", "pu_kecil", "jkk_jkm_jht_optional_jp"),
        ("already_participant", "ask_workers_registered"),
    ),
    "9 is a participant already and works for somebody else": (
        replace(ALONE, member="yes", employee=True),
        *("EXISTING", "participant", "", "", ""),
        ("already_participant", "has_employer"),
    ),
    "what is not known is named": (
        replace(ALONE, under_65=None, member="unsure"),
        *("OWNER_ONLY", "bpu_mandiri", "jkk_jkm_optional_jht", "", ""),
        ("age_unknown", "member_unsure"),
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_each_row_of_the_decision_table_is_indicated(name: str) -> None:
    facts, kind, owner, owner_programs, workers, workers_programs, reasons = TABLE[name]
    assert indicate(facts) == Indication(kind, owner, owner_programs, workers, workers_programs, reasons)


def test_people_who_were_counted_are_there_unless_the_person_said_that_nobody_is() -> None:
    counted = replace(PAYS, has_workers=None)
    assert indicate(counted) == indicate(PAYS)
    assert indicate(replace(PAYS, has_workers=False, wages=None)) == indicate(ALONE)
    assert "count_open" in indicate(replace(PAYS, workers_low=0)).reasons


def test_whatever_the_facts_every_key_is_listed_and_no_reason_is_given_twice() -> None:
    for facts in EVERYBODY:
        seen = indicate(facts)
        assert seen.kind in indication.KINDS
        assert seen.owner in indication.OWNERS
        assert seen.workers in ("", *indication.WORKERS)
        assert {seen.owner_programs, seen.workers_programs} <= {"", *indication.PROGRAMS}
        assert set(seen.reasons) <= set(indication.REASONS)
        assert len(set(seen.reasons)) == len(seen.reasons)


def test_every_listed_key_is_used_by_somebody_so_that_no_word_is_written_in_vain() -> None:
    all_seen = [indicate(facts) for facts in EVERYBODY]
    assert {seen.kind for seen in all_seen} == set(indication.KINDS)
    assert {seen.owner for seen in all_seen} == set(indication.OWNERS)
    assert {seen.workers for seen in all_seen} - {""} == set(indication.WORKERS)
    assert {p for seen in all_seen for p in (seen.owner_programs, seen.workers_programs)} - {""} == set(
        indication.PROGRAMS
    )
    assert {reason for seen in all_seen for reason in seen.reasons} == set(indication.REASONS)


def test_age_and_membership_of_the_owner_never_change_what_is_indicated_for_the_workers() -> None:
    for facts in EVERYBODY:
        if facts.employee:
            continue
        plain = indicate(replace(facts, under_65=True, member="no"))
        seen = indicate(facts)
        assert (seen.workers, seen.workers_programs) == (plain.workers, plain.workers_programs)


def test_who_is_65_or_a_participant_is_indicated_no_programme_for_himself() -> None:
    for facts in EVERYBODY:
        if facts.under_65 is False or facts.member == "yes":
            assert indicate(facts).owner_programs == ""


def test_a_scale_that_is_not_of_the_law_is_an_error() -> None:
    with pytest.raises(ValueError, match="no such scale"):
        replace(ALONE, scale="raksasa")
