"""Statuses of the Cloud API: receipts for messages, and notices about templates and the account. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from conversations.engine.core import Heard

from .base import Inbound, Notice, PlatformStatus
from .whatsapp import NAME
from .whatsapp_payload import Part, address, mark, moment, part, parts, text
from .whatsapp_refusals import STOPPED, failure

_STATES = {"sent": "sent", "delivered": "delivered", "read": "read", "played": "read", "failed": "failed"}
_OF_THE_ACCOUNT = ("account_update", "account_alerts", "phone_number_quality_update", "business_capability_update")
_LARGEST_ROW = 1 << 63


def statuses(value: Part, account: str, now: datetime) -> Iterator[PlatformStatus | Inbound | Notice]:
    """The receipts for messages in a change, and notices of errors that belong to no message.

    That a person has switched off what WhatsApp takes for marketing may be told only by a message that failed for it.
    """
    for status in parts(value, "statuses"):
        external_id, state, at = (
            text(status.get("id")),
            text(status.get("status")),
            moment(status.get("timestamp"), now),
        )
        if not external_id or state not in _STATES:
            continue
        bill = part(status, "pricing")
        billable = bill.get("billable")
        code = next((each.get("code") for each in parts(status, "errors")), None)
        yield PlatformStatus(
            NAME,
            account,
            external_id,
            _row(text(status.get("biz_opaque_callback_data"))),
            _STATES[state],
            at,
            failed=failure(code) if state == "failed" else None,
            category=mark(bill.get("category"))[:20],
            billable=billable if isinstance(billable, bool) else None,
        )
        who = address(status.get("recipient_user_id"), status.get("recipient_id"))
        if code == STOPPED and who:
            yield Inbound(NAME, account, f"stopped-{external_id}", who, Heard(), at, reach="stopped")
    for error in parts(value, "errors"):
        yield Notice(NAME, account, "account", status=mark(str(error.get("code")))[:20])


def notices(field: str, value: Part, account: str) -> Iterator[Notice]:
    """Notices about a template (its state, its category), or about the account."""
    name, language = mark(value.get("message_template_name")), mark(value.get("message_template_language"))
    event, category = mark(value.get("event")), mark(value.get("new_category"))
    if field == "message_template_status_update" and name:
        yield Notice(NAME, account, "template", name, language, status=event.upper())
    elif field == "template_category_update" and name and category:
        yield Notice(NAME, account, "template", name, language, category=category.lower())
    elif field in _OF_THE_ACCOUNT:
        yield Notice(NAME, account, "account", status=event or mark(value.get("alert_type")) or field)


def _row(ref: str) -> int:
    """The outbox row that a message's ``ref`` names; 0 for none."""
    row = int(ref) if ref.isascii() and ref.isdigit() and len(ref) < 20 else 0
    return row if row < _LARGEST_ROW else 0
