"""The request pipeline: from bytes to a handler's typed call, and from its result to bytes.

`build_app` puts it together; every other module is one concern of the chain.
"""

from handlers.pipeline.assembly import BASE_PATHS, build_app
from handlers.pipeline.body import BodyLimits
from handlers.pipeline.cors import CorsRule, default_rules
from handlers.pipeline.measurements import Measurements
from handlers.pipeline.resolver import ContractMismatch, resolve_tier
from handlers.pipeline.security import Authenticator

__all__ = [
    "BASE_PATHS",
    "Authenticator",
    "BodyLimits",
    "ContractMismatch",
    "CorsRule",
    "Measurements",
    "build_app",
    "default_rules",
    "resolve_tier",
]
