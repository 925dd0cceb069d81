"""Which files are mutated, and which tests lie near each: the one place that names them. They follow when files move."""

from __future__ import annotations

from collections.abc import Mapping

_TURNS = ("tests/test_turns.py", "tests/test_effects.py")
_OFFICE = ("tests/test_officer.py", "tests/test_effects.py", "tests/test_clock.py", "tests/test_stop.py")
_SENDING = ("tests/test_delivery.py", "tests/test_bulk.py")
_BROADCASTS = ("tests/test_broadcasts.py", "tests/test_broadcast_troubles.py", "tests/test_broadcast_recipients.py")

# Paths from the top of the project. Only what runs in the tests' own process sees a fault: none that starts another.
NEAR: Mapping[str, tuple[str, ...]] = {
    "bot/channels/simulator_screen.py": ("tests/console/test_simulator_channel.py",),
    "bot/console/guarded_http.py": ("tests/console/test_guarded_http.py",),
    "bot/console/listening.py": ("tests/test_cli.py",),
    "bot/channels/receiving.py": ("tests/channels/test_keeping.py",),
    "bot/channels/telegram_keeping.py": ("tests/channels/test_keeping.py", "tests/channels/test_telegram_receiving.py"),
    "bot/channels/whatsapp_keeping.py": ("tests/channels/test_keeping.py",),
    "bot/office/platform_checks.py": ("tests/channels/test_platform_checks.py",),
    "bot/timers/menus.py": ("tests/channels/test_keeping.py",),
    "conversations/engine/brake.py": ("tests/test_brake.py",),
    "bot/turns/admin.py": ("tests/test_siaran.py", "tests/test_prices.py"),
    "bot/turns/apologies.py": ("tests/test_turns.py",),
    "bot/turns/batch.py": (
        *_TURNS,
        "tests/test_never_kept.py",
        "tests/test_reachability.py",
        "tests/test_linking_at_once.py",
    ),
    "bot/mail/alarms.py": ("tests/test_linking.py",),
    "bot/mail/cards.py": _OFFICE,
    "bot/turns/effects.py": ("tests/test_brake.py", "tests/test_effects.py", "tests/test_turns.py"),
    "bot/turns/events.py": ("tests/test_turns.py", "tests/test_never_kept.py", "tests/test_odd_input.py"),
    "bot/turns/facts.py": (*_OFFICE, "tests/test_turns.py", "tests/test_reachability.py"),
    "bot/turns/linking.py": ("tests/test_linking.py", "tests/test_linking_at_once.py", "tests/test_address_changes.py"),
    "bot/turns/fair_queue.py": ("tests/test_fair_queue.py", "tests/test_turns.py"),
    "bot/mail/mail.py": (*_OFFICE, "tests/test_turns.py"),
    "bot/turns/finding.py": ("tests/test_finding.py",),
    "bot/turns/bridge.py": ("tests/test_bridge.py",),
    "bot/turns/handing.py": ("tests/test_handing.py", "tests/test_office_rights.py"),
    "bot/turns/merging.py": ("tests/test_merging.py", "tests/test_office_rights.py"),
    "bot/turns/at_desk.py": ("tests/test_at_desk.py",),
    "bot/turns/signing_in.py": ("tests/console/test_signing_in.py",),
    "bot/turns/team.py": ("tests/test_team.py",),
    "bot/turns/own_lead.py": ("tests/test_own_lead.py",),
    "bot/turns/letters.py": ("tests/test_letters.py",),
    "bot/turns/own_number.py": ("tests/test_one_home.py",),
    "bot/turns/officer.py": (*_OFFICE, "tests/test_reminders.py", "tests/test_digest.py"),
    "bot/turns/owner.py": (*_TURNS, "tests/test_stop.py", "tests/test_reminders.py"),
    "bot/turns/reachability.py": (
        "tests/test_reachability.py",
        "tests/test_address_changes.py",
        "tests/test_service_window.py",
    ),
    "bot/turns/preferences.py": ("tests/test_stop.py", "tests/test_effects.py", "tests/test_reminders.py"),
    "bot/turns/writer.py": ("tests/test_turns.py", "tests/test_database_away.py", "tests/test_fair_queue.py"),
    "bot/turns/turn_context.py": _OFFICE,
    "bot/outbox/late_failures.py": ("tests/test_late_failures.py",),
    "bot/office/outbox_actions.py": ("tests/test_delivery.py", "tests/test_metrics.py", "tests/console/test_health.py"),
    "bot/outbox/broadcast_files.py": ("tests/test_broadcast_troubles.py", "tests/test_broadcasts.py"),
    "bot/outbox/bulk.py": ("tests/test_bulk.py", "tests/test_broadcast_troubles.py"),
    "bot/outbox/chat_rate_limit.py": ("tests/test_chat_rate_limit.py",),
    "bot/outbox/chats.py": (*_SENDING, "tests/test_database_away.py", "tests/test_chat_rate_limit.py"),
    "bot/outbox/delivery.py": (*_SENDING, "tests/test_late_failures.py"),
    "bot/outbox/leased_rows.py": (*_SENDING, "tests/test_database_away.py"),
    "bot/outbox/rate_limit.py": ("tests/test_rate_limit.py", "tests/test_bulk.py"),
    "bot/serialization.py": ("tests/test_delivery.py",),
    "bot/outbox/send_slots.py": ("tests/test_rate_limit.py", "tests/storage/test_rate_limits.py", "tests/test_bulk.py"),
    "bot/outbox/sending.py": (*_SENDING, "tests/test_service_window.py", "tests/test_notices_on_whatsapp.py"),
    "bot/outbox/service_window.py": ("tests/test_service_window.py", "tests/test_broadcasts_on_whatsapp.py"),
    "bot/broadcasts/pump.py": (*_BROADCASTS, "tests/test_reminders.py"),
    "storage/outbox/delivery_status.py": ("tests/storage/test_delivery_status.py", "tests/storage/test_messages.py"),
    "storage/outbox/chat_history.py": ("tests/console/test_history.py",),
    "storage/outbox/claims.py": ("tests/storage/test_claims.py", *_SENDING, "tests/test_broadcast_troubles.py"),
    "conversations/hear/numbers.py": ("tests/hear/test_numbers.py", "tests/hear/test_rupiah.py"),
    "conversations/rules/rates.py": ("tests/test_rates.py", "tests/test_prices.py"),
}
