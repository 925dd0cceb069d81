"""A message that was posted, as it stands on a phone."""

from __future__ import annotations

from typing import Any

from . import cloud_api_templates
from .cloud_api_people import Shown

Files = dict[str, tuple[str, bytes]]


def shown(external_id: str, params: dict[str, Any], known: dict[str, Any], files: Files) -> Shown:
    """A message as it stands on a phone."""
    kind, content = params["type"], params[params["type"]]
    if kind == "text":
        return Shown(external_id, False, content["body"])
    if kind == "template":
        return cloud_api_templates.shown(external_id, content, known)
    if kind == "interactive":
        return _form(external_id, content, files)
    return Shown(external_id, False, content.get("caption", ""), kind, file=files[content["id"]])


def _form(external_id: str, form: dict[str, Any], files: Files) -> Shown:
    action, seen = form["action"], Shown(external_id, False, form["body"]["text"], form["type"])
    seen.options = [(each["reply"]["id"], each["reply"]["title"]) for each in action.get("buttons", ())]
    seen.options += [(row["id"], row["title"]) for part in action.get("sections", ()) for row in part["rows"]]
    seen.asks = form["type"] == "request_contact_info"
    if parameters := action.get("parameters"):
        seen.link = (parameters["display_text"], parameters["url"])
    if header := form.get("header"):
        seen.file = files[header[header["type"]]["id"]]
    return seen
