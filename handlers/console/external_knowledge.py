"""Knowledge bases that are kept elsewhere, and the APIs that search them."""

from __future__ import annotations

from handlers import external_knowledge
from handlers.call import Call
from handlers.contract import schemas


async def list_external_knowledge_apis(
    call: Call, *, page: int = 1, limit: int = 20, keyword: str | None = None
) -> schemas.ExternalKnowledgeApiList:
    """List the external knowledge APIs."""
    return await external_knowledge.list_apis(call, page, limit, keyword)


async def create_external_knowledge_api(
    call: Call, *, body: schemas.ExternalKnowledgeApiRequest
) -> schemas.ExternalKnowledgeApi:
    """Connect an external knowledge API."""
    return await external_knowledge.create_api(call, body)


async def get_external_knowledge_api(call: Call, *, external_knowledge_api_id: str) -> schemas.ExternalKnowledgeApi:
    """Get an external knowledge API."""
    return await external_knowledge.get_api(call, external_knowledge_api_id)


async def update_external_knowledge_api(
    call: Call, *, external_knowledge_api_id: str, body: schemas.ExternalKnowledgeApiRequest
) -> schemas.ExternalKnowledgeApi:
    """Change an external knowledge API."""
    return await external_knowledge.update_api(call, external_knowledge_api_id, body)


async def delete_external_knowledge_api(call: Call, *, external_knowledge_api_id: str) -> None:
    """Forget an external knowledge API."""
    await external_knowledge.delete_api(call, external_knowledge_api_id)


async def check_external_knowledge_api_use(
    call: Call, *, external_knowledge_api_id: str
) -> schemas.ExternalKnowledgeApiUse:
    """Tell whether datasets use an external knowledge API."""
    return await external_knowledge.use_of_api(call, external_knowledge_api_id)


async def create_external_dataset(call: Call, *, body: schemas.ExternalDatasetCreate) -> schemas.Dataset:
    """Make a knowledge base that is kept elsewhere."""
    return await external_knowledge.create_dataset(call, body)


async def test_external_retrieval(
    call: Call, *, dataset_id: str, body: schemas.ExternalRetrieveRequest
) -> schemas.ExternalRetrieveAnswer:
    """Search a knowledge base that is kept elsewhere."""
    return await external_knowledge.search(call, dataset_id, body)
