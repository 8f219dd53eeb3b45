"""Operations and functions: every difference is told at once."""

from __future__ import annotations

import pytest

from foundation.error_table import error_table
from handlers.pipeline import ContractMismatch, build_app
from handlers.pipeline.resolver import function_name, module_name
from tests.handlers.pipeline.conftest import PACKAGE
from tests.handlers.pipeline.sample.documents import documents
from tests.handlers.pipeline.sample.keys import AUTHENTICATORS


@pytest.mark.parametrize(
    ("operation_id", "function"),
    [("createApiKey", "create_api_key"), ("getOpenAPIDocument", "get_open_api_document"), ("list", "list")],
)
def test_an_operation_id_names_its_function(operation_id: str, function: str) -> None:
    assert function_name(operation_id) == function


def test_a_tag_names_its_module() -> None:
    assert module_name("API Keys") == "api_keys"


def test_start_up_lists_all_differences() -> None:
    found = documents()
    paths = found["service"]["paths"]
    paths["/items"]["get"]["operationId"] = "listThings"
    del paths["/cached"]
    paths["/shapes"]["post"]["parameters"] = [{"name": "q", "in": "query", "schema": {"type": "string"}}]
    del paths["/items/{item_id}"]["parameters"]
    with pytest.raises(ContractMismatch) as caught:
        build_app(found, None, AUTHENTICATORS, error_table(), strict=True, package=PACKAGE)  # type: ignore[arg-type]
    text = str(caught.value)
    assert "there is no `async def list_things`" in text
    assert "items.list_items: no operation" in text
    assert "caching.get_cached: no operation" in text
    assert "does not take `q`" in text
    assert "needs the argument `item_id`" in text
