"""Every class of SQLSTATE, sorted: does the error pass, so that the same work is to be tried again?

Source: PostgreSQL 18 documentation, appendix A "PostgreSQL Error Codes"
(https://www.postgresql.org/docs/18/errcodes-appendix.html). An error passes when it ends by itself, or once an operator
has mended its cause. Any other error is a fault of the work: tried again it would fail again, for ever, before
everybody else's.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

PASSES: Mapping[str, bool] = MappingProxyType(
    {
        "00": False,  # successful completion
        "01": False,  # warning
        "02": False,  # no data
        "03": False,  # SQL statement not yet complete
        "08": True,  # connection exception
        "09": False,  # triggered action exception
        "0A": False,  # feature not supported
        "0B": False,  # invalid transaction initiation
        "0F": False,  # locator exception
        "0L": False,  # invalid grantor
        "0P": False,  # invalid role specification
        "0Z": False,  # diagnostics exception
        "10": False,  # XQuery error
        "20": False,  # case not found
        "21": False,  # cardinality violation
        "22": False,  # data exception
        "23": False,  # integrity constraint violation
        "24": False,  # invalid cursor state
        "25": False,  # invalid transaction state
        "26": True,  # invalid statement name: the connection is not the one that prepared it
        "27": False,  # triggered data change violation
        "28": True,  # invalid authorization: the password or pg_hba.conf was changed
        "2B": False,  # dependent privilege descriptors still exist
        "2D": False,  # invalid transaction termination
        "2F": False,  # SQL routine exception
        "34": False,  # invalid cursor name
        "38": False,  # external routine exception
        "39": False,  # external routine invocation exception
        "3B": False,  # savepoint exception
        "3D": True,  # invalid catalog name: the database is not there, as while it is restored
        "3F": True,  # invalid schema name: the schema is not there, as while it is restored
        "40": True,  # transaction rollback: deadlock, serialization
        "42": False,  # syntax error or access rule violation
        "44": False,  # WITH CHECK OPTION violation
        "53": True,  # insufficient resources: disk, memory, connections
        "54": False,  # program limit exceeded
        "55": True,  # object not in prerequisite state: locked, in use, not accepting connections
        "57": True,  # operator intervention: shutdown, a cancelled statement, statement_timeout
        "58": True,  # system error: input and output
        "72": True,  # snapshot failure
        "F0": True,  # configuration file error
        "HV": False,  # foreign data wrapper error
        "P0": False,  # PL/pgSQL error: a trigger of somebody's refuses it
        "XX": False,  # internal error
    }
)
OTHERWISE: Mapping[str, bool] = MappingProxyType(
    {
        "25006": True,  # read-only: a failover left us with the standby
        "25P03": True,  # idle_in_transaction_session_timeout
        "25P04": True,  # transaction_timeout
        "40002": False,  # a constraint is violated at the end of the transaction
        "42501": True,  # insufficient privilege: tables were restored under another owner
        "42P05": True,  # duplicate prepared statement: as class 26
        "55P02": False,  # cannot change this parameter now
        "55P04": False,  # a new value of an enum is used too early
        "XX001": True,  # data corrupted: can be restored, as SQLite's CORRUPT
        "XX002": True,  # index corrupted: can be built anew
    }
)


def passes(state: str) -> bool:
    """Whether an error of this SQLSTATE passes; False for a class that PostgreSQL does not have."""
    return OTHERWISE.get(state, PASSES.get(state[:2], False))
