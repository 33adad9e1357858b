"""What every call has in the description of the interface (OpenAPI): its signature, its Idempotency-Key, its problems."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import force_instance
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from bureau.api.fields import Body
from bureau.signing import SCHEME


class BothLanguages(serializers.Serializer):
    """A sentence in Chinese and English."""

    zh = serializers.CharField()
    en = serializers.CharField()


class FieldProblem(serializers.Serializer):
    """What is wrong with one field."""

    pointer = serializers.CharField(help_text="JSON pointer (RFC 6901)")
    code = serializers.CharField()
    message = BothLanguages()


class Problem(serializers.Serializer):
    """A refusal (RFC 9457); ``code`` is stable."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    message = BothLanguages()
    action = BothLanguages(help_text="What to do")
    errors = FieldProblem(many=True, required=False)
    details = serializers.DictField(required=False, help_text="what is known of the problem")


NUMBER = {"type": "string", "pattern": "^[A-Za-z0-9-]{1,40}$"}


class PartnerSchema(AutoSchema):
    """Every call may answer with a problem; those that change something take an Idempotency-Key.

    What the fields of a call refuse (bureau/api/fields.py), their description excludes.
    """

    def _map_serializer(self, serializer: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        found = super()._map_serializer(serializer, direction, bypass_extensions)
        if isinstance(force_instance(serializer), Body):
            found["additionalProperties"] = False
        return found

    def _map_serializer_field(self, field: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        found = super()._map_serializer_field(field, direction, bypass_extensions)
        if isinstance(field, serializers.ListSerializer) and found.get("type") == "array":
            bounds = {"minItems": None if field.allow_empty else 1, "maxItems": field.max_length}
            found |= {name: bound for name, bound in bounds.items() if bound is not None}
        return {**getattr(field, "described", {}), **found}

    def _get_request_body(self, direction: Any = "request") -> Any:
        found = super()._get_request_body(direction)
        return {**found, "required": True} if found else found

    def _resolve_path_parameters(self, variables: Any) -> Any:
        return [{**one, "schema": NUMBER} for one in super()._resolve_path_parameters(variables)]

    def get_override_parameters(self) -> list[Any]:
        """The header that tells a repeated call from a new one."""
        if self.method != "POST" or not getattr(self.view, "creates", False):
            return []
        return [
            OpenApiParameter(
                "Idempotency-Key",
                type={"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
                location=OpenApiParameter.HEADER,
                required=True,
                description="The same key with the same content gets the same answer (Idempotency-Replayed: true).",
            )
        ]

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        found = super()._get_response_bodies(direction)
        problem = self._get_response_for_code(Problem, "default", ["application/problem+json"])
        problem["description"] = "A problem"
        return {**found, "default": problem}


class SignedCallScheme(OpenApiAuthenticationExtension):
    """How a call is signed, for the description."""

    target_class = "bureau.api.admission.SignedCall"
    name = "signature"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """The Authorization header."""
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": f"{SCHEME} Key=…, Timestamp=…, Nonce=…, Signature=… (docs/partners.md)",
        }
