"""The description of the interface (OpenAPI): open to everybody, for it holds no secret and partners' developers need it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.views import SpectacularAPIView


class SchemaView(SpectacularAPIView):
    """The description as JSON."""

    renderer_classes = [OpenApiJsonRenderer]

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """Without a log-in."""
        return login_not_required(super().as_view(**initkwargs))
