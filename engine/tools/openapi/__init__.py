"""Tools from an OpenAPI document: read once, called through the egress guard."""

from engine.tools.openapi.api_tool import ApiTool
from engine.tools.openapi.authorisation import Authorisation, read_authorisation
from engine.tools.openapi.document import read_document
from engine.tools.openapi.operation import ApiArgument, ApiDocument, ApiOperation, Place

__all__ = [
    "ApiArgument",
    "ApiDocument",
    "ApiOperation",
    "ApiTool",
    "Authorisation",
    "Place",
    "read_authorisation",
    "read_document",
]
