"""Messages of every kind as the Cloud API takes them, and what its errors mean."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import BOLD_OFF, BOLD_ON, Key, Media, Outgoing, SendFailed, Template
from bot.channels.whatsapp import LIMITS, attached, body, markup
from bot.channels.whatsapp_refusals import failure
from tests.standins.cloud_api_checks import problem
from tests.standins.whatsapp_markup import read

SITI, OLD = "ID.13491208655302741918", "6281200007001"

words = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=BOLD_ON + BOLD_OFF), min_size=1, max_size=40
)
labels = words.filter(lambda label: bool(label.strip()))
notes = st.sampled_from(["", "keterangan"])
presses = st.tuples(labels, st.integers(0, 10**6), notes).map(
    lambda made: Key(made[0], f"a.b={made[1]}~", note=made[2])
)
links = labels.map(lambda label: Key(label, url="https://www.bpjsketenagakerjaan.go.id"))
rows = st.lists(st.lists(presses | links, min_size=1, max_size=2).map(tuple), max_size=7).map(tuple)
texts = labels | st.integers(1000, 3000).map(lambda length: "kata " * (length // 5))
messages = st.builds(
    Outgoing, texts, rows, contact_label=st.sampled_from(["", "Bagikan nomor"]), ref=st.integers(0, 99)
)


def posted(message: Outgoing, media_id: str = "") -> dict[str, Any]:
    return body(SITI, message, "Pilih", media_id)


@given(messages)
def test_no_message_is_refused_for_how_it_is_written(message: Outgoing) -> None:
    distinct = {key.data: key for row in message.keys for key in row}
    message = Outgoing(message.text, (tuple(distinct.values()),), contact_label=message.contact_label, ref=message.ref)
    assert problem(posted(message)) is None


def test_a_user_id_is_no_phone_number() -> None:
    assert (posted(Outgoing("halo"))["recipient"], body(OLD, Outgoing("halo"), "Pilih")["to"]) == (SITI, OLD)


def test_the_row_of_the_outbox_goes_with_the_message_and_comes_back_with_what_became_of_it() -> None:
    assert posted(Outgoing("halo", ref=77))["biz_opaque_callback_data"] == "77"
    assert "biz_opaque_callback_data" not in posted(Outgoing("halo"))


def test_few_short_choices_are_buttons_more_are_rows_too_many_are_numbered() -> None:
    def keys(count: int, length: int = 4) -> tuple[tuple[Key, ...], ...]:
        return tuple((Key(f"{number:0>{length}}", f"a.b={number}~", note="ya"),) for number in range(count))

    assert posted(Outgoing("Mana?", keys(3)))["interactive"]["type"] == "button"
    assert posted(Outgoing("Mana?", keys(3, 21)))["interactive"]["type"] == "list"
    assert posted(Outgoing("x" * 1025, keys(3)))["interactive"]["type"] == "list"
    listed = posted(Outgoing("Mana?", keys(10)))["interactive"]
    assert (listed["type"], listed["action"]["button"]) == ("list", "Pilih")
    assert listed["action"]["sections"][0]["rows"][0] == {"id": "a.b=0~", "title": "0000", "description": "ya"}
    assert posted(Outgoing("Mana?", keys(11)))["text"]["body"].startswith("Mana?\n\n1. 0000\n2. 0001")
    assert posted(Outgoing("Mana?", keys(2, 25)))["type"] == "text"


def test_a_link_is_a_button_when_it_is_alone_and_written_out_beside_others() -> None:
    link = Key("Cek di BPJS", url="https://www.bpjsketenagakerjaan.go.id")
    alone = posted(Outgoing("Silakan.", ((link,),)))["interactive"]
    assert alone["action"]["parameters"] == {"display_text": "Cek di BPJS", "url": link.url}
    beside = posted(Outgoing("Silakan.", ((link,), (Key("Ya", "a.b=yes~"),))))
    assert beside["text"]["body"] == f"Silakan.\n\nCek di BPJS: {link.url}\n2. Ya"


def test_the_wish_for_a_number_leaves_the_other_choices_to_be_typed() -> None:
    asked = posted(Outgoing("Nomor berapa?", ((Key("Lewat chat ini", "a.b=none~"),),), contact_label="Bagikan nomor"))
    assert asked["interactive"] == {
        "type": "request_contact_info",
        "body": {"text": "Nomor berapa?\n\n1. Lewat chat ini"},
        "action": {"name": "request_contact_info"},
    }


def test_a_template_is_sent_by_name_with_its_fields_in_one_line() -> None:
    template = Template("kabar_petugas", "id", "utility", ("Bu  Siti\n*Aminah*", ""), ("news.open=1~",))
    made = posted(Outgoing("ini tidak ikut", template=template))
    assert made["template"] == {
        "name": "kabar_petugas",
        "language": {"code": "id"},
        "components": [
            {
                "type": "body",
                "parameters": [{"type": "text", "text": "Bu Siti ∗Aminah∗"}, {"type": "text", "text": "-"}],
            },
            {
                "type": "button",
                "sub_type": "quick_reply",
                "index": "0",
                "parameters": [{"type": "payload", "payload": "news.open=1~"}],
            },
        ],
    }
    assert attached(Outgoing("", template=template, media=Media("photo", "a.jpg", "image/jpeg", b"x"))) is None


def test_files_and_pictures_are_uploaded_and_shown_with_the_words_below_or_above_buttons() -> None:
    own = Outgoing("", file=("data.txt", "Nama: Siti"))
    assert attached(own) == Media("document", "data.txt", "text/plain", b"Nama: Siti")
    assert posted(own, "9")["document"] == {"id": "9", "filename": "data.txt"}
    picture = Outgoing("Pelatihan", media=Media("photo", "a.jpg", "image/jpeg", b"x"))
    assert posted(picture, "9")["image"] == {"id": "9", "caption": "Pelatihan"}
    asked = Outgoing("Ikut?", ((Key("Ikut", "a.b=yes~"),),), media=Media("document", "a.pdf", "application/pdf", b"x"))
    made = posted(asked, "9")["interactive"]
    assert made["header"] == {"type": "document", "document": {"id": "9", "filename": "a.pdf"}}
    assert problem(posted(asked, "9")) is None


def test_words_longer_than_a_caption_do_not_go_under_a_file() -> None:
    with pytest.raises(SendFailed) as failed:
        posted(Outgoing("a" * 1025, file=("data.txt", "isi")), "9")
    assert failed.value.permanent


pieces = st.sampled_from(["a", "Siti", "*", "_", "~", "`", ">", " ", "\n", "1", "https://a.id/b_c", ".", "é"])
typed = st.lists(pieces, max_size=25).map("".join)


@given(typed, typed)
def test_nothing_that_people_wrote_becomes_markup(before: str, after: str) -> None:
    shown = markup(f"{before}\n{BOLD_ON}Warung{BOLD_OFF}\n{after}")
    assert read(shown)[1] == {"bold": ["Warung"]}
    assert len(shown) == len(before) + len(after) + len("\n*Warung*\n")


def test_a_link_stays_what_it_is() -> None:
    assert markup("https://wa.me/62812?text=a_b") == "https://wa.me/62812?text=a_b"


WAITS_FOR_THE_OPERATOR = (0, 10, 102, 190, 200, 299, 131042, 133000, 133006, 133010)
OF_THE_TEMPLATE = (132001, 132007, 132015, 132016)
TOO_MUCH = (4, 17, 32, 341, 613, 80000, 80007, 80014)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        *((code, {"wide", "alert"}) for code in WAITS_FOR_THE_OPERATOR),
        *((code, {"wide"}) for code in (*TOO_MUCH, 130429)),
        *((code, {"alert"}) for code in (130497, 131030)),
        (131056, set()),
        (131048, {"halts", "alert"}),
        (131047, {"closed"}),
        (131026, {"gone", "permanent"}),
        *((code, {"permanent"}) for code in (131049, 131050, 130472, 131062)),
        *((code, {"permanent", "alert"}) for code in (131008, 131009, 100)),
        *((code, {"permanent", "halts", "alert"}) for code in (132000, 132005, 132012, 132018)),
        *((code, {"halts", "alert"}) for code in OF_THE_TEMPLATE),
        *((code, set()) for code in (131000, 131016, 1, 2, 132068, 132069)),
        *((code, {"alert"}) for code in (999999, 131999, "190", True)),
        (None, set()),
    ],
)  # fmt: skip
def test_an_error_says_for_whom_and_whether_to_try_again(code: object, said: set[str]) -> None:
    failed = failure(code)
    flags = ("gone", "permanent", "wide", "closed", "halts", "alert", "unsure")
    assert {flag for flag in flags if getattr(failed, flag)} == said
    waits = (*WAITS_FOR_THE_OPERATOR, *TOO_MUCH, *OF_THE_TEMPLATE, 130429, 130497, 131030, 131056, 131048)
    assert (failed.retry_after is not None) == (type(code) is int and code in waits)


def test_a_number_that_the_token_may_not_use_any_more_is_the_operators_and_no_fault_of_a_message() -> None:
    assert failure(100).permanent
    lost = failure(100, subcode=33)
    assert (lost.permanent, lost.wide, lost.alert) == (False, True, True)


def test_the_limits_are_those_of_the_cloud_api() -> None:
    assert (LIMITS.buttons, LIMITS.label, LIMITS.rows, LIMITS.row_label, LIMITS.edits) == (3, 20, 10, 24, False)
    assert (LIMITS.text, LIMITS.with_buttons, LIMITS.with_rows) == (4096, 1024, 4096)
