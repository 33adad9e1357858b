"""The partners' door under /api/v1/: signed calls, strict JSON, problems of RFC 9457, the same answer to the same call."""
