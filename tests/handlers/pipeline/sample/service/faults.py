"""Handlers of the tag Faults."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import redis.exceptions
from sqlalchemy.exc import OperationalError

from foundation.errors import ApiError
from handlers.call import Call
from handlers.replies import Reply

ID = "0193f0a2-6d1c-7c5e-9a57-2f0d6c6f0c01"


async def get_broken(call: Call, *, how: str) -> Any:
    match how:
        case "crash":
            raise RuntimeError("the inside of the server")
        case "database":
            raise OperationalError("SELECT inside", {}, OSError("inside"))
        case "redis":
            raise redis.exceptions.ConnectionError("inside")
        case "body":
            return {"id": 5}
        case "status":
            return Reply({"id": ID}, status=202)
        case "code":
            raise ApiError("no_such_code", "…")
        case "undeclared":
            raise ApiError("not_found", "…")
        case "uuid":
            return {"id": UUID(ID)}
        case "cookies":
            return Reply({"id": ID}, headers=[("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Name", "名")])
        case _:
            return {"id": ID}
