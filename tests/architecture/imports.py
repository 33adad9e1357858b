"""Habits 1 and 2: which way imports point, and where they may stand."""

import ast
import sys
from collections.abc import Iterator

from tests.architecture import rooms
from tests.architecture.source import Source, dotted

Finding = tuple[int, str]
BY_NAME = ("import_module", "importlib.import_module", "__import__")
RE_EXPORTS = (
    "enrollment/admin/__init__.py",
    "enrollment/models/__init__.py",
    "payments/admin/__init__.py",
    "payments/models/__init__.py",
    "refunds/admin/__init__.py",
    "refunds/models/__init__.py",
)
"""Packages whose modules Django must find by the package's name: they may import and name them."""


def directions(source: Source) -> Iterator[Finding]:
    """enrollment <- payments <- refunds, the kernel below them; the desk is imported by none."""
    mine = rooms.app_of(source.module)
    for line, name in source.imports():
        other = rooms.app_of(name)
        if not other or not mine:
            continue
        if name.startswith("bureau.desk") and not rooms.is_one_of(source.module, rooms.DESK_FRIENDS):
            yield line, f"{name}: the desk is imported by none"
        if mine == other or rooms.is_one_of(source.module, rooms.ROOTS):
            continue
        if rooms.ORDER.index(other) > rooms.ORDER.index(mine):
            yield line, f"{name}: {mine} does not know {other}"


def _target(name: str) -> str:
    """The module in ``module.thing``: the longest leading part that names a room of the plan."""
    parts = name.split(".")
    whole = name if rooms.is_pure(name) else ".".join(parts[:-1])
    return whole if len(parts) > 2 else name


def between_apps(source: Source) -> Iterator[Finding]:
    """From another app: its services, models, states and pure rules, nothing else. The desk shows all."""
    mine = rooms.app_of(source.module)
    if rooms.is_one_of(source.module, rooms.ROOTS):
        return
    for line, name in source.imports():
        other = rooms.app_of(name)
        if not mine or other in ("", "bureau", mine):
            continue
        target = _target(name)
        known = rooms.is_pure(target) or rooms.is_models(target) or rooms.is_service(target)
        if not known and not rooms.is_service(name):
            yield line, f"{name}: not a service, model, state or rule of {other}"


def layers(source: Source) -> Iterator[Finding]:
    """Doors -> services -> models -> rules: nothing imports what stands above it."""
    if rooms.is_door(source.module) or rooms.is_one_of(source.module, rooms.ROOTS):
        return
    for line, name in source.imports():
        if not rooms.app_of(name):
            continue
        target = _target(name)
        if rooms.is_door(target) or rooms.is_door(name):
            yield line, f"{name}: a door"
        elif rooms.is_models(source.module) and (rooms.is_service(target) or rooms.is_service(name)):
            yield line, f"{name}: a service"


def purity(source: Source) -> Iterator[Finding]:
    """A pure module imports the standard library and pure siblings."""
    if not rooms.is_pure(source.module):
        return
    for line, name in source.imports():
        top = name.partition(".")[0]
        if top in sys.stdlib_module_names or rooms.is_pure(_target(name)) or rooms.is_pure(name):
            continue
        yield line, f"{name}: not pure"


def relative(source: Source) -> Iterator[Finding]:
    """No relative import."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield node.lineno, "relative import"


def inside_functions(source: Source) -> Iterator[Finding]:
    """No import inside a function; an app's ready() may load its registrations."""
    for function in source.functions():
        ready = source.path.endswith("/apps.py") and function.name == "ready"
        for node in ast.walk(function):
            by_name = isinstance(node, ast.Call) and dotted(node.func) in BY_NAME
            if isinstance(node, ast.Import | ast.ImportFrom) or (by_name and not ready):
                yield node.lineno, f"import inside {function.name}()"


def signals(source: Source) -> Iterator[Finding]:
    """No signals: nothing happens behind a caller's back."""
    if source.path.endswith("/signals.py"):
        yield 1, "a signals module"
    for line, name in source.imports():
        if name.startswith("django.dispatch") or ".signals" in name:
            yield line, f"{name}: signals"


def empty_init(source: Source) -> Iterator[Finding]:
    """``__init__.py`` holds a docstring at most; where Django needs it, imports and ``__all__``."""
    if not source.path.endswith("__init__.py"):
        return
    for node in source.tree.body:
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        imports = isinstance(node, ast.Import | ast.ImportFrom)
        named = isinstance(node, ast.Assign) and [dotted(target) for target in node.targets] == ["__all__"]
        if not docstring and not (source.path in RE_EXPORTS and (imports or named)):
            yield node.lineno, "logic in __init__.py"
