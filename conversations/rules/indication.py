"""The indication of a lead for the officer: how it looks at first sight, never a verdict. The officer decides.

Everything here is a key of the catalogue; the tuples at the top list all keys. Where the law (Perpres 109/2013 Art. 6,
PP 49/2023 Art. 5, PP 46/2015 Art. 4) and the practice of branches differ, a reason says what to ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

OWNER_ONLY = "OWNER_ONLY"
OWNER_AND_WORKERS = "OWNER_AND_WORKERS"
CONSTRUCTION = "CONSTRUCTION"
COUNT_PEOPLE = "COUNT_PEOPLE"
WORKER = "WORKER"
NOT_ELIGIBLE_OWNER = "NOT_ELIGIBLE_OWNER"
EXISTING = "EXISTING"
PU_OFFICER = "PU_OFFICER"

KINDS = (
    OWNER_ONLY,
    OWNER_AND_WORKERS,
    CONSTRUCTION,
    COUNT_PEOPLE,
    WORKER,
    NOT_ELIGIBLE_OWNER,
    EXISTING,
    PU_OFFICER,
)
OWNERS = (
    "bpu_mandiri",
    "bpu_pemberi_kerja",
    "bpu_open",  # BPU; whether as an employer depends on people not counted yet
    "pu_or_bpu",  # PU in his own company if a paid director, else BPU
    "pu_through_employer",
    "not_admissible",
    "participant",
)
WORKERS = ("pu_mikro", "pu_kecil", "pu_menengah", "pu_besar", "jasa_konstruksi", "bpu_each")
PROGRAMS = (
    "jkk_jkm",
    "jkk_jkm_optional_jht",
    "jkk_jkm_optional_jht_jp",
    "jkk_jkm_jht",
    "jkk_jkm_jht_optional_jp",
    "jkk_jkm_jht_jp",
    "by_status",
)
REASONS = (
    "already_participant",
    "age_65",
    "age_unknown",
    "member_once",
    "member_unsure",
    "has_employer",
    "assumed_micro",
    "ask_scale",
    "large_business",
    "director_status",
    "confirm_jht",
    "one_worker",  # some branches take a micro business as PU only from two workers on
    "count_open",
    "wages_unknown",
    "workers_unknown",
    "some_unpaid",
    "family_unpaid",
    "project_crew",
    "ask_workers_registered",
)
SCALES = ("mikro", "kecil", "menengah", "besar")
"""Scales of a business (PP 7/2021 Art. 35), by capital or yearly sales; the number of workers does not count."""

MANY = 10  # people from whom on the assumption that a business is micro is doubtful: its turnover is to be asked

_DUTY: Mapping[str, str] = {  # Perpres 109/2013 Art. 6
    "mikro": "jkk_jkm_optional_jht_jp",
    "kecil": "jkk_jkm_jht_optional_jp",
    "menengah": "jkk_jkm_jht_jp",
    "besar": "jkk_jkm_jht_jp",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts that a person has told of their business; None is "not asked or not known".

    ``workers_low``: at least so many people work along, 0 when not counted. ``wages``: are these people paid.
    ``project``: they are only there for a building job. ``member``: already a participant, or once one. ``employee``: works for
    somebody else. ``scale``: one of :data:`SCALES`. Nobody is asked for turnover, so "mikro" is an assumption and said
    to be one.
    """

    has_workers: bool | None
    workers_low: int
    wages: Literal["all", "some", "none"] | None
    project: bool | None
    under_65: bool | None
    member: Literal["yes", "no", "once", "unsure"] | None
    employee: bool = False
    scale: str = "mikro"

    def __post_init__(self) -> None:
        if self.scale not in SCALES:
            raise ValueError(f"no such scale: {self.scale}")

    @property
    def helped(self) -> bool | None:
        """Whether somebody works along, paid or not; None when not known."""
        return True if self.has_workers is None and self.workers_low > 0 else self.has_workers

    @property
    def employs(self) -> bool:
        """Whether the owner pays at least one worker; as long as wages are not known, workers are taken to be paid."""
        return self.helped is True and self.wages != "none"


@dataclass(frozen=True, slots=True)
class Indication:
    """The indication of a lead, as keys of the catalogue; ``workers`` and the programmes are "" where there is nothing
    to say."""

    kind: str
    owner: str
    owner_programs: str
    workers: str
    workers_programs: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Side:
    """One half of an indication: the owner's, or that of the people who work along."""

    status: str = ""
    programs: str = ""
    reasons: tuple[str, ...] = ()


def indicate(facts: Facts) -> Indication:
    """The indication of these facts: the kind of lead, how owner and workers look, and the reasons or points to ask.

    What concerns the owner alone (a participant already, 65 or older) never hides the workers: they may still be
    registered.

    >>> alone = Facts(has_workers=False, workers_low=0, wages=None, project=None, under_65=True, member="no")
    >>> indicate(alone)  # doctest: +NORMALIZE_WHITESPACE
    Indication(kind='OWNER_ONLY', owner='bpu_mandiri', owner_programs='jkk_jkm_optional_jht',
               workers='', workers_programs='', reasons=())
    """
    if facts.employee and not facts.helped and facts.member != "yes":
        return Indication(WORKER, "pu_through_employer", "", "", "", ("has_employer",))
    kind, owner, workers = _kind(facts), _owner(facts), _workers(facts)
    reasons = (*owner.reasons, *workers.reasons, *_open_points(facts, kind))
    return Indication(kind, owner.status, owner.programs, workers.status, workers.programs, reasons)


def _kind(facts: Facts) -> str:
    """The kind of lead, the first that fits: it decides who takes the lead."""
    rules = (
        (facts.member == "yes", EXISTING),
        (facts.under_65 is False, NOT_ELIGIBLE_OWNER),
        (facts.helped is not False and not facts.employs, COUNT_PEOPLE),
        (facts.employs and _large(facts), PU_OFFICER),
        (facts.employs and facts.project is True, CONSTRUCTION),
        (facts.employs, OWNER_AND_WORKERS),
    )
    return next((kind for fits, kind in rules if fits), OWNER_ONLY)


def _owner(facts: Facts) -> _Side:
    if facts.member == "yes":
        return _Side("participant", reasons=("already_participant",))
    if facts.under_65 is False:
        return _Side("not_admissible", reasons=("age_65",))
    if facts.helped is None:
        return _Side("bpu_open", "jkk_jkm_optional_jht")
    if not facts.employs:
        return _Side("bpu_mandiri", "jkk_jkm_optional_jht")
    if _large(facts):
        return _Side("pu_or_bpu", "by_status", ("director_status",))
    # That JHT is a duty of an owner who employs rests on one reading of PP 46/2015; branches offer micro owners two.
    return _Side("bpu_pemberi_kerja", "jkk_jkm_jht", ("confirm_jht",) if facts.scale == "mikro" else ())


def _workers(facts: Facts) -> _Side:
    if not facts.helped:
        return _Side(reasons=("workers_unknown",) if facts.helped is None else ())
    if not facts.employs:
        return _Side("bpu_each", "jkk_jkm", ("family_unpaid",))
    assumed = ("assumed_micro",) if facts.scale == "mikro" else ()
    if facts.project:
        return _Side("jasa_konstruksi", "jkk_jkm", (*assumed, "project_crew"))
    one = ("one_worker",) if facts.workers_low == 1 and facts.scale == "mikro" else ()
    return _Side(f"pu_{facts.scale}", _DUTY[facts.scale], (*assumed, *one))


def _open_points(facts: Facts, kind: str) -> tuple[str, ...]:
    """The reasons that name a point for the officer to ask."""
    points = (
        (bool(facts.helped) and facts.workers_low == 0, "count_open"),
        (bool(facts.helped) and facts.wages is None, "wages_unknown"),
        (facts.employs and facts.wages == "some", "some_unpaid"),
        (kind == EXISTING and bool(facts.helped), "ask_workers_registered"),
        (facts.helped is not False and facts.workers_low >= MANY and facts.scale == "mikro", "ask_scale"),
        (_large(facts), "large_business"),
        (facts.employee, "has_employer"),
        (facts.under_65 is None, "age_unknown"),
        (facts.member == "once", "member_once"),
        (facts.member == "unsure", "member_unsure"),
    )
    return tuple(reason for applies, reason in points if applies)


def _large(facts: Facts) -> bool:
    return facts.scale in ("menengah", "besar")
