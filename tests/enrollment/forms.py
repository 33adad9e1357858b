"""Applications as the national app sends them."""

import base64
from typing import Any

from tests.builders import GUIGANG, id_number
from tests.bureau.drawings import picture


def photo(kind: str = "ID_FRONT", content: bytes | None = None) -> dict[str, str]:
    """A picture in base64."""
    return {"kind": kind, "content": base64.b64encode(content or picture(size=(64, 40))).decode()}


def form(**fields: Any) -> dict[str, Any]:
    """An adult of Guigang with both sides of the ID card."""
    values: dict[str, Any] = {
        "id_type": "01",
        "id_number": id_number(),
        "name": "张三",
        "person_class": "1501",
        "region": GUIGANG,
        "phone": "13900000000",
        "household": {"relation": "HEAD", "town": "港城街道", "village": "南江社区", "address": "1号"},
        "pictures": [photo("ID_FRONT"), photo("ID_BACK")],
    }
    return {name: value for name, value in (values | fields).items() if value is not None}
