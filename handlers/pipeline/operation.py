"""One operation, compiled: everything about it that does not depend on the request."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connexion.operations import AbstractOperation

from foundation.errors import ApiError, ErrorDetail
from handlers.call import Tier
from handlers.pipeline.body import Body, BodyLimits, ReadBody
from handlers.pipeline.caching import CachePolicy, cache_policy
from handlers.pipeline.document import Document
from handlers.pipeline.messages import summary
from handlers.pipeline.parameters import Parameters, argument_name
from handlers.pipeline.resolver import Handler
from handlers.pipeline.responses import Responses
from handlers.pipeline.schemas import Schemas
from handlers.pipeline.security import Authenticator, Refusal, Security

IDEMPOTENCY_HEADER = "idempotency-key"


@dataclass(frozen=True, slots=True)
class TierContext:
    """What all operations of a tier are compiled with."""

    tier: Tier
    document: Document
    schemas: Schemas
    authenticators: Mapping[str, Authenticator]
    limits: BodyLimits
    renamed: Mapping[tuple[str, str], Mapping[str, str]]
    refusal: Refusal | None


class Operation:
    """One operation of a tier."""

    def __init__(self, context: TierContext, operation: AbstractOperation) -> None:
        path, method = operation.path, operation.method
        document, schemas = context.document, context.schemas
        declared = document.operation(path, method)
        self.name: str = operation.operation_id
        self.tier: Tier = context.tier
        self.function: Handler = operation.function
        self.method = method.upper()
        self.parameters = Parameters(schemas, document.parameters(path, method), path)
        self.security = Security(document, path, method, context.authenticators, context.refusal)
        self.body: Body | None = None
        if "requestBody" in declared:
            limit = declared.get("x-max-body-bytes")
            codes = declared.get("x-errors", ())
            self.body = Body(document, schemas, declared["requestBody"], context.limits, limit, codes)
        self.responses = Responses(document, schemas, declared)
        self.cache: CachePolicy | None = cache_policy(declared)
        self.is_deprecated = bool(declared.get("deprecated"))
        self.is_idempotent = any(p.name.lower() == IDEMPOTENCY_HEADER for p in self.parameters.all)
        self._codes: Mapping[str, str] = declared.get("x-error-codes", {})
        self.keeps_secret = bool(declared.get("x-secret-response"))
        self._renamed = context.renamed.get((path, method), {})
        parameters = list(inspect.signature(self.function).parameters.values())[1:]
        self._takes_all = any(p.kind is p.VAR_KEYWORD for p in parameters)
        self._takes = frozenset(p.name for p in parameters if p.kind is not p.VAR_KEYWORD)
        offered = {p.argument for p in self.parameters.all}
        self._passes_as_is = self._takes_all or (offered <= self._takes and not self._renamed)

    def arguments(self, values: dict[str, Any], body: ReadBody) -> dict[str, Any]:
        """Return what the function is called with.

        Args:
            values: the parameters by argument name.
            body: the body; a form's parts become arguments by their names, anything else is `body`.
        """
        arguments = values if self._passes_as_is else self._chosen(values)
        if body.form is not None:
            self._add_form(arguments, body.form.values)
        elif body.present and (self._takes_all or "body" in self._takes):
            arguments["body"] = body.value
        return arguments

    def refusal(self, errors: Sequence[ErrorDetail]) -> ApiError:
        """Return the error of a request whose fields are wrong.

        Its code is `invalid_param`, or the one that the operation's `x-error-codes` gives to the first fault
        (`<field>.<type>`) that it names.
        """
        named = (self._codes.get(f"{error['field']}.{error['type']}") for error in errors)
        code = next((code for code in named if code), "invalid_param")
        return ApiError(code, summary(errors), details=errors)

    def _chosen(self, values: Mapping[str, Any]) -> dict[str, Any]:
        renamed = ((self._renamed.get(name, name), value) for name, value in values.items())
        return {name: value for name, value in renamed if self._takes_all or name in self._takes}

    def _add_form(self, arguments: dict[str, Any], parts: Mapping[str, Any]) -> None:
        named = {argument_name(name): value for name, value in parts.items()}
        named = {self._renamed.get(name, name): value for name, value in named.items()}
        if self._takes_all:
            arguments |= named
            return
        taken = {name: value for name, value in named.items() if name in self._takes and name not in arguments}
        if "body" in self._takes and not taken:
            arguments["body"] = dict(parts)
        arguments |= taken
