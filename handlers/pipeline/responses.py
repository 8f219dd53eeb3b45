"""Answers against the document: status, media type and body, before they are sent."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jsonschema_rs
import orjson

from handlers.pipeline.document import Document
from handlers.pipeline.messages import body_details
from handlers.pipeline.schemas import Schemas

JSON = "application/json"
DUMP = orjson.OPT_UTC_Z

log = logging.getLogger("parley.contract")


@dataclass(slots=True)
class Declared:
    """What the document says about one status of an operation; media types by name, None for no schema."""

    media: dict[str, jsonschema_rs.Draft202012Validator | None] = field(default_factory=dict)


class Responses:
    """The answers that one operation may give.

    Attributes:
        event_validator: checks the events of a stream.
        success: the status of a plain answer.
        takes_null: whether a plain answer may be the JSON `null`; otherwise nothing returned means no content.
    """

    def __init__(self, document: Document, schemas: Schemas, operation: Mapping[str, Any]) -> None:
        self._declared: dict[str, Declared] = {}
        self._by_status: dict[int, Declared | None] = {}
        self.event_validator: jsonschema_rs.Draft202012Validator | None = None
        for status, response in operation.get("responses", {}).items():
            declared = self._declared[str(status)] = Declared()
            for media_type, content in document.follow(response).get("content", {}).items():
                low = media_type.lower().partition(";")[0].strip()
                schema = content.get("schema")
                is_json = low == JSON or low.endswith("+json")
                declared.media[low] = schemas.validator(schema, "response") if schema and is_json else None
                event = content.get("x-event-data") or operation.get("x-event-data")
                if low == "text/event-stream" and event:
                    reference = {"$ref": f"#/components/schemas/{event}"}
                    self.event_validator = schemas.validator(reference, "response")
        successes = sorted(s for s in self._declared if s.startswith("2") and s.isdigit())
        self.success = int(successes[0]) if successes else 200
        said = self._declared.get(str(self.success), Declared()).media
        self._media_of_success = next(iter(said), JSON)
        validator = said.get(JSON)
        self.takes_null = validator is not None and validator.is_valid(None)

    def declares(self, status: int) -> bool:
        """Whether the document lists the status, its class (`4XX`) or a default."""
        return self._find(status) is not None

    def media_type(self, status: int) -> str:
        """Return the first media type that the document lists for a status, JSON where it lists none."""
        if status == self.success:
            return self._media_of_success
        declared = self._find(status)
        return next(iter(declared.media), JSON) if declared else JSON

    def serialise(self, status: int, body: Any) -> tuple[bytes, str | None]:
        """Check a JSON answer and write it out.

        Args:
            status: its status.
            body: its value.

        Returns:
            The bytes, and what is wrong with it or None.

        Raises:
            TypeError: when the value cannot be written as JSON.
        """
        declared = self._find(status)
        if declared is None:
            return orjson.dumps(body, option=DUMP), f"the status {status} is not declared"
        if JSON not in declared.media:
            return orjson.dumps(body, option=DUMP), f"{JSON} is not declared for the status {status}"
        validator = declared.media[JSON]
        if validator is None:
            return orjson.dumps(body, option=DUMP), None
        try:
            valid = validator.is_valid(body)
        except ValueError:
            written = orjson.dumps(body, option=DUMP | orjson.OPT_NON_STR_KEYS)
            return written, _breach(validator, orjson.loads(written))
        return orjson.dumps(body, option=DUMP), None if valid else _breach(validator, body)

    def check_media(self, status: int, media_type: str | None) -> str | None:
        """Tell what is wrong with an answer whose content is not looked at, or None.

        Args:
            status: its status.
            media_type: its media type, None for an empty answer.
        """
        declared = self._find(status)
        if declared is None:
            return f"the status {status} is not declared"
        if media_type is None:
            return f"the status {status} needs content" if declared.media and status not in (204, 304) else None
        low = media_type.lower().partition(";")[0].strip()
        main = low.partition("/")[0]
        if low in declared.media or f"{main}/*" in declared.media or "*/*" in declared.media:
            return None
        return f"{low} is not declared for the status {status}"

    def check_event(self, payload: bytes) -> str | None:
        """Tell what is wrong with one event of a stream, or None."""
        if self.event_validator is None:
            return None
        try:
            return _breach(self.event_validator, orjson.loads(payload))
        except orjson.JSONDecodeError:
            return "an event is not JSON"

    def _find(self, status: int) -> Declared | None:
        if status not in self._by_status:
            exact = self._declared.get(str(status))
            family = self._declared.get(f"{status // 100}XX")
            self._by_status[status] = exact or family or self._declared.get("default")
        return self._by_status[status]


def _breach(validator: jsonschema_rs.Draft202012Validator, body: Any) -> str | None:
    details = body_details(validator, body)
    if not details:
        return None
    return "; ".join(f"{d['field']}: {d['message']}" for d in details[:10])
