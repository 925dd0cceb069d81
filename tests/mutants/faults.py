"""The faults of one file: what cosmic-ray knows to change, and statements taken out. Nothing is written to disk."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cosmic_ray import plugins
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code

_COMPARED = ("Eq_NotEq", "NotEq_Eq", "Lt_LtE", "LtE_Lt", "Gt_GtE", "GtE_Gt", "Lt_Gt", "Gt_Lt", "Is_IsNot", "IsNot_Is")
_COUNTED = ("Add_Sub", "Sub_Add", "Mul_FloorDiv", "FloorDiv_Mul", "BitAnd_BitOr", "BitOr_BitAnd")
OPERATORS = (
    *(f"core/ReplaceComparisonOperator_{each}" for each in _COMPARED),
    *(f"core/ReplaceBinaryOperator_{each}" for each in _COUNTED),
    "core/ReplaceUnaryOperator_Delete_Not", "core/ReplaceUnaryOperator_Delete_Invert", "core/AddNot",
    "core/ReplaceAndWithOr", "core/ReplaceOrWithAnd", "core/ReplaceTrueWithFalse", "core/ReplaceFalseWithTrue",
    "core/ReplaceBreakWithContinue", "core/ReplaceContinueWithBreak", "core/ZeroIterationForLoop", "core/NumberReplacer",
)  # fmt: skip
_NO_MATTER = ("log.", "metrics.")  # calls that tell an operator something; what they tell has tests of its own


@dataclass(frozen=True, slots=True)
class Fault:
    """One change of one file: the line on which it lies, that line before and after, and the whole file's new text."""

    file: str
    line: int
    before: str
    after: str
    code: str


def faults(file: str, code: str) -> list[Fault]:
    """Every fault of a file's text that changes what it does, by line; annotations and docstrings change nothing."""
    meaning = _meaning(code)
    found = dict.fromkeys((*_of_cosmic_ray(code), *_without_statements(code)))
    made = (_fault(file, code, text) for text in found if _differs(text, meaning))
    return sorted((each for each in made if not each.before.startswith(_NO_MATTER)), key=lambda each: each.line)


def _of_cosmic_ray(code: str) -> Iterator[str]:
    for name in OPERATORS:
        operator = plugins.get_operator(name)()
        places = sum(len(list(operator.mutation_positions(node))) for node in ast_nodes(get_ast(code)))
        for place in range(places):
            text = mutate_code(code, operator, place)
            if text is not None:
                yield str(text)


def _without_statements(code: str) -> Iterator[str]:
    """The text with one statement left out that only does something: a call, a raise, a return or continue of nothing.

    >>> [text.split() for text in _without_statements("if x:\\n    go()")]
    [['if', 'x:', 'pass']]
    """
    lines = code.splitlines(keepends=True)
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.stmt) and _only_does(node):
            first, last = node.lineno - 1, (node.end_lineno or node.lineno)
            begins = lines[first].encode()[: node.col_offset].decode()
            rest = lines[last - 1].encode()[node.end_col_offset :].decode()
            yield "".join((*lines[:first], f"{begins}pass{rest}", *lines[last:]))


def _only_does(statement: ast.stmt) -> bool:
    """Whether a statement names and gives nothing that later ones need."""
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Call | ast.Await)
    return isinstance(statement, ast.Raise | ast.AugAssign) or (
        isinstance(statement, ast.Return) and not statement.value
    )


def _differs(text: str, meaning: str) -> bool:
    try:
        return _meaning(text) != meaning
    except SyntaxError:
        return False


def _meaning(code: str) -> str:
    """What a text does, without what only readers and type checkers see."""
    return ast.dump(_Bare().visit(ast.parse(code)))


class _Bare(ast.NodeTransformer):
    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> Any:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        node.returns = None
        return self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> Any:
        node.returns = None
        return self.generic_visit(node)


def _fault(file: str, code: str, text: str) -> Fault:
    before, after = code.splitlines(), text.splitlines()
    at = next((n for n, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), 0)
    return Fault(file, at + 1, before[at].strip(), after[at].strip(), text)
