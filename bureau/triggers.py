"""Installing the triggers of freshly created models in one step of a migration.

One ``AddTrigger`` for each of a hundred triggers makes Django render every related model a hundred times; a first migration
carries the triggers in the options of its models and installs them all at its end.
"""

from typing import Any

from django.db.migrations.operations.base import Operation


class InstallTriggers(Operation):
    """Install every trigger that the state holds for the models of the migration's app."""

    reduces_to_sql = True
    reversible = True

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The triggers are in the state already, with their models."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Create functions and triggers."""
        for (label, _name), model in sorted(to_state.models.items()):
            if label == app_label:
                for trigger in model.options.get("triggers", []):
                    schema_editor.execute(trigger.install_sql, params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Nothing: the triggers go with their tables."""

    def describe(self) -> str:
        """What ``migrate`` shows."""
        return "Install the triggers of the models"
