"""The floor plan: which module is which room, in one place."""

from fnmatch import fnmatchcase

ORDER = ("bureau", "enrollment", "payments", "refunds")
"""An app imports itself and what stands before it."""

ROOTS = ("bureau.celery", "bureau.urls", "bureau.wsgi", "bureau.settings", "bureau.desk", "bureau.desk.*")
"""The only files of bureau/ that may name the apps."""

DESK_FRIENDS = (
    "bureau.urls",
    "bureau.site",
    "bureau.settings",
    "bureau.desk",
    "bureau.desk.*",
    "bureau.management.commands.demo",
)
"""What looks across the apps is imported by nobody else (settings use strings; ``demo`` is its command)."""

PURE = (
    "bureau.caserows",
    "bureau.cells",
    "bureau.characters",
    "bureau.errors",
    "bureau.identity",
    "bureau.money",
    "bureau.names",
    "bureau.periods",
    "bureau.sheets.columns",
    "bureau.sheets.delimited",
    "bureau.sheets.limits",
    "bureau.sheets.package",
    "bureau.sheets.refusals",
    "bureau.sheets.rows",
    "bureau.signing",
    "bureau.sniffing",
    "bureau.states",
    "bureau.strictjson",
    "bureau.workdays",
    "enrollment.cases",
    "enrollment.choices",
    "enrollment.continuity",
    "enrollment.coverage",
    "enrollment.entitlement",
    "enrollment.explain",
    "enrollment.facts",
    "enrollment.inheritance",
    "enrollment.known",
    "enrollment.policy",
    "enrollment.policyfile",
    "enrollment.reasons",
    "enrollment.states",
    "enrollment.termfields",
    "enrollment.waiting",
    "enrollment.whatif",
    "payments.capitals",
    "payments.verification",
    "payments.files",
    "payments.files.*",
    "payments.keys",
    "payments.problems",
    "payments.seeding.households",
    "payments.seeding.names",
    "payments.seeding.people",
    "payments.simulation",
    "payments.simulation.*",
    "payments.states",
    "refunds.cases",
    "refunds.eligibility",
    "refunds.payoutfile",
    "refunds.states",
    "refunds.wording",
)
"""Rules and readers: the standard library and each other, nothing else."""

MODELS = ("*.models", "*.models.*")
SERVICES = ("*.services", "*.services.*")
DOORS = (
    "manage",
    "*.admin",
    "*.admin.*",
    "*.api",
    "*.api.*",
    "*.tasks",
    "*.resources",
    "*.public",
    "*.words",
    "*.letters",
    "*.templatetags.*",
    "*.management",
    "*.management.*",
    "bureau.desk",
    "bureau.desk.*",
    "bureau.middleware",
    "bureau.*admin",
    "bureau.differences",
    "bureau.doors",
    "bureau.exports",
    "bureau.filters",
    "bureau.forms",
    "bureau.keyset",
    "bureau.language",
    "bureau.pages",
    "bureau.scoped",
    "bureau.site",
    "bureau.urls",
)
"""What speaks with people or machines: reads the clock, makes one call, translates the error."""


def is_one_of(module: str, names: tuple[str, ...]) -> bool:
    """Whether ``module`` is named, ``*`` standing for anything."""
    return any(fnmatchcase(module, name) for name in names)


def is_door(module: str) -> bool:
    """Doors."""
    return is_one_of(module, DOORS)


def is_pure(module: str) -> bool:
    """Pure modules."""
    return is_one_of(module, PURE)


def is_service(module: str) -> bool:
    """Services, which alone write."""
    return is_one_of(module, SERVICES)


def is_models(module: str) -> bool:
    """Facts."""
    return is_one_of(module, MODELS)


def app_of(name: str) -> str:
    """The app of a dotted name, "" for a stranger."""
    top = name.partition(".")[0]
    return top if top in ORDER else ""
