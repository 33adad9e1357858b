"""Lists that a clerk waits for, through django-import-export: our strict reader is its format, our columns are its fields.

Its own readers pad short rows, let the last of two equal headers win and make floats of ID numbers. So a format hands it the
rows of the strict reader, every cell as a typed value, and what an import finds goes to the staging of lists: this is the
preview, nothing is applied before somebody confirms it (docs/decisions/017).
"""

from collections.abc import Iterable, Iterator
from typing import Any

import tablib
from django.core.exceptions import ValidationError
from import_export import fields, resources
from import_export.formats.base_formats import Format
from import_export.instance_loaders import BaseInstanceLoader
from import_export.widgets import Widget

from bureau.sheets.columns import Layout
from bureau.sheets.rows import Row
from enrollment.services import listlayouts
from enrollment.services.listlayouts import LAYOUTS, Setting, Staged, Wrong

ROW, LINE, FOUND = "row", "line", "found"


class JudgedRows(Format):
    """Rows of the strict reader as a dataset: a column for each of the layout's, one for the line, one for the row itself."""

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        self._layout = layout

    def get_title(self) -> str:
        """Its name."""
        return "strict"

    def can_import(self) -> bool:
        """It only reads."""
        return True

    def create_dataset(self, in_stream: Iterable[Row]) -> tablib.Dataset:
        """The dataset of ``in_stream``; raises what reading further rows raises (SheetRefused)."""
        dataset = tablib.Dataset(headers=[ROW, LINE, *(column.name for column in self._layout.columns)])
        empty = (None,) * len(self._layout.columns)
        for row in in_stream:
            dataset.append((row, row.line, *(row.values or empty)))
        return dataset


class TypedCell(Widget):
    """A cell that its column has turned into a value already."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """The value as it is."""
        return value

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """The value for people."""
        return "" if value is None else str(value)


class ListResource(resources.Resource):
    """A list of one kind, its columns as fields; importing stages the good rows and names the fault of each other one."""

    class Meta:
        fields = tuple(
            sorted({LINE, *(column.key for layout in LAYOUTS.values() for column in layout.columns)})
        )
        import_id_fields = (LINE,)
        use_transactions = False  # the service that stages holds one
        clean_model_instances = False
        instance_loader_class = BaseInstanceLoader
        skip_diff = True
        store_row_values = True

    def __init__(self, kind: str, setting: Setting) -> None:
        super().__init__()
        self.kind, self.setting = kind, setting
        self.fields = {LINE: fields.Field(column_name=LINE, attribute=LINE, widget=TypedCell())}
        for column in LAYOUTS[kind].columns:
            self.fields[column.key] = fields.Field(
                column_name=column.name, attribute=column.key, widget=TypedCell()
            )

    def get_instance(self, instance_loader: Any, row: Any) -> None:
        """Nobody: who is known already is found set-based, when the staged rows are matched."""

    def init_instance(self, row: Any = None) -> dict[str, Any]:
        """An empty one."""
        return {}

    def import_instance(self, instance: dict[str, Any], row: Any, **kwargs: Any) -> None:
        """Judge a row; raises ValidationError with the code of its fault, at its column."""
        found = row[FOUND] = listlayouts.prepare(row[ROW], self.kind, self.setting)
        if isinstance(found, Wrong):
            raise ValidationError({found.column or LINE: found.code})
        instance |= found._asdict()

    def save_instance(self, instance: dict[str, Any], is_create: bool, row: Any, **kwargs: Any) -> None:
        """Nothing here: the service stages what the import found, all rows in one COPY."""


def judge(rows: Iterable[Row], kind: str, setting: Setting) -> Iterator[tuple[Row, Staged | Wrong]]:
    """Each row of a clerk's list, and what importing it found."""
    dataset = JudgedRows(LAYOUTS[kind]).create_dataset(rows)
    result = ListResource(kind, setting).import_data(dataset)
    for error in (*result.base_errors, *(error for row in result.rows for error in row.errors)):
        raise error.error  # not a fault of the list: ours
    for row in result.rows:
        yield row.row_values[ROW], row.row_values[FOUND]
