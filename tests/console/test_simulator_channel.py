"""The channel "simulator" without a page: what a screen shows, and what the bot receives."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import BOLD_OFF, BOLD_ON, Inbound, Key, Outgoing, Unavailable
from bot.channels.simulator import Simulator, number_of
from bot.channels.simulator_screen import ANSWERED, KEPT, SENT, UNSENT, Bubble, PastEvent, PastMessage, shown_as
from bot.console.rich import pieces
from conversations.engine.core import Contact, Heard, Press

NOON = datetime(2026, 11, 25, 5, 0, tzinfo=UTC)
YES = Key("Ya", "registration.consent=yes~n1")
NO = Key("Tidak", "registration.consent=no~n1")


class Bot:
    """Takes what comes in; ``away`` makes it refuse as when the database is away."""

    def __init__(self) -> None:
        self.heard: list[Inbound] = []
        self.tried: list[Inbound] = []
        self.away = False

    async def receive(self, inbound: Inbound) -> None:
        self.tried.append(inbound)
        if self.away:
            raise Unavailable("on purpose")
        self.heard.append(inbound)


@pytest.fixture
def bot() -> Bot:
    return Bot()


@pytest.fixture
async def simulator(bot: Bot) -> Simulator:
    made = Simulator(clock=lambda: NOON)
    await made.start(bot.receive)
    return made


def shown(simulator: Simulator, address: str = "pemilik-1") -> list[Bubble]:
    return list(simulator.screen(address).bubbles.values())


async def test_words_reach_the_bot_as_they_were_written(simulator: Simulator, bot: Bot) -> None:
    await simulator.say("pemilik-1", " kulo gadhah warung\nsoto \n")
    (inbound,) = bot.heard
    assert inbound.heard == Heard(text="kulo gadhah warung\nsoto")
    assert (inbound.channel, inbound.account, inbound.address, inbound.at) == ("simulator", "local", "pemilik-1", NOON)


async def test_blank_words_are_not_sent(simulator: Simulator, bot: Bot) -> None:
    await simulator.say("pemilik-1", " \n ")
    assert bot.tried == []
    assert shown(simulator) == []


async def test_every_event_has_an_id_of_its_own(simulator: Simulator, bot: Bot) -> None:
    for _ in range(3):
        await simulator.say("pemilik-1", "halo")
    assert len({inbound.external_id for inbound in bot.heard}) == 3


async def test_start_with_a_payload_is_a_deep_link_and_without_one_is_words(simulator: Simulator, bot: Bot) -> None:
    await simulator.say("pemilik-1", "/start pasar-legi")
    await simulator.say("pemilik-1", "/start")
    assert [inbound.heard for inbound in bot.heard] == [Heard(start="pasar-legi"), Heard(text="/start")]


async def test_a_message_has_one_tick_when_committed_and_two_when_answered(simulator: Simulator) -> None:
    await simulator.say("pemilik-1", "halo")
    assert [bubble.state for bubble in shown(simulator)] == [SENT]
    await simulator.send("pemilik-1", Outgoing("Selamat pagi"))
    assert [bubble.state for bubble in shown(simulator)] == [ANSWERED, ""]


async def test_an_answer_that_is_faster_than_the_acknowledgement_still_gives_two_ticks(simulator: Simulator) -> None:
    async def receive(inbound: Inbound) -> None:
        await simulator.send(inbound.address, Outgoing("Selamat pagi"))

    await simulator.start(receive)
    await simulator.say("pemilik-1", "halo")
    assert [bubble.state for bubble in shown(simulator)] == [ANSWERED, ""]


async def test_the_dots_run_from_the_message_to_the_answer(simulator: Simulator) -> None:
    await simulator.say("pemilik-1", "halo")
    assert simulator.screen("pemilik-1").typing
    await simulator.send("pemilik-1", Outgoing("Selamat pagi"))
    assert not simulator.screen("pemilik-1").typing


async def test_what_could_not_be_stored_is_kept_and_sent_again_as_the_same_event(
    simulator: Simulator, bot: Bot
) -> None:
    bot.away = True
    await simulator.say("pemilik-1", "halo")
    (bubble,) = shown(simulator)
    assert bubble.state == UNSENT
    bot.away = False
    await simulator.retry("pemilik-1", bubble.id)
    assert [bubble.state for bubble in shown(simulator)] == [SENT]
    assert bot.tried[0] == bot.tried[1]
    await simulator.retry("pemilik-1", bubble.id)
    assert len(bot.tried) == 2


async def test_a_stopped_simulator_keeps_messages_to_be_sent_again(simulator: Simulator, bot: Bot) -> None:
    await simulator.stop()
    await simulator.say("pemilik-1", "halo")
    assert shown(simulator)[0].state == UNSENT
    await simulator.start(bot.receive)
    await simulator.retry("pemilik-1", shown(simulator)[0].id)
    assert [inbound.heard.text for inbound in bot.heard] == ["halo"]


async def test_an_error_of_the_bot_is_not_swallowed_and_the_message_can_be_sent_again(simulator: Simulator) -> None:
    async def broken(inbound: Inbound) -> None:
        raise LookupError("on purpose")

    await simulator.start(broken)
    with pytest.raises(LookupError):
        await simulator.say("pemilik-1", "halo")
    assert shown(simulator)[0].state == UNSENT


async def test_a_press_says_what_was_pressed_and_under_which_message(simulator: Simulator, bot: Bot) -> None:
    receipt = await simulator.send("pemilik-1", Outgoing("Boleh kami catat?", keys=((YES, NO),)))
    await simulator.press("pemilik-1", YES.data, receipt.external_id)
    (inbound,) = bot.heard
    assert inbound.heard.pressed == Press("registration", "consent", "yes", "n1")
    assert inbound.under == receipt.external_id


async def test_a_settled_press_takes_the_buttons_away_shows_which_it_was_and_the_toast(
    simulator: Simulator, bot: Bot
) -> None:
    receipt = await simulator.send("pemilik-1", Outgoing("Boleh kami catat?", keys=((YES, NO),)))
    toasts: list[str] = []
    simulator.listen("pemilik-1", toasts.append)
    await simulator.press("pemilik-1", YES.data, receipt.external_id)
    await simulator.settle(bot.heard[0], "Dicatat")
    (bubble,) = shown(simulator)
    assert (bubble.keys, bubble.chosen) == ((), "Ya")
    assert toasts[-1] == "Dicatat"


async def test_settling_late_leaves_the_buttons_of_a_replaced_message(simulator: Simulator, bot: Bot) -> None:
    receipt = await simulator.send("pemilik-1", Outgoing("Boleh kami catat?", keys=((YES, NO),)))
    await simulator.press("pemilik-1", YES.data, receipt.external_id)
    await simulator.send("pemilik-1", Outgoing("Sudah?", keys=((NO,),), edits=receipt.external_id))
    await simulator.settle(bot.heard[0], "")
    assert shown(simulator)[0].keys == ((NO,),)


async def test_another_button_after_a_failed_press_is_another_event(simulator: Simulator, bot: Bot) -> None:
    receipt = await simulator.send("pemilik-1", Outgoing("Boleh kami catat?", keys=((YES, NO),)))
    bot.away = True
    await simulator.press("pemilik-1", YES.data, receipt.external_id)
    bot.away = False
    await simulator.press("pemilik-1", NO.data, receipt.external_id)
    assert [inbound.heard.pressed.value for inbound in bot.heard if inbound.heard.pressed] == ["no"]
    assert len({inbound.external_id for inbound in bot.tried}) == 2


async def test_a_press_that_failed_is_the_same_event_when_pressed_again(simulator: Simulator, bot: Bot) -> None:
    receipt = await simulator.send("pemilik-1", Outgoing("Boleh kami catat?", keys=((YES, NO),)))
    bot.away = True
    await simulator.press("pemilik-1", YES.data, receipt.external_id)
    bot.away = False
    await simulator.press("pemilik-1", YES.data, receipt.external_id)
    assert bot.tried[0] == bot.tried[1]


async def test_a_failed_press_says_so_under_its_message_until_it_is_pressed_again(
    simulator: Simulator, bot: Bot
) -> None:
    receipt = await simulator.send("pemilik-1", Outgoing("Boleh kami catat?", keys=((YES, NO),)))
    bot.away = True
    await simulator.press("pemilik-1", YES.data, receipt.external_id)
    assert shown(simulator)[0].state == UNSENT
    bot.away = False
    await simulator.press("pemilik-1", YES.data, receipt.external_id)
    assert shown(simulator)[0].state == ""


@pytest.mark.parametrize("data", ["something else", "", "=~"])
async def test_data_that_is_no_button_of_ours_is_passed_over(simulator: Simulator, bot: Bot, data: str) -> None:
    receipt = await simulator.send("pemilik-1", Outgoing("Halo", keys=((Key("Apa", data),),)))
    await simulator.press("pemilik-1", data, receipt.external_id)
    assert bot.tried == []


async def test_an_edit_takes_the_place_of_the_earlier_message(simulator: Simulator) -> None:
    first = await simulator.send("petugas-1", Outgoing("Calon baru", keys=((YES,),)))
    await simulator.send("petugas-1", Outgoing("Yang lain"))
    second = await simulator.send("petugas-1", Outgoing("Sudah diambil Pak Joko", edits=first.external_id))
    assert [bubble.text for bubble in shown(simulator, "petugas-1")] == ["Sudah diambil Pak Joko", "Yang lain"]
    assert second == first


async def test_an_edit_of_a_message_that_is_no_longer_shown_comes_as_a_new_one(simulator: Simulator) -> None:
    await simulator.send("petugas-1", Outgoing("Sudah diambil", edits="gone"))
    assert [bubble.text for bubble in shown(simulator, "petugas-1")] == ["Sudah diambil"]


async def test_sharing_the_number_gives_the_phones_own_number_and_ends_the_request(
    simulator: Simulator, bot: Bot
) -> None:
    await simulator.send("pemilik-7", Outgoing("Nomor HP?", contact_label="Bagikan nomor saya"))
    assert shown(simulator, "pemilik-7")[0].contact_label
    await simulator.share_number("pemilik-7")
    assert bot.heard[0].heard.contact == Contact("+6281200000007", own=True)
    assert not any(bubble.contact_label for bubble in shown(simulator, "pemilik-7"))


async def test_only_the_newest_message_asks_for_the_number(simulator: Simulator) -> None:
    await simulator.send("pemilik-1", Outgoing("Nomor HP?", contact_label="Bagikan nomor saya"))
    await simulator.send("pemilik-1", Outgoing("Baik, tanpa nomor."))
    assert not any(bubble.contact_label for bubble in shown(simulator))


async def test_someone_elses_contact_is_not_the_persons_own(simulator: Simulator, bot: Bot) -> None:
    await simulator.share_stranger("pemilik-1")
    contact = bot.heard[0].heard.contact
    assert contact is not None
    assert not contact.own


@pytest.mark.parametrize("kind", ["photo", "voice", "sticker", "document", "location", "edited"])
async def test_what_is_not_words_comes_in_by_its_name(simulator: Simulator, bot: Bot, kind: str) -> None:
    await simulator.send_other("pemilik-1", kind)
    assert bot.heard[0].heard == Heard(other=kind)
    assert shown(simulator)[0].what == kind


async def test_a_screen_keeps_the_newest_messages_only(simulator: Simulator) -> None:
    for number in range(KEPT + 5):
        await simulator.send("pemilik-1", Outgoing(str(number)))
    assert [bubble.text for bubble in shown(simulator)] == [str(number) for number in range(5, KEPT + 5)]


async def test_opening_the_chat_is_heard_and_nobody_has_written_it(simulator: Simulator, bot: Bot) -> None:
    await simulator.open_chat("pemilik-1")
    await simulator.open_chat("pemilik-1")  # a second tap, while the answer is awaited
    assert [inbound.heard for inbound in bot.heard] == [Heard(text="/start")]
    assert shown(simulator) == []


async def test_a_chat_that_could_not_be_opened_can_be_opened_again(simulator: Simulator, bot: Bot) -> None:
    bot.away = True
    await simulator.open_chat("pemilik-1")
    bot.away = False
    await simulator.open_chat("pemilik-1")
    assert len(bot.heard) == 1


async def test_a_question_that_was_answered_in_words_has_no_buttons_any_more(simulator: Simulator) -> None:
    card = Key("Ambil", "lead.take=RK-222222~n")
    await simulator.send("pemilik-1", Outgoing("Calon baru", keys=((card,),)))
    await simulator.send("pemilik-1", Outgoing("Boleh kami catat?", keys=((YES, NO),), asks="registration.consent"))
    await simulator.say("pemilik-1", "ya boleh")
    await simulator.send("pemilik-1", Outgoing("Siapa nama Bapak/Ibu?", asks="registration.name"))
    assert [bubble.keys for bubble in shown(simulator)] == [((card,),), (), (), ()]


async def test_no_two_open_keyboards_ask_the_same(simulator: Simulator) -> None:
    for _ in range(2):
        await simulator.send("pemilik-1", Outgoing("Boleh kami catat?", keys=((YES, NO),)))
    assert [bubble.keys for bubble in shown(simulator)] == [(), ((YES, NO),)]


async def test_what_was_pressed_is_shown_though_the_answer_was_faster(simulator: Simulator, bot: Bot) -> None:
    receipt = await simulator.send("pemilik-1", Outgoing("Boleh kami catat?", keys=((YES, NO),)))
    await simulator.press("pemilik-1", YES.data, receipt.external_id)
    await simulator.send("pemilik-1", Outgoing("Siapa nama Bapak/Ibu?", asks="registration.name"))
    await simulator.settle(bot.heard[0], "")
    assert [bubble.chosen for bubble in shown(simulator)] == ["Ya", ""]


async def test_a_screen_is_recalled_as_it_was_above_what_has_come_since(simulator: Simulator) -> None:
    press = Press("registration", "consent", "yes", "n1")
    asked = Outgoing("Boleh kami catat?", keys=((YES, NO),), asks="registration.consent")
    past: list[PastEvent | PastMessage] = [
        PastEvent("e1", NOON, Heard(text="/start")),
        PastMessage("m1", NOON, asked),
        PastEvent("e2", NOON, Heard(text="buat apa?")),
        PastMessage("m2", NOON, asked),
        PastEvent("e3", NOON, Heard(pressed=press)),
        PastMessage("m3", NOON, Outgoing("Nomor HP?", contact_label="Bagikan nomor saya", asks="registration.phone")),
    ]
    await simulator.send("pemilik-1", Outgoing("Masih di sana?"))
    simulator.screen("pemilik-1").recall(past)
    told = [(bubble.text, bubble.state, bubble.keys, bubble.chosen) for bubble in shown(simulator)]
    assert told == [
        ("Boleh kami catat?", "", (), ""),
        ("buat apa?", ANSWERED, (), ""),
        ("Boleh kami catat?", "", (), "Ya"),
        ("Nomor HP?", "", (), ""),
        ("Masih di sana?", "", (), ""),
    ]
    assert not simulator.screen("pemilik-1").renewed


async def test_a_recalled_question_can_still_be_answered_by_its_button(simulator: Simulator, bot: Bot) -> None:
    simulator.screen("pemilik-1").recall([PastMessage("m1", NOON, Outgoing("Boleh kami catat?", keys=((YES, NO),)))])
    await simulator.press("pemilik-1", YES.data, "m1")
    await simulator.settle(bot.heard[0], "")
    assert [(bubble.keys, bubble.chosen) for bubble in shown(simulator)] == [((), "Ya")]


async def test_only_a_phone_that_was_used_and_shows_nothing_again_has_a_new_screen(simulator: Simulator) -> None:
    simulator.screen("pemilik-1").recall(None)
    simulator.screen("pemilik-2").recall([])
    simulator.screen("pemilik-3").recall([PastMessage("m", NOON, Outgoing("Halo"))])
    assert [simulator.screen(f"pemilik-{number}").renewed for number in (1, 2, 3)] == [False, True, False]


@given(st.sampled_from(["photo", "voice", "contact", "start", "text"]), st.text(min_size=1, max_size=20))
def test_what_a_person_sent_is_recalled_as_it_was_shown(kind: str, words: str) -> None:
    heard = {
        "contact": Heard(contact=Contact(words, own=True)),
        "start": Heard(start="pasar-gede", text=words),
        "text": Heard(text=words),
    }.get(kind, Heard(other=kind, text=words))
    shown_words = f"/start pasar-gede {words}" if kind == "start" else words
    assert shown_as(heard) == (shown_words, "" if kind in ("text", "start") else kind)


async def test_a_page_hears_of_its_own_phone_until_it_leaves(simulator: Simulator) -> None:
    woken: list[str] = []
    leave = simulator.listen("pemilik-1", woken.append)
    await simulator.send("petugas-1", Outgoing("bukan di sini"))
    assert woken == []
    await simulator.send("pemilik-1", Outgoing("di sini"))
    assert woken == [""]
    leave()
    leave()
    await simulator.send("pemilik-1", Outgoing("sudah pergi"))
    assert woken == [""]


async def test_a_new_owner_gets_a_name_that_was_not_used_yet(simulator: Simulator) -> None:
    assert simulator.unused("pemilik-1") == "pemilik-2"
    await simulator.say("pemilik-4", "halo")
    assert simulator.unused("pemilik-1") == "pemilik-5"
    assert simulator.unused("pemilik-x") == "pemilik-x-1"


@given(st.lists(st.tuples(st.sampled_from(["pemilik", "petugas", "x"]), st.integers(0, 9999)), unique=True))
def test_phones_have_numbers_of_their_own(phones: list[tuple[str, int]]) -> None:
    counted = [f"{kind}-{number}" for kind, number in phones if kind != "x"]
    assert len({number_of(address) for address in counted}) == len(counted)
    assert all(len(number_of(f"{kind}-{number}")) == 14 for kind, number in phones)


@given(st.text(st.sampled_from("ab <>&\n" + BOLD_ON + BOLD_OFF) | st.characters(), max_size=40))
def test_the_pieces_of_a_text_hold_every_letter_of_it_in_order(text: str) -> None:
    plain = text.replace(BOLD_ON, "").replace(BOLD_OFF, "")
    assert "".join(piece.text for piece in pieces(text)) == plain


def test_bold_links_and_plain_words_are_told_apart() -> None:
    told = list(pieces(f"Cek {BOLD_ON}175{BOLD_OFF} atau https://example.org/a?b=1, ya"))
    assert [piece.text for piece in told if piece.bold] == ["175"]
    assert [piece.text for piece in told if piece.link] == ["https://example.org/a?b=1"]
