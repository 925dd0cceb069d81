"""Which office looks after whom, and what is admitted not to be known."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from conversations.rules.offices import Offices
from storage import reference

OFFICES = reference.offices()
DISPUTED = {"33.21", "33.74"}  # Demak, Kota Semarang


def row(**changes: Any) -> dict[str, Any]:
    return {
        "regency": "33.72",
        "name": "kantor BPJS Ketenagakerjaan Surakarta",
        "code": "L01",
        "source": "list",
        "checked_on": date(2026, 11, 22),
        "valid_from": date(2026, 11, 22),
        "valid_to": "open",
        "confidence": "A",
    } | changes


def test_each_of_the_35_regencies_of_central_java_and_5_of_yogyakarta_has_an_office() -> None:
    kabupaten = [f"33.{number:02}" for number in range(1, 30)] + [f"34.{number:02}" for number in range(1, 5)]
    kota = [f"33.{number}" for number in range(71, 77)] + ["34.71"]
    assert OFFICES.regencies() == tuple(sorted(kabupaten + kota))


def test_only_of_demak_and_the_city_of_semarang_we_are_not_sure_and_their_names_say_the_area_only() -> None:
    unsure = {code: office for code in OFFICES.regencies() if (office := OFFICES.of(code)) and office.confidence == "C"}
    assert set(unsure) == DISPUTED
    assert unsure["33.74"].name == "kantor BPJS Ketenagakerjaan wilayah Kota Semarang"
    assert unsure["33.21"].name == "kantor BPJS Ketenagakerjaan wilayah Kabupaten Demak"
    assert not any(office.code or "Pemuda" in office.name or "Majapahit" in office.name for office in unsure.values())


@pytest.mark.parametrize(
    ("regency", "name", "code"),
    [
        ("33.72", "Surakarta", "L01"),
        ("33.12", "Surakarta", "L01"),  # Wonogiri has no office of its own
        ("33.73", "Ungaran", "L10"),
        ("33.02", "Purwokerto", "L09"),
        ("34.71", "Yogyakarta", "L03"),
    ],
)
def test_an_office_is_found_by_regency(regency: str, name: str, code: str) -> None:
    office = OFFICES.of(regency)
    assert office is not None
    assert (office.name, office.code) == (f"kantor BPJS Ketenagakerjaan {name}", code)


@pytest.mark.parametrize("unknown", ["", "33", "33.99", "32.01", "33.72.01"])
def test_elsewhere_there_is_no_office(unknown: str) -> None:
    assert OFFICES.of(unknown) is None


def test_every_office_says_what_it_is_and_when_it_was_checked() -> None:
    for code in OFFICES.regencies():
        office = OFFICES.of(code)
        assert office is not None
        assert office.name.startswith("kantor BPJS Ketenagakerjaan ")
        assert office.checked_on >= date(2026, 11, 22)
        assert bool(office.code) == (office.confidence != "C")


def test_two_offices_for_one_regency_are_an_error() -> None:
    with pytest.raises(ValueError, match="two offices"):
        Offices.from_table({"office": [row(), row(code="L99")]})


@pytest.mark.parametrize("missing", sorted(row()))
def test_an_office_without_one_of_its_fields_is_an_error(missing: str) -> None:
    lacking = row()
    del lacking[missing]
    with pytest.raises(KeyError, match=missing):
        Offices.from_table({"office": [lacking]})
