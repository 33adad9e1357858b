"""Operations of a migration that are done together."""

import pytest
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState
from django.db.migrations.writer import OperationWriter

from bureau.migrating import Together

HEAD = migrations.CreateModel("Head", [("id", models.BigAutoField(primary_key=True))])
MEMBER = migrations.CreateModel(
    "Member",
    [
        ("id", models.BigAutoField(primary_key=True)),
        ("head", models.ForeignKey("bureau.Head", on_delete=models.PROTECT)),
    ],
)


def tables() -> set[str]:
    """Those of the two models that exist."""
    return {"bureau_head", "bureau_member"} & set(connection.introspection.table_names())


@pytest.mark.django_db
def test_tables_are_made_and_unmade_together() -> None:
    before = ProjectState()
    assert before.apps is not None  # models are rendered, as in the middle of a run
    after, both = before.clone(), Together([MEMBER, HEAD])
    both.state_forwards("bureau", after)
    with connection.schema_editor() as editor:
        both.database_forwards("bureau", editor, before, after)
    assert tables() == {"bureau_head", "bureau_member"}
    with connection.schema_editor() as editor:
        both.database_backwards("bureau", editor, after, before)
    assert tables() == set()


def test_it_is_as_reversible_as_its_parts_and_names_them() -> None:
    assert Together([HEAD, MEMBER]).reversible
    assert not Together([HEAD, migrations.RunSQL("SELECT 1")]).reversible
    assert Together([HEAD, MEMBER]).describe() == "Create model Head; Create model Member"


def test_a_migration_file_can_be_written_with_it() -> None:
    text, imports = OperationWriter(Together([HEAD]), indentation=0).serialize()
    assert text.startswith("bureau.migrating.Together(")
    assert "import bureau.migrating" in imports
