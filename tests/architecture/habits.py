"""Habits that can be read from one file: size, locks, time, tasks, text that goes to a browser."""

import ast
from collections.abc import Iterator
from functools import cache

from django.apps import apps
from django.db.models import Model, UniqueConstraint

from tests.architecture import rooms
from tests.architecture.source import Source, dotted

Finding = tuple[int, str]
MODULE_LINES, FUNCTION_LINES = 600, 60
CLOCK = "bureau/clock.py"
READS_TIME = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "timezone.now",
    "timezone.localtime",
    "timezone.localdate",
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.gmtime",
}
ENVIRONMENT = ("manage.py", "bureau/settings.py", "bureau/celery.py", "bureau/wsgi.py")
SUPERVISOR = (
    "bureau/embedded.py",
    "bureau/schema.py",
    "bureau/servers.py",
    "bureau/sidecars.py",
    "bureau/wheels.py",
)
"""What runs before there are settings, and what starts other programs."""


def sizes(source: Source) -> Iterator[Finding]:
    """No module over 600 lines, no function over 60."""
    lines = len(source.text.splitlines())
    if lines > MODULE_LINES:
        yield 1, f"{lines} lines"
    for function in source.functions():
        length = (function.end_lineno or function.lineno) - function.lineno + 1
        if length > FUNCTION_LINES:
            yield function.lineno, f"{function.name}() has {length} lines"


def locks(source: Source) -> Iterator[Finding]:
    """Every select_for_update says which rows it locks."""
    for call in source.calls():
        locks_rows = isinstance(call.func, ast.Attribute) and call.func.attr == "select_for_update"
        if locks_rows and "of" not in {keyword.arg for keyword in call.keywords}:
            yield call.lineno, "select_for_update without of="


def time_readers(source: Source) -> Iterator[Finding]:
    """Only bureau/clock.py reads the time of day; durations may be measured."""
    if source.path == CLOCK:
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and dotted(node) in READS_TIME:
            yield node.lineno, dotted(node)
        elif isinstance(node, ast.keyword) and node.arg in ("auto_now", "auto_now_add"):
            yield node.value.lineno, str(node.arg)
        elif (
            isinstance(node, ast.ImportFrom)
            and node.module == "time"
            and "time" in {a.name for a in node.names}
        ):
            yield node.lineno, "from time import time"


def clock_callers(source: Source) -> Iterator[Finding]:
    """Only doors ask the clock; what lies below is told."""
    if source.path == CLOCK or rooms.is_door(source.module):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and dotted(node) in (
            "clock.now",
            "clock.today",
            "bureau.clock.now",
        ):
            yield node.lineno, dotted(node)
        elif isinstance(node, ast.ImportFrom) and node.module == "bureau.clock":
            yield from ((node.lineno, alias.name) for alias in node.names if alias.name in ("now", "today"))


def tasks(source: Source) -> Iterator[Finding]:
    """Tasks take keyword ids only and say why a retry is safe; only task modules ring the broker."""
    for function in source.functions():
        if not any(_is_task(decorator) for decorator in function.decorator_list):
            continue
        arguments = function.args
        if arguments.args or arguments.posonlyargs or arguments.vararg or arguments.kwarg:
            yield function.lineno, f"{function.name}() takes more than keyword ids"
        for argument in arguments.kwonlyargs:
            if not argument.arg.endswith(("_id", "_ids")):
                yield function.lineno, f"{function.name}({argument.arg}) is no id"
        if "safe" not in (ast.get_docstring(function) or "").lower():
            yield function.lineno, f"{function.name}() does not say why a retry is safe"
    if source.module.endswith(".tasks"):
        return
    for call in source.calls():
        if isinstance(call.func, ast.Attribute) and call.func.attr in (
            "delay",
            "apply_async",
            "delay_on_commit",
        ):
            yield call.lineno, f".{call.func.attr}() outside tasks.py"


def _is_task(decorator: ast.expr) -> bool:
    name = dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)
    return name == "shared_task" or name.endswith(".task")


def safe_marks(source: Source) -> Iterator[Finding]:
    """Nothing is declared safe: format_html escapes."""
    for line, name in source.imports():
        if name.endswith((".mark_safe", ".SafeText", ".html_safe")):
            yield line, name
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and node.attr == "mark_safe":
            yield node.lineno, "mark_safe"


def prints(source: Source) -> Iterator[Finding]:
    """Nothing is printed: commands write to their stdout; what runs before Django names its stream."""
    for call in source.calls():
        loose = dotted(call.func) == "print" and "file" not in {keyword.arg for keyword in call.keywords}
        if loose and ".management.commands." not in source.module:
            yield call.lineno, "print()"


def environment(source: Source) -> Iterator[Finding]:
    """The environment is read in the settings alone; the supervisor of the servers works without settings."""
    if source.path in (*ENVIRONMENT, *SUPERVISOR):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and dotted(node) in ("os.environ", "os.getenv"):
            yield node.lineno, dotted(node)


def first_of_what(source: Source) -> Iterator[Finding]:
    """``.first()`` and ``.last()`` take from a total order: by the key, or by something unique."""
    for call in source.calls():
        if not isinstance(call.func, ast.Attribute) or call.func.attr not in (
            "first",
            "last",
            "latest",
            "earliest",
        ):
            continue
        links = list(_chain(call.func.value))
        model = _models().get(next((name for name, _ in links if name in _models()), ""))
        if model is None:
            continue
        orders = [
            [ast.literal_eval(value) for value in link.args]
            for name, link in links
            if name == "order_by" and link
        ]
        order = orders[0] if orders else list(model._meta.ordering)
        fixed = {
            str(keyword.arg) for name, link in links if name == "filter" and link for keyword in link.keywords
        }
        if order and not _is_unique(model, fixed | {str(name).lstrip("-") for name in order}):
            yield call.lineno, f".{call.func.attr}() of {model.__name__} by {order}: no total order"


def _chain(node: ast.AST) -> Iterator[tuple[str, ast.Call | None]]:
    """The links of ``A.objects.filter(x=1).order_by("y")``, last one first: (name, its call)."""
    while True:
        call = node if isinstance(node, ast.Call) else None
        inner = node.func if isinstance(node, ast.Call) else node
        if isinstance(inner, ast.Attribute):
            yield inner.attr, call
            node = inner.value
        else:
            if isinstance(inner, ast.Name):
                yield inner.id, call
            return


@cache
def _models() -> dict[str, type[Model]]:
    return {model.__name__: model for model in apps.get_models()}


def _is_unique(model: type[Model], names: set[str]) -> bool:
    """Whether rows that agree in ``names`` are one row."""
    columns = {name.removesuffix("_id") for name in names}
    fields = {field.name for field in model._meta.concrete_fields if field.unique}
    sets = [
        set(c.fields) for c in model._meta.constraints if isinstance(c, UniqueConstraint) and not c.condition
    ]
    return (
        bool({"pk", "id"} & names)
        or bool(fields & (names | columns))
        or any(names and part <= columns for part in sets)
    )


def cascades(source: Source) -> Iterator[Finding]:
    """on_delete is PROTECT, or a comment says why not."""
    if not rooms.is_models(source.module):
        return
    for call in source.calls():
        for keyword in call.keywords:
            if keyword.arg == "on_delete" and dotted(keyword.value) != "models.PROTECT":
                lines = range(call.lineno, (call.end_lineno or call.lineno) + 1)
                said = [source.comments[line] for line in lines if line in source.comments]
                if not [text for text in said if not text.startswith(("# fmt:", "# type:", "# noqa"))]:
                    yield call.lineno, f"on_delete={dotted(keyword.value)} without a reason"


def resources(source: Source) -> Iterator[Finding]:
    """An import-export resource names its fields."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef) and any(dotted(base).endswith("Resource") for base in node.bases):
            meta = [inner for inner in node.body if isinstance(inner, ast.ClassDef) and inner.name == "Meta"]
            names = {
                dotted(t)
                for inner in meta
                for s in inner.body
                if isinstance(s, ast.Assign)
                for t in s.targets
            }
            if "fields" not in names:
                yield node.lineno, f"{node.name} does not name its fields"
