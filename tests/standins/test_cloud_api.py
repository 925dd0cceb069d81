"""The stand-in keeps Meta's rules: what it refuses, when, with which code, and what it bills."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.standins.cloud_api import PHONE_ID, CloudApi
from tests.standins.cloud_api_people import Person
from tests.standins.cloud_api_webhooks import body, signed

TEMPLATE = {
    "name": "kabar",
    "language": "id",
    "category": "MARKETING",
    "components": [{"type": "BODY", "text": "Ada kabar untuk {{1}}."}],
}


class Clock:
    """Epoch seconds that are set."""

    now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def cloud() -> AsyncIterator[tuple[CloudApi, Clock]]:
    clock = Clock()
    async with CloudApi(clock) as api:
        yield api, clock


async def post(api: CloudApi, person: Person, kind: str = "text", content: Any = None) -> int:
    """Send; Meta's code of the refusal, 0 when it was taken."""
    about = {"messaging_product": "whatsapp", "recipient": person.user, "biz_opaque_callback_data": "7"}
    message = {**about, "type": kind, kind: content or {"body": "halo"}}
    url, headers = f"{api.url}/v25.0/{PHONE_ID}/messages", {"Authorization": f"Bearer {api.token}"}
    async with aiohttp.ClientSession() as http, http.post(url, json=message, headers=headers) as answer:
        said = await answer.json()
        return 0 if answer.status == 200 else int(said["error"]["code"])


def states(api: CloudApi) -> list[tuple[str, int]]:
    """What was to be brought of messages: their state, and the code where they failed."""
    told = [status for _, value in api.webhooks.held() for status in value.get("statuses", ())]
    return [(status["status"], next(iter(status.get("errors", ())), {"code": 0})["code"]) for status in told]


def template(*fields: str) -> dict[str, Any]:
    parameters = [{"type": "text", "text": field} for field in fields]
    components = [{"type": "body", "parameters": parameters}]
    return {"name": "kabar", "language": {"code": "id"}, "components": components}


async def test_outside_of_the_window_a_message_is_taken_and_fails_later(cloud: tuple[CloudApi, Clock]) -> None:
    api, clock = cloud
    siti = api.person("Siti")
    assert await post(api, siti) == 0
    assert states(api) == [("failed", 131047)]
    siti.say("halo")
    states(api)
    clock.now += 24 * 3600 - 1
    assert await post(api, siti) == 0
    assert states(api) == [("sent", 0), ("delivered", 0), ("read", 0)]
    clock.now += 2
    assert await post(api, siti) == 0
    assert states(api) == [("failed", 131047)]
    assert api.billed == {"service": 1}


async def test_a_template_goes_at_any_time_if_it_is_approved_and_filled_and_wanted(
    cloud: tuple[CloudApi, Clock],
) -> None:
    api, _ = cloud
    siti = api.person("Siti")
    assert await post(api, siti, "template", template("Siti")) == 132001
    api.approve(TEMPLATE, "PAUSED")
    assert await post(api, siti, "template", template("Siti")) == 132015
    api.approve(TEMPLATE)
    assert await post(api, siti, "template", template()) == 132000
    assert await post(api, siti, "template", template("satu\ndua")) == 132018
    assert await post(api, siti, "template", template("Siti")) == 0
    assert siti.last == "Ada kabar untuk Siti."
    assert api.billed == {"marketing": 1}
    siti.prefer("stop")
    states(api)
    assert await post(api, siti, "template", template("Siti")) == 0
    assert states(api) == [("failed", 131050)]


async def test_one_person_gets_forty_five_at_once_and_then_one_every_six_seconds(
    cloud: tuple[CloudApi, Clock],
) -> None:
    api, clock = cloud
    siti, budi = api.person("Siti"), api.person("Budi")
    for person in (siti, budi):
        person.say("halo")
    assert [await post(api, siti) for _ in range(47)] == [0] * 45 + [131056] * 2
    assert await post(api, budi) == 0
    clock.now += 6
    assert [await post(api, siti) for _ in range(2)] == [0, 131056]


async def test_the_whole_number_has_a_limit_too(cloud: tuple[CloudApi, Clock]) -> None:
    api, _ = cloud
    api.throughput = 3
    people = [api.person(f"Pemilik {number}") for number in range(5)]
    assert [await post(api, person) for person in people] == [0, 0, 0, 130429, 130429]


async def test_whoever_has_blocked_us_or_has_no_whatsapp_gets_nothing_and_costs_nothing(
    cloud: tuple[CloudApi, Clock],
) -> None:
    api, _ = cloud
    siti = api.person("Siti")
    siti.say("halo")
    siti.blocked = True
    states(api)
    assert await post(api, siti) == 0
    assert states(api) == [("sent", 0)]
    del api.people["Siti"]
    assert await post(api, siti) == 0
    assert states(api) == [("failed", 131026)]
    assert not api.billed


@pytest.mark.parametrize(
    ("kind", "content", "code"),
    [
        ("text", {"body": "a" * 4097}, 131009),
        ("text", {"body": " "}, 131008),
        ("hologram", {"id": "1"}, 100),
        ("document", {"id": "5"}, 131053),
        ("interactive", {"type": "button", "body": {"text": "a" * 1025}, "action": {"buttons": []}}, 131009),
        ("interactive", {"type": "list", "body": {"text": "a"}, "action": {"button": "x" * 21}}, 131009),
    ],
)
async def test_what_is_too_long_or_of_no_kind_is_refused_and_noted(
    cloud: tuple[CloudApi, Clock], kind: str, content: dict[str, Any], code: int
) -> None:
    api, _ = cloud
    assert await post(api, api.person("Siti"), kind, content) == code
    assert len(api.problems) == 1


def test_bodies_are_written_and_signed_as_meta_does() -> None:
    content = body("1", [("messages", {"text": "é/"})])
    assert b"\\u00e9\\/" in content
    assert json.loads(content)["entry"][0]["changes"][0]["value"] == {"text": "é/"}
    known = signed(b"hello", "secret")["X-Hub-Signature-256"]
    assert known == "sha256=88aab3ede8d3adf94d26ab90d3bafd4a2083070c3bcce9c014ee04a443847c0b"
