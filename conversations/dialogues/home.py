"""Home, where no dialogue runs: what an owner or an officer may begin; and the short dialogues around a registration."""

from __future__ import annotations

from typing import Any

from conversations.engine.ask import YES_NO, ask, pick
from conversations.engine.core import Dialogue, Effect, Heard, NotUnderstood, Say, Scene, Text
from conversations.engine.effects import AllowCalls, AllowNews, ForgetMe, GiveConsent

from .officer import OFFICER_HOME

NEWS_VERSION = "2026-11-22"  # of news.allow.ask; change it with its words


def nothing(heard: Heard, scene: Scene) -> Any:
    raise NotUnderstood("home.unclear")


def offered(scene: Scene) -> tuple[str, ...]:
    if scene.world.officer:
        return OFFICER_HOME(scene)
    if scene.world.leads:
        return ("status", "change_lead", "another", "human")
    return ("register", "human")


def home_prompt(scene: Scene) -> Text:
    if scene.world.officer:
        return Text("home.officer", {"name": scene.world.officer.name, "count": scene.world.task_count})
    return Text("home.returning" if scene.world.leads else "home.ask")


def undecided(scene: Scene) -> bool:
    """Whether the question for news is still unanswered: it is not asked again after every change of a lead."""
    return scene.world.news is None


def answer_news(scene: Scene) -> tuple[Effect, ...]:
    if "allow" not in scene.answers:
        return ()
    allowed = scene.answers["allow"] == "yes"
    said = Say(Text("news.thanks" if allowed else "news.none"))
    return GiveConsent("news", NEWS_VERSION, allowed), AllowNews(allowed), said


def answer_calls(scene: Scene) -> tuple[Effect, ...]:
    """Effects of the answer about calls, asked of a person who stopped all messages; none where that was taken back
    meanwhile."""
    if not scene.world.stopped:
        return (Say(Text("calls.no_more")),)
    allowed = scene.answers["allow"] == "yes"
    return AllowCalls(allowed), Say(Text("calls.allowed" if allowed else "calls.refused"))


def erase(scene: Scene) -> tuple[Effect, ...]:
    if scene.answers["sure"] == "yes":
        return ForgetMe("asked"), Say(Text("deletion.done"))
    return (Say(Text("deletion.kept")),)


home = Dialogue("home", (ask("home.start", nothing, prompt=home_prompt, commands=offered),), finish=lambda scene: ())

news = Dialogue("news", (pick("news.allow", YES_NO, when=undecided, short_again=True),), finish=answer_news)

calls = Dialogue("calls", (pick("calls.allow", YES_NO, short_again=True),), finish=answer_calls)

deletion = Dialogue("deletion", (pick("deletion.sure", YES_NO, open_only=True),), finish=erase)
