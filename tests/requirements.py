"""Which tests prove which requirement, read from the `req` marks without running anything."""

import ast
import sys
from collections import defaultdict
from pathlib import Path

TESTS = Path(__file__).parent
ROWS = [f"R{n}" for n in range(1, 88)] + [f"B{n}" for n in range(1, 11)]


def marked(node: ast.expr) -> list[str]:
    """The rows named by `pytest.mark.req(…)` anywhere in an expression (a decorator, a list, pytest.param(marks=…))."""
    calls = [n for n in ast.walk(node) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.func.attr == "req"]
    return [arg.value for call in calls for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]


def marks_of(body: list[ast.stmt]) -> list[str]:
    """What `pytestmark = …` says for a module or a class."""
    found = []
    for statement in body:
        if isinstance(statement, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "pytestmark" for t in statement.targets):
            found += marked(statement.value)
    return found


def tests_in(body: list[ast.stmt], rows: list[str], name: str):
    """(test id, rows it proves) for each test function, classes included."""
    rows = rows + marks_of(body)
    for node in body:
        own = [row for decorator in getattr(node, "decorator_list", []) for row in marked(decorator)]
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            yield from tests_in(node.body, rows + own, f"{name}::{node.name}")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            yield f"{name}::{node.name}", rows + own


def collect(folder: Path) -> dict[str, list[str]]:
    """{row: its tests} of all test files under a folder."""
    proved = defaultdict(list)
    for path in sorted(folder.rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for test, rows in tests_in(tree.body, [], path.relative_to(folder.parent).as_posix()):
            for row in dict.fromkeys(rows):
                proved[row].append(test)
    return proved


def report(proved: dict[str, list[str]]) -> list[str]:
    """The lines, R1–R87 then B1–B10."""
    return [f"{row}  {len(proved.get(row, []))} tests  {' '.join(proved.get(row, []))}".rstrip() for row in ROWS]


if __name__ == "__main__":
    found = collect(TESTS)
    sys.stdout.write("\n".join(report(found)) + "\n")
    if unknown := sorted(set(found) - set(ROWS)):
        sys.exit(f"unknown requirements are marked: {', '.join(unknown)}")
