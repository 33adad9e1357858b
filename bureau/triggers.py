"""Installing the triggers of freshly created models in one step of a migration.

One ``AddTrigger`` for each of a hundred triggers makes Django render every related model a hundred times; a first migration
carries the triggers in the options of its models and installs them all at its end.
"""

from collections.abc import Sequence
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


class ChangeTriggers(Operation):
    """Add and remove triggers of models that exist already, without rendering any model."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, operations: Sequence[Any]) -> None:
        self.operations = list(operations)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """How a migration file writes it."""
        return self.__class__.__qualname__, [], {"operations": self.operations}

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The triggers as options of their models; a rendered model has no use for them in a migration."""
        for operation in self.operations:
            options = state.models[app_label, operation.model_name.lower()].options
            kept = [one for one in options.get("triggers", []) if one.name != _name(operation)]
            options["triggers"] = [*kept, operation.trigger] if _adds(operation) else kept

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Drop what is gone, create what is new or has changed."""
        self._move(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """The same, the other way round."""
        self._move(app_label, schema_editor, from_state, to_state)

    def _move(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for name in sorted({operation.model_name.lower() for operation in self.operations}):
            before = _triggers(from_state, app_label, name)
            after = _triggers(to_state, app_label, name)
            for gone in sorted(before.keys() - after.keys()):
                schema_editor.execute(before[gone].uninstall_sql, params=None)
            for trigger in after.values():
                schema_editor.execute(trigger.install_sql, params=None)


def _adds(operation: Any) -> bool:
    return hasattr(operation, "trigger")


def _name(operation: Any) -> str:
    return str(operation.trigger.name if _adds(operation) else operation.name)


def _triggers(state: Any, app_label: str, name: str) -> dict[str, Any]:
    model = state.models.get((app_label, name))
    return {} if model is None else {one.name: one for one in model.options.get("triggers", [])}
