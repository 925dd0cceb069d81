"""Every setting, from the environment or ``.env``, prefix ``RANGKUL_``. README.md lists them all; a test keeps it so."""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
from pathlib import Path
from typing import Self

from pydantic import Field, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "RANGKUL_"
_TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
_DAYS = "^(none|(saturday|sunday|holidays)(,(saturday|sunday|holidays))*)$"  # an empty setting counts as left out
SWITCHES = {"telegram": "telegram_token", "whatsapp": "whatsapp_token"}  # the setting that switches each channel on
_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+))(?::[0-9]{1,5})?")
_TOKEN = re.compile(r"\d{5,16}:[A-Za-z0-9_-]{30,64}")


class BadSetting(Exception):  # noqa: N818 - its message is all that is shown
    """Raised when a setting makes no sense; the message is one line that names it and how to mend it."""


class Settings(BaseSettings):
    """All settings of an operator. Every setting has a default: without any, the simulator runs on this machine alone."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        extra="forbid",
        env_ignore_empty=True,
        hide_input_in_errors=True,
        str_strip_whitespace=True,  # of a secret that was mounted as a file the line's end comes along
    )

    database_url: str = Field("sqlite:///data/rangkul.db", description="SQLite path or postgresql://… address")
    secret_key: str = Field("", description="master key(s); empty: the key file beside the database is used")
    key_file: Path = Field(Path("data/rangkul.key"), description="where the key file lies (mode 0600)")
    deletions_file: Path = Field(
        Path("data/rangkul.deletions"), description="who was erased, by pseudonym: a restore applies it again"
    )
    metrics_token: str = Field("", description="who shows it may read /metrics and readiness from another machine")
    host: str = Field("127.0.0.1", description="address the web server listens on")
    port: int = Field(8080, ge=0, le=65535, description="port the web server listens on; 0 takes a free one")
    web_connections: int = Field(256, ge=8, description="connections to the web server at a time")
    web_memory: int = Field(32, ge=8, description="MiB that all requests may take that are not answered yet")
    web_head: float = Field(10.0, gt=0, description="seconds within which a request's head must be here")
    web_body: float = Field(
        10.0, gt=0, description="seconds within which its body must be here, and an answer be taken"
    )
    public_url: str = Field("", description="https address under which platforms reach this server")
    controller: str = Field("", description="who runs the bot and answers for the data; stands in the privacy notice")
    telegram_token: str = Field("", description="the bot's token from BotFather; with it Telegram is on", repr=False)
    telegram_api: str = Field("", description="address of another Bot API server than Telegram's own")
    telegram_mode: str = Field(
        "polling", pattern="^(polling|webhook)$", description="polling asks Telegram; webhook needs RANGKUL_PUBLIC_URL"
    )
    telegram_webhook_secret: str = Field(
        "", pattern="^[A-Za-z0-9_-]{0,256}$", description="what Telegram shows us with each update; empty: derived"
    )
    telegram_rate: float = Field(
        30.0, ge=0, le=1000, description="messages a second, over all chats of the bot; 0: no limit of ours"
    )
    telegram_driver: str = Field(
        "aiogram", pattern="^(aiogram|ptb)$", description="the library that carries calls to Telegram"
    )
    whatsapp_token: str = Field("", description="access token of the Cloud API; with it WhatsApp is on", repr=False)
    whatsapp_phone_id: str = Field(
        "", pattern="^[0-9]*$", description="id of the business phone number (not the number)"
    )
    whatsapp_waba_id: str = Field(
        "", pattern="^[0-9]*$", description="id of the WhatsApp Business Account, for templates"
    )
    whatsapp_app_secret: str = Field("", description="the app's secret: Meta signs what it sends us", repr=False)
    whatsapp_verify_token: str = Field(
        "", description="a word of your own that Meta shows when it sets the webhook", repr=False
    )
    whatsapp_api: str = Field("", description="address of another server than Meta's own")
    whatsapp_rate: float = Field(80.0, gt=0, le=1000, description="messages a second, over all chats of the number")
    whatsapp_daily: int = Field(
        250, ge=0, description="how many different people may get a template in 24 hours; Meta's limit"
    )
    quiet_from: str = Field("20:00", pattern=_TIME, description="from when on no reminder or broadcast leaves")
    quiet_until: str = Field("08:00", pattern=_TIME, description="until when none leaves")
    quiet_days: str = Field(
        "sunday,holidays",
        pattern=_DAYS,
        description="days on which no reminder or broadcast leaves; none: no such days",
    )
    broadcast_weekly: int = Field(2, ge=1, description="reminders and broadcasts to one person in seven days, at most")
    broadcast_approval: int = Field(500, ge=0, description="a broadcast to more people needs a second admin's approval")
    broadcast_errors: float = Field(0.2, gt=0, le=1, description="share of failures past which a broadcast halts")
    inbox_days: int = Field(90, ge=30, description="days after which it is no longer known that a message came in")
    outbox_days: int = Field(400, ge=30, description="days after which it is no longer known that a message went out")
    audit_days: int = Field(1825, ge=365, le=36500, description="days after which a line of the audit goes")
    consent_days: int = Field(1825, ge=365, le=36500, description="days after which the proof of a consent goes")
    counts_days: int = Field(1825, ge=1, le=36500, description="days after which what is left of an erased lead goes")
    officer_days: int = Field(
        400, ge=1, le=36500, description="days after which an officer who left goes, name and all"
    )
    broadcast_days: int = Field(400, ge=30, le=36500, description="days after which a broadcast and its recipients go")
    invitation_days: int = Field(30, ge=1, le=36500, description="days after which an officer's code that ended goes")
    console: bool = Field(
        False, description="the office's pages under /kantor; needs RANGKUL_PUBLIC_URL or a loopback host"
    )
    simulator: bool | None = Field(None, description="the page with two phones; default: on without a real channel")
    simulator_beside_channels: bool = Field(False, description="allow the simulator while a real channel is on")
    simulator_anywhere: bool = Field(False, description="allow the simulator on an address that others can reach")
    log_format: str = Field("text", pattern="^(text|json)$", description="text for people, json for machines")
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$", description="how much is logged")

    @property
    def real_channels(self) -> tuple[str, ...]:
        """The platforms that are switched on."""
        return tuple(name for name, switch in SWITCHES.items() if getattr(self, switch))

    @property
    def simulates(self) -> bool:
        return not self.real_channels if self.simulator is None else self.simulator

    @property
    def owners_only(self) -> frozenset[str]:
        """Channels on which nobody is an officer: the simulator, beside real leads."""
        return frozenset({"simulator"}) if self.simulates and self.real_channels else frozenset()

    @property
    def console_url(self) -> str:
        """The address of the office's pages, as a browser opens them; "" where they are off."""
        here = f"http://{'localhost' if self.host == '127.0.0.1' else self.host}:{self.port}"
        return f"{self.public_url.rstrip('/') or here}/kantor" if self.console else ""

    @property
    def shown_controller(self) -> str:
        return self.controller or "kantor percobaan di komputer ini"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.real_channels and not self.controller:
            raise ValueError("RANGKUL_CONTROLLER: name who runs the bot; it stands in the privacy notice")
        if self.simulates and not self.simulator_anywhere and not only_here(self.host):
            raise ValueError(
                "RANGKUL_SIMULATOR: anyone who reaches RANGKUL_HOST could play an officer; "
                "set it to false, or RANGKUL_SIMULATOR_ANYWHERE to true if that is meant"
            )
        if self.owners_only and not self.simulator_beside_channels:
            raise ValueError(
                "RANGKUL_SIMULATOR: whoever is at this machine could play a person beside a real channel; "
                "set it to false, or RANGKUL_SIMULATOR_BESIDE_CHANNELS to true if that is meant"
            )
        if self.telegram_token and not _TOKEN.fullmatch(self.telegram_token):
            raise ValueError("RANGKUL_TELEGRAM_TOKEN: is no token of BotFather (digits, a colon, 35 letters)")
        if self.telegram_token and self.telegram_mode == "webhook" and not self.public_url:
            raise ValueError("RANGKUL_PUBLIC_URL: Telegram needs it to reach us by webhook; or use polling")
        if self.whatsapp_token:
            wanted = ("phone_id", "waba_id", "app_secret", "verify_token")
            missing = [f"RANGKUL_WHATSAPP_{name.upper()}" for name in wanted if not getattr(self, f"whatsapp_{name}")]
            if missing:
                raise ValueError(f"{missing[0]}: WhatsApp needs it; docs/operations.md says where Meta shows it")
        if self.console and not self.public_url and not only_here(self.host):
            raise ValueError(
                "RANGKUL_CONSOLE: the pages hold personal data; set RANGKUL_PUBLIC_URL to the https address of a proxy "
                "before them, or RANGKUL_HOST to 127.0.0.1"
            )
        if self.public_url and not self.public_url.startswith("https://"):
            raise ValueError("RANGKUL_PUBLIC_URL: must begin with https://")
        return self


def load() -> Settings:
    """The settings of this process. Raises BadSetting with one line for the first setting that makes no sense."""
    for name in os.environ:
        if _is_misspelt(name):
            raise BadSetting(f"{name}: there is no such setting{_meant(name)}")
    try:
        return Settings()
    except ValidationError as error:
        raise BadSetting(_said(error.errors()[0])) from None
    except (OSError, ValueError) as error:  # dotenv's own
        raise BadSetting(f".env: cannot be read ({type(error).__name__}): it must be a text file in UTF-8") from None


def _said(first: ErrorDetails) -> str:
    """One line for the first setting that makes no sense, by its name."""
    name = "_".join(str(part) for part in first["loc"]).upper()
    if first["type"] == "extra_forbidden":  # from .env, where names have their prefix
        return f"{name} in .env: there is no such setting{_meant(name)}"
    return (f"{PREFIX}{name}: " if name else "") + first["msg"].removeprefix("Value error, ")


def _is_misspelt(name: str) -> bool:
    """Whether a variable's name begins as our settings do, or is nearly one of them."""
    known = _known()
    if name.upper() in known:
        return False
    return name.upper().startswith(PREFIX) or bool(difflib.get_close_matches(name.upper(), known, 1, 0.9))


def _meant(name: str) -> str:
    close = difflib.get_close_matches(name.upper(), _known(), 1, 0.75)
    return f"; is {close[0]} meant?" if close else "; README.md lists them all"


def _known() -> list[str]:
    return [f"{PREFIX}{name.upper()}" for name in Settings.model_fields]


def only_here(host: str) -> bool:
    """Whether a name or address is one that only this machine itself can reach."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def names_this_machine(host: str) -> bool:
    """Whether an HTTP ``Host`` header names this machine itself (localhost or a loopback address).

    >>> [names_this_machine(host) for host in ("localhost:8080", "127.0.0.1", "[::1]:80", "evil.example", "")]
    [True, True, True, False, False]
    >>> [names_this_machine(host) for host in ("evil.example:80@127.0.0.1", "localhost, evil.example", "localhost/x")]
    [False, False, False]
    """
    named = _HOST.fullmatch(host)  # a URL's parser would find this machine in more than a name and a port
    return named is not None and only_here((named[1] or named[2]).lower())
