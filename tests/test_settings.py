"""Settings: none is needed; one that makes no sense is named in one line with how to mend it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import bot.settings
from bot.platforms import CHANNELS
from bot.settings import SWITCHES, BadSetting, Settings, load


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"RANGKUL_{name.upper()}", raising=False)


def test_without_any_setting_the_simulator_runs_on_this_machine_alone() -> None:
    settings = load()
    assert settings.simulates
    assert settings.real_channels == ()
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.database_url == "sqlite:///data/rangkul.db"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PORT", "eighty", "RANGKUL_PORT"),
        ("PORT", "70000", "RANGKUL_PORT"),
        ("LOG_LEVEL", "loud", "RANGKUL_LOG_LEVEL"),
        ("LOG_FORMAT", "xml", "RANGKUL_LOG_FORMAT"),
        ("SIMULATOR", "perhaps", "RANGKUL_SIMULATOR"),
        ("HOST", "0.0.0.0", "RANGKUL_SIMULATOR"),  # noqa: S104 - what is refused
        ("PUBLIC_URL", "http://example.org", "RANGKUL_PUBLIC_URL"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named_in_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(f"RANGKUL_{name}", value)
    with pytest.raises(BadSetting) as raised:
        load()
    assert str(raised.value).startswith(f"{says}: ")
    assert "\n" not in str(raised.value)


def test_a_secret_that_is_wrong_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANGKUL_SECRET_KEY", "sangat-rahasia")
    monkeypatch.setenv("RANGKUL_PORT", "sangat-rahasia")
    with pytest.raises(BadSetting) as raised:
        load()
    assert "sangat-rahasia" not in str(raised.value)


def test_a_setting_that_there_is_not_in_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("RANGKUL_PROT=8081\n")
    with pytest.raises(BadSetting, match="PROT"):
        load()


def test_what_stands_around_a_secret_is_no_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mounted secret ends with a line's end, a copied one with a blank: nothing that Meta signs would fit any more."""
    monkeypatch.setenv("RANGKUL_WHATSAPP_APP_SECRET", " rahasia\n")
    monkeypatch.setenv("RANGKUL_WHATSAPP_VERIFY_TOKEN", "kata ")
    monkeypatch.setenv("RANGKUL_TELEGRAM_WEBHOOK_SECRET", "kunci\r\n")
    settings = load()
    assert (settings.whatsapp_app_secret, settings.whatsapp_verify_token) == ("rahasia", "kata")
    assert settings.telegram_webhook_secret == "kunci"


def test_the_environment_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("RANGKUL_PORT=8081\nRANGKUL_CONTROLLER=Kantor\n")
    monkeypatch.setenv("RANGKUL_PORT", "8082")
    assert (load().port, load().controller) == (8082, "Kantor")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "::1"])
def test_the_simulator_is_on_where_only_this_machine_can_reach_it(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("RANGKUL_HOST", host)
    assert load().simulates


def test_the_simulator_can_be_forced_on_for_others_and_be_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANGKUL_HOST", "192.0.2.1")
    monkeypatch.setenv("RANGKUL_SIMULATOR_ANYWHERE", "true")
    assert load().simulates
    monkeypatch.setenv("RANGKUL_SIMULATOR_ANYWHERE", "false")
    monkeypatch.setenv("RANGKUL_SIMULATOR", "false")
    assert not load().simulates


def test_beside_a_real_channel_the_simulator_needs_a_word_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANGKUL_TELEGRAM_TOKEN", f"12345678:{'a' * 35}")
    monkeypatch.setenv("RANGKUL_CONTROLLER", "Kantor")
    assert not load().simulates
    monkeypatch.setenv("RANGKUL_SIMULATOR", "true")
    with pytest.raises(BadSetting, match=r"RANGKUL_SIMULATOR: .*RANGKUL_SIMULATOR_BESIDE_CHANNELS"):
        load()
    monkeypatch.setenv("RANGKUL_SIMULATOR_BESIDE_CHANNELS", "true")
    assert load().simulates
    assert load().owners_only == {"simulator"}


def test_every_channel_is_switched_on_by_a_setting() -> None:
    assert SWITCHES.keys() == CHANNELS.keys()
    assert Settings.model_fields.keys() >= set(SWITCHES.values())


def test_every_setting_is_read_by_something() -> None:
    """As ``settings.name`` outside of settings.py, or within it by a property that is."""
    own = ast.parse(Path(bot.settings.__file__).read_text(encoding="utf-8"))
    elsewhere = {
        node.attr
        for path in Path(bot.settings.__file__).parent.rglob("*.py")
        if path.name != "settings.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
    }
    derived = {
        node.attr
        for method in ast.walk(own)
        if isinstance(method, ast.FunctionDef) and method.name in elsewhere
        for node in ast.walk(method)
        if isinstance(node, ast.Attribute)
    }
    checked = {"simulator_beside_channels"}  # it allows what the settings themselves would refuse
    assert set(Settings.model_fields) - elsewhere - derived == checked
