"""The statements of ``claims.py``, each whole and in plain SQL.

Terms in the comments of the statements:

- lane: 0 replies, 1 notices, 2 bulk. Replies and notices of a chat wait for one another; bulk waits for both, and
  neither waits for bulk.
- pending: ``state IN ('due', 'sending')``. Written out in each statement, as the partial indexes have it: with a
  parameter in its place SQLite would take none of the indexes.
- free: a row that is due by now, or a repeatable row whose lease has run out. A row that must not be repeated is never
  free again after a lease: it becomes uncertain. ``:ahead`` is an hour from now: a row created later than that was
  written by a clock that was wrong, and a date of that row beyond ``:ahead`` counts for nothing. A lease or a pause that
  the right clock has given that row since does count.
- may go on: a row of no broadcast, or of a running one, or of one that is done, where only rows that had to wait longer
  are left.
"""

from __future__ import annotations

from functools import partial

from sqlalchemy import BigInteger, Integer

from storage import tables
from storage.engine.bulk_statements import IdList
from storage.engine.plain_sql import PlainSql
from storage.outbox.messages import outbox

address = tables.table(tables.Address)

_statement = partial(
    PlainSql,
    types={
        "now": tables.UtcDateTime,
        "ahead": tables.UtcDateTime,
        "until": tables.UtcDateTime,
        "later": tables.UtcDateTime,
        "ids": IdList,
        "row_id": BigInteger,
        "most": Integer,
    },
)
_ROW = tuple(
    outbox.c[name]
    for name in ("id", "person_id", "address_id", "channel", "account", "to", "sealed", "kind", "lane", "lead_id", "edits",
                 "repeatable", "attempts", "broadcast_id")
)  # fmt: skip

# ------------------------------------------------------------------------------------------------ looks, that lock nothing

ANY_TALK = _statement(
    """
    -- Whether a reply or notice of this account is free. By ix_outbox_pending, which gives the rows in this order.
    SELECT id
    FROM outbox
    WHERE state IN ('due', 'sending') AND channel = :channel AND account = :account AND lane < 2
      AND (
        (state = 'due' AND (due_at <= :now OR (due_at > :ahead AND created_at > :ahead)))
        OR (state = 'sending' AND repeatable AND (lease_until <= :now OR (lease_until > :ahead AND created_at > :ahead)))
      )
    ORDER BY lane, due_at
    LIMIT 1
    """,
    outbox.c.id,
)

ANY_BULK = _statement(
    """
    -- Whether a bulk row of this account is free and may go on. By ix_outbox_pending, as above.
    SELECT id
    FROM outbox
    WHERE state IN ('due', 'sending') AND channel = :channel AND account = :account AND lane = 2
      AND (
        (state = 'due' AND (due_at <= :now OR (due_at > :ahead AND created_at > :ahead)))
        OR (state = 'sending' AND repeatable AND (lease_until <= :now OR (lease_until > :ahead AND created_at > :ahead)))
      )
      AND (
        broadcast_id IS NULL
        OR EXISTS (
          SELECT 1 FROM broadcast WHERE broadcast.id = outbox.broadcast_id AND broadcast.state IN ('running', 'done')
        )
      )
    ORDER BY due_at
    LIMIT 1
    """,
    outbox.c.id,
)

ANY_LATE = _statement(
    """
    -- Whether EXPIRE or UNPARK_DUE would find anything. By ix_outbox_leased_once and ix_outbox_parked; asked for the first by
    -- address, PostgreSQL goes through what is put aside, and never through all that was ever sent.
    SELECT 1
    WHERE (
        SELECT id
        FROM outbox
        WHERE state = 'sending' AND NOT repeatable
          AND (lease_until <= :now OR (lease_until > :ahead AND created_at > :ahead))
        LIMIT 1
      ) IS NOT NULL
      OR (
        SELECT id FROM outbox WHERE state IN ('parked') AND due_at <= :now ORDER BY address_id LIMIT 1
      ) IS NOT NULL
    """
)

UNDER_WAY = _statement(
    """
    -- How many copies that must not be sent twice are on their way over this account, by whatever process. By
    -- ix_outbox_leased_once, which holds no others.
    SELECT count(*)
    FROM outbox
    WHERE state = 'sending' AND NOT repeatable AND channel = :channel AND account = :account
    """
)

STILL_WANTED = _statement(
    """
    -- Those of these rows that nobody has cancelled since they were leased.
    SELECT id
    FROM outbox
    WHERE state = 'sending'
      AND id = ANY (:ids)                           -- PostgreSQL
      AND id IN (SELECT value FROM json_each(:ids)) -- SQLite
    """,
    outbox.c.id,
)

FAIL = _statement(
    """
    -- These rows have failed: their body or address does not open, so nothing shall wait for them.
    UPDATE outbox
    SET state = 'failed', reason = :reason, lease_until = NULL
    WHERE state = 'sending'
      AND id = ANY (:ids)                           -- PostgreSQL
      AND id IN (SELECT value FROM json_each(:ids)) -- SQLite
    """,
)

# ------------------------------------------------------------------------------------------------ claims

CLAIM_CHATS = _statement(
    """
    -- The oldest pending reply or notice of each chat of this account, where it is free: who claims it has the chat.
    -- Replies go before notices, then whatever has been due for longer. What another process is just claiming is passed by.
    -- The look at what stands before a row is one step in ix_outbox_chat; PostgreSQL would turn NOT EXISTS into a join over
    -- all that is pending.
    SELECT id, person_id, address_id, channel, account, "to", sealed, kind, lane, lead_id, edits, repeatable, attempts,
      broadcast_id
    FROM outbox
    WHERE state IN ('due', 'sending') AND channel = :channel AND account = :account AND lane < 2
      AND (
        (state = 'due' AND (due_at <= :now OR (due_at > :ahead AND created_at > :ahead)))
        OR (state = 'sending' AND repeatable AND (lease_until <= :now OR (lease_until > :ahead AND created_at > :ahead)))
      )
      AND (
        SELECT earlier.id
        FROM outbox AS earlier
        WHERE earlier.address_id = outbox.address_id AND earlier.id < outbox.id
          AND earlier.state IN ('due', 'sending') AND earlier.lane < 2
        LIMIT 1
      ) IS NULL
    ORDER BY lane, due_at
    LIMIT :most
    FOR UPDATE SKIP LOCKED -- PostgreSQL
    """,
    *_ROW,
)

REST_OF_CHATS = _statement(
    """
    -- All pending replies and notices of these chats (ids of addresses), in the order in which they must leave.
    SELECT id, person_id, address_id, channel, account, "to", sealed, kind, lane, lead_id, edits, repeatable, attempts,
      broadcast_id
    FROM outbox
    WHERE state IN ('due', 'sending') AND lane < 2
      AND address_id = ANY (:ids)                           -- PostgreSQL
      AND address_id IN (SELECT value FROM json_each(:ids)) -- SQLite
    ORDER BY id
    """,
    *_ROW,
)

LOCK_FREE = _statement(
    """
    -- Those of these rows that are free and that nobody is changing just now; nobody else claims them from here on.
    SELECT id
    FROM outbox
    WHERE state IN ('due', 'sending')
      AND id = ANY (:ids)                           -- PostgreSQL
      AND id IN (SELECT value FROM json_each(:ids)) -- SQLite
      AND (
        (state = 'due' AND (due_at <= :now OR (due_at > :ahead AND created_at > :ahead)))
        OR (state = 'sending' AND repeatable AND (lease_until <= :now OR (lease_until > :ahead AND created_at > :ahead)))
      )
    FOR UPDATE SKIP LOCKED                          -- PostgreSQL
    """,
    outbox.c.id,
)

CLAIM_BULK = _statement(
    """
    -- Free bulk rows of this account that may go on, whatever has been due for longest first, each of a chat in which no
    -- reply or notice stands before it and nothing before it is being sent. Otherwise as CLAIM_CHATS.
    SELECT id, person_id, address_id, channel, account, "to", sealed, kind, lane, lead_id, edits, repeatable, attempts,
      broadcast_id
    FROM outbox
    WHERE state IN ('due', 'sending') AND channel = :channel AND account = :account AND lane = 2
      AND (
        (state = 'due' AND (due_at <= :now OR (due_at > :ahead AND created_at > :ahead)))
        OR (state = 'sending' AND repeatable AND (lease_until <= :now OR (lease_until > :ahead AND created_at > :ahead)))
      )
      AND (
        broadcast_id IS NULL
        OR EXISTS (
          SELECT 1 FROM broadcast WHERE broadcast.id = outbox.broadcast_id AND broadcast.state IN ('running', 'done')
        )
      )
      AND (
        SELECT earlier.id
        FROM outbox AS earlier
        WHERE earlier.address_id = outbox.address_id AND earlier.id < outbox.id
          AND earlier.state IN ('due', 'sending') AND (earlier.lane < 2 OR earlier.state = 'sending')
        LIMIT 1
      ) IS NULL
    ORDER BY due_at
    LIMIT :most
    FOR UPDATE SKIP LOCKED -- PostgreSQL
    """,
    *_ROW,
)

LEASE = _statement(
    """
    -- These rows, which this transaction has locked, belong to one process until the lease runs out.
    UPDATE outbox
    SET state = 'sending', owner = :owner, lease_until = :until
    WHERE id = ANY (:ids)                           -- PostgreSQL
    WHERE id IN (SELECT value FROM json_each(:ids)) -- SQLite
    """
)

ADDRESSES = _statement(
    """
    -- Where the messages go, and when somebody last wrote from there.
    SELECT id, sealed, heard_at
    FROM address
    WHERE id = ANY (:ids)                           -- PostgreSQL
    WHERE id IN (SELECT value FROM json_each(:ids)) -- SQLite
    """,
    address.c.id,
    address.c.sealed,
    address.c.heard_at,
)

# ------------------------------------------------------------------------------------------------ leases

RENEW = _statement(
    """
    -- Those of these rows that still belong to this process do so for longer, and never for shorter; their ids.
    UPDATE outbox
    SET lease_until = CASE WHEN lease_until < :until THEN :until ELSE lease_until END
    WHERE state = 'sending' AND owner = :owner
      AND id = ANY (:ids)                           -- PostgreSQL
      AND id IN (SELECT value FROM json_each(:ids)) -- SQLite
    RETURNING id
    """,
    outbox.c.id,
)

GIVE_BACK = _statement(
    """
    -- This row, which its process did not send, is anybody's from then on; also where the lease ran out meanwhile and EXPIRE
    -- took it for one whose send may have begun: its process knows better.
    UPDATE outbox
    SET state = 'due', due_at = :later, owner = '', lease_until = NULL
    WHERE id = :row_id AND state IN ('sending', 'uncertain') AND owner = :owner
    """
)

EXPIRE = _statement(
    """
    -- Whatever must not be sent twice, and whose lease ran out, may have been sent or not. By ix_outbox_leased_once.
    UPDATE outbox
    SET state = 'uncertain', reason = :reason, lease_until = NULL
    WHERE state = 'sending' AND NOT repeatable
      AND (lease_until <= :now OR (lease_until > :ahead AND created_at > :ahead))
    """
)

EXPIRE_OTHERS = _statement(
    """
    -- The same at the start of the only process of a database: all other processes are dead, however long their leases.
    UPDATE outbox
    SET state = 'uncertain', reason = :reason, lease_until = NULL
    WHERE state = 'sending' AND NOT repeatable AND owner <> :owner
    """
)

FREE_OTHERS = _statement(
    """
    -- Then whatever else the dead processes had leased is anybody's.
    UPDATE outbox
    SET state = 'due', owner = '', lease_until = NULL
    WHERE state IN ('due', 'sending') AND state = 'sending' AND owner <> :owner
    """
)

# ------------------------------------------------------------------------------------------------ put aside

UNPARK = _statement(
    """
    -- People of these addresses have written: whatever was put aside for them is due now. By ix_outbox_parked.
    UPDATE outbox
    SET state = 'due', due_at = :now, owner = '', lease_until = NULL
    WHERE state IN ('parked')
      AND address_id = ANY (:ids)                           -- PostgreSQL
      AND address_id IN (SELECT value FROM json_each(:ids)) -- SQLite
    """
)

UNPARK_DUE = _statement(
    """
    -- Whatever was put aside until a moment that has come. By ix_outbox_parked, through all that is put aside.
    UPDATE outbox
    SET state = 'due', owner = '', lease_until = NULL
    WHERE state IN ('parked') AND due_at <= :now
    """
)
