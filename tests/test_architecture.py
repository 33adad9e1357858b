"""The house rules, held by reading the code and the models; each is tried on a bad example."""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.contrib.postgres.constraints import ExclusionConstraint
from django.core.management import call_command
from django.db import connection, models

from payments.services import books
from tests.architecture import habits, imports, tables
from tests.architecture.source import ROOT, Source, project

Rule = Callable[[Source], Iterator[tuple[int, str]]]
RULES: list[Rule] = [
    imports.directions,
    imports.between_apps,
    imports.layers,
    imports.purity,
    imports.relative,
    imports.inside_functions,
    imports.signals,
    imports.empty_init,
    habits.sizes,
    habits.locks,
    habits.time_readers,
    habits.clock_callers,
    habits.tasks,
    habits.safe_marks,
    habits.prints,
    habits.environment,
    habits.first_of_what,
    habits.cascades,
    habits.resources,
]
IN_TESTS_TOO: list[Rule] = [imports.relative, imports.inside_functions, imports.empty_init, habits.sizes]
TABLE_RULES = [
    tables.money_and_text,
    tables.named_constraints,
    tables.history,
    tables.states,
    tables.managers,
]


def _found(rule: Rule, sources: Iterable[Source]) -> list[str]:
    return [f"{source.path}:{line} {what}" for source in sources for line, what in rule(source)]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_house_rule(rule: Rule) -> None:
    assert _found(rule, project()) == []


@pytest.mark.parametrize("rule", IN_TESTS_TOO, ids=lambda rule: rule.__name__)
def test_house_rule_in_tests(rule: Rule) -> None:
    assert _found(rule, project("tests")) == []


@pytest.mark.parametrize("rule", TABLE_RULES, ids=lambda rule: rule.__name__)
def test_table_rule(rule: Callable[[type[models.Model]], Iterator[str]]) -> None:
    assert [what for model in tables.our_models() for what in rule(model)] == []


def test_there_are_files_to_judge() -> None:
    paths = {source.path for source in project()}
    assert {"bureau/clock.py", "payments/states.py", "manage.py"} <= paths
    assert len(tables.our_models()) > 30


# --- every rule finds its violation --------------------------------------

BAD: list[tuple[Rule, str, str, str]] = [
    (
        imports.directions,
        "enrollment/services/a.py",
        "from payments.models import Payment",
        "enrollment does not know payments",
    ),
    (imports.directions, "payments/a.py", "import refunds.services", "payments does not know refunds"),
    (
        imports.directions,
        "bureau/access.py",
        "from enrollment.models import Person",
        "bureau does not know enrollment",
    ),
    (
        imports.directions,
        "payments/admin/a.py",
        "from bureau.desk import home",
        "the desk is imported by none",
    ),
    (
        imports.between_apps,
        "payments/services/a.py",
        "from enrollment.admin import PersonAdmin",
        "not a service, model",
    ),
    (imports.between_apps, "payments/services/a.py", "from enrollment import tasks", "not a service, model"),
    (imports.layers, "payments/services/a.py", "from payments.tasks import ring", "a door"),
    (imports.layers, "payments/services/a.py", "from payments import tasks", "a door"),
    (imports.layers, "payments/services/a.py", "from bureau.pages import money", "a door"),
    (imports.layers, "payments/models/a.py", "from payments.services import posting", "a service"),
    (imports.layers, "payments/models/a.py", "from payments.services.posting import post", "a service"),
    (imports.purity, "bureau/money.py", "from django.db import models", "not pure"),
    (imports.purity, "enrollment/policy.py", "from enrollment.models import Person", "not pure"),
    (imports.purity, "payments/files/a.py", "from bureau import clock", "not pure"),
    (imports.relative, "payments/a.py", "from .models import Payment", "relative import"),
    (imports.inside_functions, "payments/a.py", "def f():\n    import json", "import inside f()"),
    (imports.inside_functions, "payments/a.py", "def f():\n    import_module('a')", "import inside f()"),
    (imports.signals, "payments/signals.py", "", "a signals module"),
    (imports.signals, "payments/a.py", "from django.dispatch import receiver", "signals"),
    (imports.signals, "payments/a.py", "from django.db.models.signals import post_save", "signals"),
    (imports.empty_init, "payments/__init__.py", "X = 1", "logic in __init__.py"),
    (
        imports.empty_init,
        "payments/services/__init__.py",
        "from payments.services.a import b",
        "logic in __init__.py",
    ),
    (imports.empty_init, "payments/models/__init__.py", "print()", "logic in __init__.py"),
    (habits.sizes, "payments/a.py", "x = 1\n" * 601, "601 lines"),
    (habits.sizes, "payments/a.py", "def f():\n" + "    x = 1\n" * 60, "f() has 61 lines"),
    (habits.locks, "payments/a.py", "Payment.objects.select_for_update(nowait=True)", "without of="),
    (habits.time_readers, "payments/a.py", "datetime.now(UTC)", "datetime.now"),
    (habits.time_readers, "payments/a.py", "DateTimeField(default=timezone.now)", "timezone.now"),
    (habits.time_readers, "payments/a.py", "from time import time", "from time import time"),
    (habits.time_readers, "payments/a.py", "DateTimeField(auto_now_add=True)", "auto_now_add"),
    (habits.clock_callers, "payments/services/a.py", "clock.now()", "clock.now"),
    (habits.clock_callers, "enrollment/models.py", "from bureau.clock import today", "today"),
    (
        habits.tasks,
        "payments/tasks.py",
        "@app.task\ndef f(file_id):\n    'Retry is safe.'",
        "more than keyword ids",
    ),
    (
        habits.tasks,
        "payments/tasks.py",
        "@app.task()\ndef f(*, name):\n    'Retry is safe.'",
        "f(name) is no id",
    ),
    (
        habits.tasks,
        "payments/tasks.py",
        "@shared_task\ndef f(*, file_id):\n    'Works.'",
        "why a retry is safe",
    ),
    (habits.tasks, "payments/services/a.py", "process_file.delay(file_id=1)", ".delay() outside tasks.py"),
    (habits.safe_marks, "payments/a.py", "from django.utils.safestring import mark_safe", "mark_safe"),
    (habits.prints, "payments/a.py", "print('here')", "print()"),
    (habits.environment, "payments/a.py", "os.environ['X']", "os.environ"),
    (habits.first_of_what, "payments/a.py", "WorkItem.objects.order_by('due_on').first()", "no total order"),
    (habits.first_of_what, "payments/a.py", "PersonCategory.objects.filter(x=1).last()", "no total order"),
    (
        habits.cascades,
        "payments/models/a.py",
        "models.ForeignKey(A, on_delete=models.CASCADE)",
        "without a reason",
    ),
    (
        habits.cascades,
        "payments/models/a.py",
        "models.ForeignKey(\n    A,\n    on_delete=models.SET_NULL,\n)  # fmt: skip",
        "without a reason",
    ),
    (
        habits.resources,
        "payments/resources.py",
        "class R(ModelResource):\n    class Meta:\n        model = A",
        "does not name",
    ),
]
GOOD: list[tuple[Rule, str, str]] = [
    (imports.directions, "payments/services/a.py", "from enrollment.services import cover"),
    (imports.directions, "bureau/urls.py", "from payments import views"),
    (
        imports.directions,
        "bureau/desk/person.py",
        "from refunds.models import RefundCase\nfrom bureau.desk import home",
    ),
    (imports.between_apps, "payments/models/a.py", "from enrollment.models import Person"),
    (
        imports.between_apps,
        "payments/services/a.py",
        "from enrollment.services import cover\nfrom enrollment.policy import Terms",
    ),
    (imports.layers, "payments/tasks.py", "from payments.services import river"),
    (
        imports.purity,
        "bureau/money.py",
        "import re\nfrom decimal import Decimal\nfrom bureau.errors import BureauError",
    ),
    (
        imports.inside_functions,
        "payments/apps.py",
        "def ready(self):\n    import_module('payments.services.a')",
    ),
    (
        imports.empty_init,
        "payments/models/__init__.py",
        "'Models.'\nfrom payments.models.a import A\n__all__ = ['A']",
    ),
    (habits.locks, "payments/a.py", "Payment.objects.select_for_update(of=('self',))"),
    (habits.time_readers, "bureau/clock.py", "datetime.now(UTC)"),
    (habits.time_readers, "payments/a.py", "time.monotonic()"),
    (habits.clock_callers, "payments/management/commands/a.py", "clock.now()"),
    (habits.clock_callers, "payments/services/a.py", "from bureau.clock import day_of"),
    (
        habits.tasks,
        "payments/tasks.py",
        "@app.task\ndef f(*, file_id):\n    'Retry is safe.'\n    g.apply_async()",
    ),
    (habits.prints, "bureau/a.py", "print('no', file=sys.stderr)"),
    (habits.first_of_what, "payments/a.py", "WorkItem.objects.filter(x=1).order_by('due_on', '-id').first()"),
    (habits.first_of_what, "payments/a.py", "WorkItem.objects.filter(x=1).first()\nHold.objects.first()"),
    (habits.first_of_what, "payments/a.py", "PersonCategory.objects.filter(pk=1).first()"),
    (
        habits.cascades,
        "payments/models/a.py",
        "models.ForeignKey(A, on_delete=models.CASCADE)  # goes with it",
    ),
    (
        habits.resources,
        "payments/resources.py",
        "class R(ModelResource):\n    class Meta:\n        fields = ('id',)",
    ),
]


@pytest.mark.parametrize(
    ("rule", "path", "text", "says"), BAD, ids=[f"{r.__name__}-{n}" for n, (r, *_) in enumerate(BAD)]
)
def test_the_rule_finds_a_violation(rule: Rule, path: str, text: str, says: str) -> None:
    assert [what for _, what in rule(Source(path, text)) if says in what]


@pytest.mark.parametrize(
    ("rule", "path", "text"), GOOD, ids=[f"{r.__name__}-{n}" for n, (r, *_) in enumerate(GOOD)]
)
def test_the_rule_lets_good_code_pass(rule: Rule, path: str, text: str) -> None:
    assert list(rule(Source(path, text))) == []


def test_every_rule_has_a_bad_example() -> None:
    assert {rule for rule, *_ in BAD} == set(RULES)


class _Meta:
    """What a table rule reads of a model."""

    label = "payments.Bad"
    db_table = "payments_bad"
    auto_created = False
    unique_together: tuple[str, ...] = ()
    triggers: tuple[Any, ...] = ()

    def __init__(self, fields: dict[str, models.Field], constraints: list[models.BaseConstraint]) -> None:  # type: ignore[type-arg]
        for name, field in fields.items():
            field.set_attributes_from_name(name)
        self.concrete_fields = self.local_concrete_fields = list(fields.values())
        self.constraints = constraints


def _model(*constraints: models.BaseConstraint, **fields: Any) -> Any:
    return type("Bad", (), {"_meta": _Meta(fields, list(constraints))})


@pytest.mark.parametrize(
    ("rule", "model", "says"),
    [
        (
            tables.money_and_text,
            _model(a=models.DecimalField(max_digits=12, decimal_places=4)),
            "4 decimal places",
        ),
        (tables.money_and_text, _model(a=models.FloatField()), "a float"),
        (tables.money_and_text, _model(a=models.CharField(max_length=3, null=True)), "NULL in a text"),
        (
            tables.money_and_text,
            _model(a=models.DecimalField(max_digits=12, decimal_places=2, default=0.1)),
            "as default",
        ),
        (
            tables.named_constraints,
            _model(a=models.CharField(max_length=3, unique=True)),
            "unique=True has no name",
        ),
        (
            tables.named_constraints,
            _model(models.UniqueConstraint(fields=["a"], name="bad_once")),
            "bad_once has no message",
        ),
        (
            tables.named_constraints,
            _model(models.UniqueConstraint(fields=["a"], name="chunk_once", violation_error_message="x")),
            "a message and is internal",
        ),
        (tables.history, _model(a=models.IntegerField()), "changes leave no history"),
        (tables.states, _model(state=models.CharField(max_length=3)), "no guard of moves"),
        (tables.states, _model(state=models.CharField(max_length=3)), "any text may be a state"),
    ],
)
def test_the_table_rule_finds_a_violation(
    rule: Callable[[Any], Iterator[str]], model: Any, says: str
) -> None:
    assert [what for what in rule(model) if says in what]


def test_internal_constraints_exist() -> None:
    names = {constraint.name for model in tables.our_models() for constraint in model._meta.constraints}
    assert names >= tables.INTERNAL


# --- the database, the templates, the project ----------------------------


def test_guards_stand_on_parents_and_leaves(db: None) -> None:
    (result,) = books.run_checks(only=["I11"])
    assert result.rows == []


def test_history_cannot_be_changed_deleted_or_emptied(db: None) -> None:
    """Audit events are append-only: against UPDATE, DELETE and TRUNCATE (habit 10)."""
    unguarded = []
    with connection.cursor() as cursor:
        for _, event in books.tracked_models():
            cursor.execute(
                "SELECT bool_or(tgtype & 8 > 0), bool_or(tgtype & 16 > 0), bool_or(tgtype & 32 > 0) "
                "FROM pg_trigger "
                "WHERE tgrelid = %s::regclass AND tgtype & 2 > 0 AND tgenabled IN ('O', 'A')",
                [event._meta.db_table],
            )
            if cursor.fetchone() != (True, True, True):
                unguarded.append(event._meta.db_table)
    assert unguarded == []


def test_every_constraint_is_provoked_by_a_test() -> None:
    """Habit 8: one test writes against each named constraint, past the models."""
    text = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("tests/*/test_*constraints*.py"))
    declared = {
        constraint.name
        for model in tables.our_models()
        for constraint in model._meta.constraints
        if isinstance(constraint, models.UniqueConstraint | models.CheckConstraint | ExclusionConstraint)
    }
    assert sorted(name for name in declared if f'"{name}"' not in text) == []


def test_no_migration_is_missing(db: None) -> None:
    out = StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=out)
    assert "No changes detected" in out.getvalue()


def test_templates_escape_everything() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group(0)}"
        for folder in ("templates", *("bureau", "enrollment", "payments", "refunds"))
        for path in sorted((ROOT / folder).rglob("*.html"))
        for match in re.finditer(r"\|\s*safe\b|autoescape\s+off", path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_there_is_one_settings_file() -> None:
    names = [source.path for source in project() if "settings" in source.path.rsplit("/", 1)[-1]]
    assert names == ["bureau/settings.py"]


def test_warnings_are_errors_and_markers_are_known() -> None:
    options = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"][
        "ini_options"
    ]
    assert options["filterwarnings"][0] == "error"
    assert "--strict-markers" in options["addopts"]


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    marks = re.compile(r"pytest\.(?:skip|xfail|importorskip)\b|mark\.(?:skip|skipif|xfail)\b")
    found = [
        source.path
        for source in project("tests")
        if marks.search(source.text) and source.path != "tests/test_architecture.py"
    ]
    assert found == []
