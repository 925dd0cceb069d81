"""What each method of the Bot API does, as far as the product may use it; one table at the end.

The words of refusals are the real server's: a driver reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .bot_api_people import Person, Shown
from .check_calls import Upload
from .telegram_html import BadMarkup, read
from .units import units

if TYPE_CHECKING:
    from .bot_api import BotApi

TEXT, CAPTION = 4096, 1024  # characters after the markup is read
BUTTONS = 100  # under one message
NOTE = 200  # characters of the answer to a pressed button


class Refusal(Exception):  # noqa: N818 - named for what it is
    """Raised when a call is answered with an error; ``parameters`` as in the answer."""

    def __init__(self, status: int, words: str, **parameters: int) -> None:
        super().__init__(words)
        self.status, self.words, self.parameters = status, words, parameters


Params = Mapping[str, Any]
Method = Callable[["BotApi", Params], Any]


# ------------------------------------------------------------------------------------------------ messages


def send_message(api: BotApi, params: Params) -> Any:
    person = _chat(api, params)
    text, marked = _words(params, "text", TEXT)
    if not text:
        raise Refusal(400, "Bad Request: message text is empty")
    markup = params.get("reply_markup", {})
    rows = _inline(markup)
    shown = Shown(person.fresh_id(), own=False, text=text, marked=marked, rows=rows)
    person.show(shown, [] if "remove_keyboard" in markup else markup.get("keyboard"))
    return _message(api, person, shown)


def send_document(api: BotApi, params: Params) -> Any:
    return _send_file(api, params, params["document"])


def send_photo(api: BotApi, params: Params) -> Any:
    return _send_file(api, params, params["photo"])


def _send_file(api: BotApi, params: Params, given: Upload | str) -> Any:
    """``given``: the name of a file that Telegram has already, or an upload."""
    person = _chat(api, params)
    text, marked = _words(params, "caption", CAPTION)
    if isinstance(given, Upload):
        name = f"file{len(api.files)}"
        api.files[name] = (given.name, given.text)
    elif (name := given) not in api.files:
        raise Refusal(400, "Bad Request: wrong file identifier/HTTP URL specified")
    rows = _inline(params.get("reply_markup", {}))
    shown = Shown(person.fresh_id(), own=False, text=text, marked=marked, rows=rows, file=api.files[name])
    person.show(shown, None)
    known = {"file_id": name, "file_unique_id": name}
    small, large = (
        known | {"file_id": f"{name}-small", "width": 90, "height": 67},
        known | {"width": 800, "height": 600},
    )
    return _message(api, person, shown) | ({"photo": [small, large]} if "photo" in params else {"document": known})


def send_chat_action(api: BotApi, params: Params) -> Any:
    _chat(api, params)
    return True


def edit_message_text(api: BotApi, params: Params) -> Any:
    person = _chat(api, params)
    shown = _editable(person, params, "edit")
    text, marked = _words(params, "text", TEXT)
    if not text:
        raise Refusal(400, "Bad Request: message text is empty")
    rows = _inline(params.get("reply_markup", {}))
    if (text, marked, rows) == (shown.text, shown.marked, shown.rows):
        raise _not_modified()
    shown.text, shown.marked, shown.rows, shown.edited = text, marked, rows, True
    return _message(api, person, shown)


def edit_message_reply_markup(api: BotApi, params: Params) -> Any:
    person = _chat(api, params)
    shown = _editable(person, params, "edit")
    rows = _inline(params.get("reply_markup", {}))
    if rows == shown.rows:
        raise _not_modified()
    shown.rows = rows
    return _message(api, person, shown)


def answer_callback_query(api: BotApi, params: Params) -> Any:
    callback = params["callback_query_id"]
    person = next((person for person in api.people.values() if callback in person.spinning), None)
    if person is None:
        words = "Bad Request: query is too old and response timeout expired or query ID is invalid"
        raise Refusal(400, words)
    if units(params.get("text", "")) > NOTE:
        raise Refusal(400, "Bad Request: MESSAGE_TOO_LONG")
    person.spinning.discard(callback)
    if params.get("text"):
        person.toasts.append(params["text"])
    return True


def _chat(api: BotApi, params: Params) -> Person:
    person = api.people.get(params["chat_id"])
    if person is None or not person.begun:
        raise Refusal(400, "Bad Request: chat not found")
    if person.blocked:
        raise Refusal(403, "Forbidden: bot was blocked by the user")
    return person


def _words(params: Params, name: str, most: int) -> tuple[str, str]:
    """The words without their markup, and with bold between asterisks."""
    raw = params.get(name, "")
    if params.get("parse_mode") == "HTML":
        try:
            text, marked = read(raw)
        except BadMarkup as bad:
            raise Refusal(400, f"Bad Request: {bad}") from None
    else:
        text = marked = raw.strip()
    if units(text) > most:
        raise Refusal(400, f"Bad Request: message {'caption ' if name == 'caption' else ''}is too long")
    return text, marked


def _inline(markup: Params) -> list[list[dict[str, Any]]]:
    rows: list[list[dict[str, Any]]] = markup.get("inline_keyboard", [])
    if sum(map(len, rows)) > BUTTONS:
        raise Refusal(400, "Bad Request: reply markup is too long")
    for button in (button for row in rows for button in row):
        if not button["text"].strip():
            raise Refusal(400, "Bad Request: inline keyboard button text is empty")
        if ("url" in button) == ("callback_data" in button):
            raise Refusal(400, "Bad Request: inline keyboard button must have exactly one action")
        if not button.get("url", "https://").startswith(("https://", "http://", "tg://")):
            raise Refusal(400, "Bad Request: BUTTON_URL_INVALID")
    return rows


def _editable(person: Person, params: Params, what: str) -> Shown:
    shown = person.found(params["message_id"])
    if shown is None:
        raise Refusal(400, f"Bad Request: message to {what} not found")
    if shown.own:
        raise Refusal(400, f"Bad Request: message can't be {what}ed")
    return shown


def _not_modified() -> Refusal:
    words = "are exactly the same as a current content and reply markup of the message"
    return Refusal(400, f"Bad Request: message is not modified: specified new message content and reply markup {words}")


def _message(api: BotApi, person: Person, shown: Shown) -> dict[str, Any]:
    message: dict[str, Any] = {"message_id": shown.id, "date": int(api.clock()), "chat": person.chat, "from": api.bot}
    if shown.text:
        message["text"] = shown.text
    if shown.rows:
        message["reply_markup"] = {"inline_keyboard": shown.rows}
    return message


# ------------------------------------------------------------------------------------------------ updates


def set_webhook(api: BotApi, params: Params) -> Any:
    url = params["url"]
    if url and not url.startswith(("https://", "http://127.0.0.1:")):  # a local server takes http as well
        raise Refusal(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
    _allow(api, params)
    _drop(api, params)
    api.updates.set_webhook(url, params.get("secret_token", ""))
    return True


def delete_webhook(api: BotApi, params: Params) -> Any:
    _drop(api, params)
    api.updates.set_webhook("", "")
    return True


def webhook_info(api: BotApi, params: Params) -> Any:
    hook = api.updates.webhook
    info: dict[str, Any] = {
        "url": hook.url, "has_custom_certificate": False, "pending_update_count": len(api.updates.pending),
    }  # fmt: skip
    if api.updates.allowed:
        info["allowed_updates"] = list(api.updates.allowed)
    return info | ({"last_error_message": hook.last_error} if hook.last_error else {})


def _allow(api: BotApi, params: Params) -> None:
    if "allowed_updates" in params:
        api.updates.allowed = tuple(params["allowed_updates"])


def _drop(api: BotApi, params: Params) -> None:
    if params.get("drop_pending_updates"):
        api.updates.pending.clear()


# ------------------------------------------------------------------------------------------------ the bot itself


def get_me(api: BotApi, params: Params) -> Any:
    return api.bot


def set_commands(api: BotApi, params: Params) -> Any:
    for command in params["commands"]:
        name = command["command"]
        if not (name.isascii() and name.replace("_", "a").isalnum() and name == name.lower()):
            raise Refusal(400, "Bad Request: BOT_COMMAND_INVALID")
    _menu(api, params, list(params["commands"]))
    return True


def delete_commands(api: BotApi, params: Params) -> Any:
    _menu(api, params, None)
    return True


def get_commands(api: BotApi, params: Params) -> Any:
    scope = params.get("scope", {"type": "default"})
    return (_chat(api, scope).menu or []) if scope["type"] == "chat" else api.about.get("commands", [])


def _menu(api: BotApi, params: Params, commands: list[dict[str, str]] | None) -> None:
    scope = params.get("scope", {"type": "default"})
    if scope["type"] == "chat":
        _chat(api, scope).menu = commands
    else:
        api.about["commands"] = commands or []


def _keep(name: str) -> Method:
    def keep(api: BotApi, params: Params) -> Any:
        api.about[name] = params.get(name, "")
        return True

    return keep


def _tell(name: str) -> Method:
    return lambda api, params: {name: api.about.get(name, "")}


METHODS: Mapping[str, Method] = {
    "answerCallbackQuery": answer_callback_query,
    "deleteMyCommands": delete_commands,
    "deleteWebhook": delete_webhook,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "editMessageText": edit_message_text,
    "getMe": get_me,
    "getMyCommands": get_commands,
    "getMyDescription": _tell("description"),
    "getMyShortDescription": _tell("short_description"),
    "getWebhookInfo": webhook_info,
    "sendChatAction": send_chat_action,
    "sendDocument": send_document,
    "sendMessage": send_message,
    "sendPhoto": send_photo,
    "setMyCommands": set_commands,
    "setMyDescription": _keep("description"),
    "setMyShortDescription": _keep("short_description"),
    "setWebhook": set_webhook,
}  # getUpdates waits, and so is in bot_api.py
