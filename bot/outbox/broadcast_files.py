"""Files of broadcasts at sending: a picture or document is stored once, sealed, with its broadcast, not with every copy."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bot.channels.base import Media, Outgoing
from bot.serialization import unpack_media
from storage.broadcasts import broadcasts
from storage.engine.database import Database
from storage.sealing.vault import Vault


class Files:
    """Cache of the last broadcasts' files, opened. Loads nothing of the dialogues, for processes that only send."""

    KEPT = 4

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault
        self._media: dict[int, Media | None] = {}
        self._loading = asyncio.Lock()

    async def with_file(self, message: Outgoing, broadcast_id: int) -> Outgoing:
        """A copy with the file of its broadcast; the message unchanged where the broadcast has no file (any more)."""
        async with self._loading:  # copies leave at the same time: a file of ten megabytes is opened once for all
            if broadcast_id not in self._media:
                await self._load(broadcast_id)
            media = self._media[broadcast_id]
        return replace(message, media=media) if media else message

    async def _load(self, broadcast_id: int) -> None:
        async with self._database.read() as tx:
            stored = await broadcasts.content(tx, self._vault, broadcast_id)
        while len(self._media) >= self.KEPT:
            self._media.pop(next(iter(self._media)))
        self._media[broadcast_id] = unpack_media(stored.get("media")) if stored else None
