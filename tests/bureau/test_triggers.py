"""Triggers in migrations: changed for models that exist, without rendering them, and back again."""

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from pgtrigger.migrations import AddTrigger, RemoveTrigger

from bureau.triggers import ChangeTriggers

pytestmark = pytest.mark.django_db


def installed() -> set[str]:
    """Triggers that stand on the table of households."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = 'enrollment_household'::regclass AND NOT tgisinternal"
        )
        return {row[0] for row in cursor.fetchall()}


def test_a_trigger_goes_and_comes_back() -> None:
    """Forwards the table loses the trigger, backwards it has it again; the state says the same, unrendered."""
    before = MigrationLoader(connection).project_state()
    names = [one.name for one in before.models["enrollment", "household"].options["triggers"]]
    assert "delete_delete" in names
    change = ChangeTriggers(operations=[RemoveTrigger(model_name="household", name="delete_delete")])
    after = before.clone()
    change.state_forwards("enrollment", after)
    assert [one.name for one in after.models["enrollment", "household"].options["triggers"]] == [
        name for name in names if name != "delete_delete"
    ]
    standing = installed()
    with connection.schema_editor(atomic=False) as editor:
        change.database_forwards("enrollment", editor, before, after)
    (gone,) = standing - installed()
    assert gone.startswith("pgtrigger_delete_delete_")
    with connection.schema_editor(atomic=False) as editor:
        change.database_backwards("enrollment", editor, after, before)
    assert installed() == standing
    assert "apps" not in vars(after)


def test_a_trigger_takes_the_place_of_its_former_self() -> None:
    """Removed and added again in one step, as a tracked model with a new column is: once in the state, once on the table."""
    before = MigrationLoader(connection).project_state()
    (trigger,) = [
        one
        for one in before.models["enrollment", "household"].options["triggers"]
        if one.name == "update_update"
    ]
    change = ChangeTriggers(
        operations=[
            RemoveTrigger(model_name="household", name="update_update"),
            AddTrigger(model_name="household", trigger=trigger),
        ]
    )
    after = before.clone()
    change.state_forwards("enrollment", after)
    standing = installed()
    with connection.schema_editor(atomic=False) as editor:
        change.database_forwards("enrollment", editor, before, after)
    assert installed() == standing
    named = [one.name for one in after.models["enrollment", "household"].options["triggers"]]
    assert named.count("update_update") == 1
