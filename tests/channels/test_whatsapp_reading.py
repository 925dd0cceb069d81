"""What every kind of webhook body means: recorded ones, and whatever else may come."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from bot.channels.base import Inbound, Notice, PlatformStatus
from bot.channels.whatsapp_reading import Event, events
from conversations.engine.core import Contact, Heard, Press
from tests.channels.recorded_whatsapp import BODIES, broken_bodies
from tests.standins.cloud_api import PHONE_ID, WABA_ID

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
WRITTEN = datetime.fromtimestamp(1790000000, UTC)
SITI, SRI = "ID.13491208655302741918", "ID.13491208655302749999"


def read(body: Any) -> list[Event]:
    return events(body, PHONE_ID, WABA_ID, lambda: NOW)


def only(name: str) -> Any:
    [event] = read(BODIES[name])
    return event


HEARD = {
    "text": Heard(text="halo, mau daftar"),
    "text_of_a_link": Heard(start="pasar-gede"),
    "text_from_an_ad": Heard("Halo! Bisa minta info?", start="ad-455810220139"),
    "text_answering_a_message": Heard(text="2"),
    "text_without_a_number": Heard(text="halo"),
    "text_without_a_user_id": Heard(text="halo"),
    "text_with_the_id_beside": Heard(text="halo"),
    "button_reply": Heard(pressed=Press("registration", "consent", "yes", "t1k2")),
    "list_reply": Heard(pressed=Press("registration", "workers", "2", "t1k2")),
    "flow_reply": Heard(other="unknown"),
    "template_reply": Heard(pressed=Press("lead", "take", "RK-222AAA", "")),
    "template_reply_of_others": Heard(text="Ya"),
    "contact_requested": Heard(contact=Contact("+6281200007002", own=True)),
    "contact_of_somebody_else": Heard(contact=Contact("+6281200007003", own=False)),
    "contact_requested_but_not_theirs": Heard(contact=Contact("+6281200007003", own=False)),
    "contact_without_a_number": Heard(other="contact"),
    "location": Heard("Pasar Gede, Surakarta", other="location"),
    "image": Heard("warung saya", other="photo"),
    "image_from_an_ad": Heard("warung saya", other="photo", start="ad-455810220139"),
    "audio": Heard(other="voice"),
    "video": Heard(other="video"),
    "document": Heard(other="document"),
    "sticker": Heard(other="sticker"),
    "reaction": Heard(other="reaction"),
    "edit": Heard(other="edited"),
    "revoke": Heard(other="edited"),
    "order": Heard(other="unknown"),
    "unsupported": Heard(other="unknown"),
    "unknown_kind": Heard(other="unknown"),
}
NOT_FOR_US = {"text_in_a_group", "reaction_taken_back", "system_identity", "another_number"}
TOLD = {"system_new_number", "system_new_number_of_old", "system_new_id", "preference_stop", "preference_resume",
        "template_rejected", "template_recategorised", "account_restricted", "errors_of_the_number", "batch",
        "status_sent", "status_delivered", "status_read", "status_played", "status_window_closed",
        "status_undeliverable", "status_stopped_marketing"}  # fmt: skip


def test_every_recorded_body_has_its_meaning_here() -> None:
    assert set(BODIES) == set(HEARD) | NOT_FOR_US | TOLD


@pytest.mark.parametrize("name", sorted(HEARD))
def test_what_people_send_is_heard(name: str) -> None:
    event = only(name)
    assert event.heard == HEARD[name]
    assert event.external_id == BODIES[name]["entry"][0]["changes"][0]["value"]["messages"][0]["id"]
    assert (event.channel, event.account, event.at) == ("whatsapp", PHONE_ID, WRITTEN)


@pytest.mark.parametrize("name", sorted(set(HEARD) - {"text_of_a_link", "text_from_an_ad", "image_from_an_ad"}))
def test_whatever_somebody_sends_first_on_arriving_from_an_ad_has_the_ad_as_its_campaign(name: str) -> None:
    body = copy.deepcopy(BODIES[name])
    [message] = body["entry"][0]["changes"][0]["value"]["messages"]
    message["referral"] = {"source_type": "ad", "source_id": "120208455810220139"}
    [event] = read(body)
    assert isinstance(event, Inbound)
    assert event.heard == replace(HEARD[name], start="ad-455810220139")


@pytest.mark.parametrize("name", sorted(NOT_FOR_US))
def test_what_is_not_for_us_is_passed_over(name: str) -> None:
    assert read(BODIES[name]) == []


def test_people_are_known_by_the_id_that_holds_and_their_number_is_theirs_where_whatsapp_shows_it() -> None:
    assert (only("text").address, only("text").phone) == (SITI, "+6281200007001")
    assert (only("text_with_the_id_beside").address, only("text_with_the_id_beside").phone) == (SITI, "+6281200007001")
    assert (only("text_without_a_number").address, only("text_without_a_number").phone) == (SRI, "")
    assert only("text_without_a_user_id").address == "6281200007001"


def test_everybody_in_a_body_has_the_name_of_their_own_profile() -> None:
    body = copy.deepcopy(BODIES["text"])
    value = body["entry"][0]["changes"][0]["value"]
    theirs = {"from": "6281200007009", "from_user_id": SRI, "id": "wamid.of-sri"}
    value["messages"].append({**value["messages"][0], **theirs})
    value["contacts"] = [
        {"wa_id": "6281200007009", "user_id": SRI, "profile": {"name": "Sri 🌸"}},
        {"wa_id": "6281200007001", "profile": {"name": "Siti"}},
    ]
    told = {event.address: event.profile for event in read(body) if isinstance(event, Inbound)}
    assert told == {SITI: "Siti", SRI: "Sri 🌸"}
    value["contacts"] = [{"wa_id": "6281200007001", "profile": {"name": 7}}, {"profile": "Sri"}]
    assert {event.profile for event in read(body) if isinstance(event, Inbound)} == {""}


def test_a_pressed_button_tells_under_which_message_it_stood() -> None:
    assert (only("button_reply").under, only("list_reply").under, only("text_answering_a_message").under) == (
        "wamid.out2",
        "wamid.out3",
        "",
    )


def test_somebody_with_a_new_number_or_id_is_followed() -> None:
    moved, old, alone = (only(name) for name in ("system_new_number", "system_new_number_of_old", "system_new_id"))
    assert (moved.reach, moved.was, moved.address, moved.phone) == (
        "moved", SITI, "ID.13491208655302755555", "+6281200008001",
    )  # fmt: skip
    assert (old.was, old.address) == ("6281200007001", "6281200008001")
    assert (alone.was, alone.address, alone.phone) == (SRI, "ID.13491208655302755556", "")


def test_the_platforms_own_switch_for_news_is_told_once_whatever_comes_again() -> None:
    stop, resume = only("preference_stop"), only("preference_resume")
    assert (stop.reach, resume.reach, stop.address) == ("stopped", "resumed", SITI)
    assert stop.external_id == only("preference_stop").external_id != resume.external_id


@pytest.mark.parametrize("name", ["sent", "delivered", "read", "played"])
def test_what_became_of_a_message_is_told(name: str) -> None:
    told, state = only(f"status_{name}"), "read" if name == "played" else name
    assert (told.ref, told.state, told.external_id) == (123456789012345678, state, "wamid.HBgNOUT")
    assert told.at == datetime.fromtimestamp(1790000100, UTC)
    if name in ("sent", "delivered"):
        assert (told.category, told.billable) == ("service", True)
    else:
        assert (told.category, told.billable) == ("", None)


def test_a_message_that_failed_later_tells_why() -> None:
    closed, gone = only("status_window_closed"), only("status_undeliverable")
    assert closed.failed.closed
    assert gone.failed.gone
    stopped, failed = read(BODIES["status_stopped_marketing"])
    assert isinstance(failed, PlatformStatus)
    assert failed.failed is not None
    assert failed.failed.permanent
    assert isinstance(stopped, Inbound)
    assert (stopped.reach, stopped.address) == ("stopped", SITI)


def test_news_of_templates_and_of_the_account_are_told() -> None:
    template = {
        "channel": "whatsapp",
        "account": PHONE_ID,
        "kind": "template",
        "name": "kabar_petugas",
        "language": "id",
    }
    assert only("template_rejected") == Notice(**template, status="REJECTED")
    assert only("template_recategorised") == Notice(**template, category="marketing")
    assert only("account_restricted") == Notice("whatsapp", PHONE_ID, "account", status="ACCOUNT_RESTRICTION")
    assert only("errors_of_the_number") == Notice("whatsapp", PHONE_ID, "account", status="130429")


def test_all_of_a_body_is_told_however_much_is_in_it() -> None:
    told = read(BODIES["batch"])
    assert [event.heard for event in told if isinstance(event, Inbound) and not event.reach] == [
        HEARD["text"], HEARD["text_without_a_number"], HEARD["button_reply"], HEARD["image"],
    ]  # fmt: skip
    assert {event.state for event in told if isinstance(event, PlatformStatus)} == {"read", "sent"}
    assert [event.reach for event in told if isinstance(event, Inbound) and event.reach] == ["stopped"]


def test_what_one_person_did_comes_in_the_order_in_which_they_did_it() -> None:
    body = copy.deepcopy(BODIES["text"])
    [first] = body["entry"][0]["changes"][0]["value"]["messages"]
    later = {**first, "id": "wamid.later", "timestamp": str(int(first["timestamp"]) + 2)}
    body["entry"][0]["changes"][0]["value"]["messages"] = [later, first]
    told = [event.external_id for event in read(body) if isinstance(event, Inbound)]
    assert told == [first["id"], "wamid.later"]


def test_a_long_card_number_or_a_doctored_button_is_no_press() -> None:
    body = copy.deepcopy(BODIES["button_reply"])
    reply = body["entry"][0]["changes"][0]["value"]["messages"][0]["interactive"]["button_reply"]
    for data in ("", "a.b=\x00", "lead.take=" + "x" * 300, "é.b=c", None, 7):
        reply["id"] = data
        [event] = read(body)
        assert isinstance(event, Inbound)
        assert event.heard == Heard(text=reply["title"]), "what stands on it, as if it had been typed"


def test_of_several_cards_the_first_that_has_a_number_is_read() -> None:
    body = copy.deepcopy(BODIES["contact_of_somebody_else"])
    [message] = body["entry"][0]["changes"][0]["value"]["messages"]
    message["contacts"].insert(0, {"name": {"formatted_name": "Tanpa nomor"}})
    [event] = read(body)
    assert isinstance(event, Inbound)
    assert event.heard == HEARD["contact_of_somebody_else"]


@pytest.mark.parametrize("kind", ["image", "video", "document"])
def test_the_words_under_whatever_was_sent_are_read(kind: str) -> None:
    body = copy.deepcopy(BODIES[kind])
    body["entry"][0]["changes"][0]["value"]["messages"][0][kind]["caption"] = "Bu Siti"
    [event] = read(body)
    assert isinstance(event, Inbound)
    assert event.heard == replace(HEARD[kind], text="Bu Siti")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Halo Rangkul (pasar-gede) saya mau daftar", "saya mau daftar"),
        ("Assalamualaikum, halo rangkul (Pasar-Gede). mau tanya", "Assalamualaikum, mau tanya"),
        ("HALO RANGKUL ( pasar-gede ) 🙏", ""),
        ("Halo Rangkul, (pasar-gede)\nBu Siti", "Bu Siti"),
    ],
)
def test_words_added_to_the_ready_text_do_not_lose_the_campaign(said: str, words: str) -> None:
    body = copy.deepcopy(BODIES["text"])
    body["entry"][0]["changes"][0]["value"]["messages"][0]["text"]["body"] = said
    [event] = read(body)
    assert isinstance(event, Inbound)
    assert (event.heard.text, event.heard.start.casefold()) == (words, "pasar-gede")


@given(broken_bodies())
def test_no_body_of_whatever_shape_is_an_error(body: Any) -> None:
    for event in read(body):
        assert event.account == PHONE_ID
        if isinstance(event, Inbound):
            assert event.address
            assert event.external_id.isprintable()
            assert event.at.tzinfo is not None
            assert event.heard.start.isascii()
        elif isinstance(event, PlatformStatus):
            assert 0 <= event.ref < 1 << 63
            assert event.external_id.isprintable()
