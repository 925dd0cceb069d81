"""No transaction awaits anything but the database: on SQLite everybody else's turn would wait for it too.

The rule, read in the code itself. A *carrier* is something by which a transaction is reached: a parameter that is
annotated as one of ``CARRIERS``, the name behind ``async with database.write() as``, what is made of a carrier
(``mail = Mail(tx, …)``), and ``self`` in a class that keeps one. Where there is a carrier, every ``await`` (and every
``async with`` and ``async for``) is a call that is given a carrier, or a method of one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted(path for package in ("bot", "storage") for path in (ROOT / package).rglob("*.py"))

CARRIERS = {"AsyncConnection", "AtDesk", "Mail", "Roster", "TurnContext"}  # a transaction, and what is made for one
BEGINS = {"write", "read", "begin", "connect"}  # methods of Database and of engines that begin a transaction

# Awaited in a transaction all the same, with the reason; the function in which it stands, and the call.
EXCEPTIONS: dict[tuple[str, str], str] = {}


def awaited_elsewhere(tree: ast.Module) -> Iterator[tuple[str, ast.AST, str]]:
    """(function, where, what) of everything that is awaited in a transaction and is not its database."""
    keeping = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and _keeps_one(node)}
    for owner, function in _functions(tree):
        carriers = {each.arg for each in _parameters(function) if _annotated(each.annotation)}
        if owner in keeping:
            carriers.add("self")
        yield from _in(function.body, carriers, function.name)


def _in(body: list[ast.stmt], carriers: set[str], name: str) -> Iterator[tuple[str, ast.AST, str]]:
    """What is awaited elsewhere in these statements, where these are carriers; functions within are looked at apart."""
    carriers = set(carriers)
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if isinstance(statement, ast.AsyncWith):
            begun = {
                item.optional_vars.id
                for item in statement.items
                if _begins(item.context_expr) and isinstance(item.optional_vars, ast.Name)
            }
            if carriers:
                yield from ((name, statement, ast.unparse(item.context_expr)) for item in statement.items
                            if not begun and not _reaches(item.context_expr, carriers))  # fmt: skip
            opens = any(_begins(item.context_expr) for item in statement.items)
            yield from _in(statement.body, carriers | begun | ({""} if opens else set()), name)
            continue
        if carriers:
            yield from ((name, node, ast.unparse(node.value)) for node in _own(statement)
                        if isinstance(node, ast.Await) and not _reaches(node.value, carriers))  # fmt: skip
            if isinstance(statement, ast.AsyncFor) and not _reaches(statement.iter, carriers):
                yield name, statement, ast.unparse(statement.iter)
        if isinstance(statement, ast.Assign) and _made_of(statement.value, carriers):
            carriers |= {target.id for target in statement.targets if isinstance(target, ast.Name)}
        for inner in _blocks(statement):
            yield from _in(inner, carriers, name)


def _blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    """The statements within a statement, block by block."""
    for field in ("body", "orelse", "finalbody"):
        yield getattr(statement, field, [])
    for each in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        yield each.body


def _own(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a statement without those of the statements within it."""
    nodes: list[ast.AST] = [statement]
    while nodes:
        node = nodes.pop()
        yield node
        nodes += [each for each in ast.iter_child_nodes(node)
                  if not isinstance(each, ast.stmt | ast.ExceptHandler | ast.match_case | ast.Lambda)]  # fmt: skip


def _reaches(call: ast.expr, carriers: set[str]) -> bool:
    """Whether this is a call that is given a carrier, or a method of one."""
    if isinstance(call, ast.Await):
        return _reaches(call.value, carriers)
    if not isinstance(call, ast.Call):
        return False
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return _is_one(call.func, carriers) or any(_is_one(each, carriers) for each in given)


def _is_one(value: ast.expr, carriers: set[str]) -> bool:
    """Whether this is a carrier, part of one (``w.mail``, ``w.tx``), or made of one on the spot (``Mail(tx, …)``)."""
    if isinstance(value, ast.Attribute):
        return _is_one(value.value, carriers)
    return (isinstance(value, ast.Name) and value.id in carriers) or _made_of(value, carriers)


def _made_of(value: ast.expr, carriers: set[str]) -> bool:
    return isinstance(value, ast.Call) and ast.unparse(value.func) in CARRIERS and _reaches(value, carriers)


def _begins(call: ast.expr) -> bool:
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in BEGINS


def _annotated(annotation: ast.expr | None) -> bool:
    return annotation is not None and ast.unparse(annotation).strip("'\"").split(" |")[0] in CARRIERS


def _keeps_one(kind: ast.ClassDef) -> bool:
    """Whether a class has a transaction as a field, or is given one when it is made."""
    fields = (each.annotation for each in kind.body if isinstance(each, ast.AnnAssign))
    made = (each for each in kind.body if isinstance(each, ast.FunctionDef) and each.name == "__init__")
    return any(map(_annotated, (*fields, *(each.annotation for init in made for each in _parameters(init)))))


def _functions(tree: ast.AST, owner: str = "") -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield owner, node
        yield from _functions(node, node.name if isinstance(node, ast.ClassDef) else owner)


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def found(code: str) -> list[str]:
    """What is awaited elsewhere in the only function of this code."""
    return [what for _, _, what in awaited_elsewhere(ast.parse(code))]


def test_no_transaction_awaits_anything_but_the_database() -> None:
    told, needed = [], set()
    for path in FILES:
        for function, node, what in awaited_elsewhere(ast.parse(path.read_text(encoding="utf-8"))):
            named = (function, what.partition("(")[0])
            needed.add(named)
            if named not in EXCEPTIONS:
                told.append(f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)} in {function}: {what}")
    assert told == []
    assert sorted(EXCEPTIONS.keys() - needed) == [], "exceptions that nothing needs any more"


@pytest.mark.parametrize(
    "awaited",
    [
        "asyncio.sleep(1)",
        "channel.send(address, message)",
        "self._pace.hold(3)",
        "keep(database)",
        "done",
        "Mail(now).put(x)",
    ],
)
def test_what_waits_for_something_else_is_found_wherever_it_stands(awaited: str) -> None:
    assert found(f"async def act(tx: AsyncConnection):\n    await {awaited}") == [awaited]
    assert found(
        f"async def act(w: TurnContext):\n    for each in w.rows:\n        [await {awaited} for _ in each]"
    ) == [awaited]
    inside = (
        f"if here:\n            try:\n                x = await {awaited}\n            finally:\n                pass"
    )
    assert found(f"async def act(db):\n    async with db.write() as tx:\n        {inside}") == [awaited]
    assert found(f"async def act(db):\n    async with db.write():\n        await {awaited}") == [awaited]
    kept = f"class Mail:\n    tx: AsyncConnection\n    async def tell(self):\n        await {awaited}"
    assert found(kept) == ([] if awaited.startswith("self.") else [awaited])


def test_a_lock_or_a_stream_is_waited_for_too() -> None:
    start = "async def act(db):\n    async with db.write() as tx:\n        "
    assert found(start + "async with self._lock:\n            pass") == ["self._lock"]
    assert found(start + "async for each in platform.updates():\n            pass") == ["platform.updates()"]


@pytest.mark.parametrize(
    "awaited",
    [
        "tx.execute(query)",
        "leads.take(tx, 7)",
        "_ACTS[effect.act](tx, plan)",
        "leads.by_code(codes, tx=tx)",
        "Roster(tx).above('33.72')",
        "plans.words(Mail(tx, shell), plan)",
    ],
)
def test_the_database_is_waited_for(awaited: str) -> None:
    assert found(f"async def act(db):\n    async with db.write() as tx:\n        x = await {awaited}") == []
    assert found("async def act(db):\n    async with db.read() as tx:\n        pass\n    await asyncio.sleep(1)") == []
