"""What every call has in the description of the interface (OpenAPI): its signature, its Idempotency-Key, its problems."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

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


class PartnerSchema(AutoSchema):
    """Every call may answer with a problem; those that change something take an Idempotency-Key."""

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
