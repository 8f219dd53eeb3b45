"""dify-oapi, a client library that others wrote for the real system, works as it is, but for its address.

Its answers are pydantic models, so that a field of another type than the real system's fails here.
"""

import json
from io import BytesIO
from uuid import uuid4

import httpx2
import pytest
from dify_oapi.api.chat.v1.model.chat_request import ChatRequest
from dify_oapi.api.chat.v1.model.chat_request_body import ChatRequestBody
from dify_oapi.api.chat.v1.model.delete_conversation_request import DeleteConversationRequest
from dify_oapi.api.chat.v1.model.delete_conversation_request_body import DeleteConversationRequestBody
from dify_oapi.api.chat.v1.model.get_conversation_list_request import GetConversationListRequest
from dify_oapi.api.chat.v1.model.message_history_request import MessageHistoryRequest
from dify_oapi.api.dify.v1.model.get_info_request import GetInfoRequest
from dify_oapi.api.dify.v1.model.get_meta_request import GetMetaRequest
from dify_oapi.api.dify.v1.model.get_parameter_request import GetParameterRequest
from dify_oapi.api.knowledge_base.v1.model.create_dataset_request import CreateDatasetRequest
from dify_oapi.api.knowledge_base.v1.model.create_dataset_request_body import CreateDatasetRequestBody
from dify_oapi.api.knowledge_base.v1.model.create_document_by_file_request import CreateDocumentByFileRequest
from dify_oapi.api.knowledge_base.v1.model.create_document_by_file_request_body import CreateDocumentByFileRequestBody
from dify_oapi.api.knowledge_base.v1.model.create_document_by_file_request_body_data import (
    CreateDocumentByFileRequestBodyData,
)
from dify_oapi.api.knowledge_base.v1.model.create_document_by_text_request import CreateDocumentByTextRequest
from dify_oapi.api.knowledge_base.v1.model.create_document_by_text_request_body import CreateDocumentByTextRequestBody
from dify_oapi.api.knowledge_base.v1.model.delete_dataset_request import DeleteDatasetRequest
from dify_oapi.api.knowledge_base.v1.model.document_request_process_rule import DocumentRequestProcessRule
from dify_oapi.api.knowledge_base.v1.model.hit_test_request import HitTestRequest
from dify_oapi.api.knowledge_base.v1.model.hit_test_request_body import HitTestRequestBody
from dify_oapi.api.knowledge_base.v1.model.list_dataset_request import ListDatasetRequest
from dify_oapi.api.knowledge_base.v1.model.list_document_request import ListDocumentRequest
from dify_oapi.client import Client
from dify_oapi.core.model.base_response import BaseResponse
from dify_oapi.core.model.request_option import RequestOption

from tests.journeys.program import Program
from tests.journeys.resources import await_indexing, create_app_key, create_knowledge_key

TEXT = "The Meridian kettle is guaranteed for thirty months."


@pytest.fixture
def client(program: Program) -> Client:
    return Client.builder().domain(program.url).build()


@pytest.fixture
def app_option(console: httpx2.Client, app_id: str) -> RequestOption:
    return RequestOption.builder().api_key(create_app_key(console, app_id)).build()


@pytest.fixture
def knowledge_option(console: httpx2.Client) -> RequestOption:
    return RequestOption.builder().api_key(create_knowledge_key(console)).build()


def succeeded(response: BaseResponse) -> None:
    assert response.success, (response.code, response.raw and response.raw.content)


def ask(mode: str, user: str, conversation_id: str = "") -> ChatRequest:
    body = ChatRequestBody.builder().inputs({}).query("Hello?").response_mode(mode).user(user)
    return ChatRequest.builder().request_body(body.conversation_id(conversation_id).build()).build()


def test_a_conversation_from_its_first_question_to_its_end(client: Client, app_option: RequestOption) -> None:
    user = f"ada-{uuid4().hex[:6]}"
    answer = client.chat.v1.chat.chat(ask("blocking", user), app_option, False)
    succeeded(answer)
    assert answer.answer
    assert answer.metadata.usage["total_tokens"] > 0
    chunks = client.chat.v1.chat.chat(ask("streaming", user, answer.conversation_id), app_option, True)
    lines = b"".join(chunks).decode().split("\n\n")
    names = [json.loads(line[6:])["event"] for line in lines if line.startswith("data: ")]
    assert names[0] == "message"
    assert names[-1] == "message_end"
    history = MessageHistoryRequest.builder().conversation_id(answer.conversation_id).user(user).build()
    messages = client.chat.v1.message.history(history, app_option)
    succeeded(messages)
    assert [message["query"] for message in messages.data] == ["Hello?", "Hello?"]
    conversations = client.chat.v1.conversation.list(
        GetConversationListRequest.builder().user(user).limit(5).build(), app_option
    )
    succeeded(conversations)
    assert [conversation.id for conversation in conversations.data] == [answer.conversation_id]
    body = DeleteConversationRequestBody.builder().user(user).build()
    gone = DeleteConversationRequest.builder().conversation_id(answer.conversation_id).request_body(body).build()
    succeeded(client.chat.v1.conversation.delete(gone, app_option))


def test_what_the_app_says_of_itself(client: Client, app_option: RequestOption) -> None:
    succeeded(client.dify.v1.info.get(GetInfoRequest.builder().user("ada").build(), app_option))
    succeeded(client.dify.v1.meta.get(GetMetaRequest.builder().user("ada").build(), app_option))
    succeeded(client.dify.v1.parameter.get(GetParameterRequest.builder().user("ada").build(), app_option))


def test_knowledge_is_filled_and_found(
    client: Client, knowledge_option: RequestOption, knowledge_client: httpx2.Client
) -> None:
    knowledge = client.knowledge_base.v1
    body = CreateDatasetRequestBody.builder().name(f"Kettles {uuid4().hex[:6]}").permission("only_me").build()
    dataset = knowledge.dataset.create(CreateDatasetRequest.builder().request_body(body).build(), knowledge_option)
    succeeded(dataset)
    rule = DocumentRequestProcessRule.builder().mode("automatic").build()
    text = CreateDocumentByTextRequestBody.builder().name("note").text(TEXT).indexing_technique("economy")
    by_text = CreateDocumentByTextRequest.builder().dataset_id(dataset.id)
    created = knowledge.document.create_by_text(
        by_text.request_body(text.process_rule(rule).build()).build(), knowledge_option
    )
    succeeded(created)
    data = CreateDocumentByFileRequestBodyData.builder().indexing_technique("economy").process_rule(rule).build()
    form = CreateDocumentByFileRequestBody.builder().data(data).build()
    by_file = CreateDocumentByFileRequest.builder().dataset_id(dataset.id).request_body(form)
    uploaded = knowledge.document.create_by_file(
        by_file.file(BytesIO(b"Spouts are cleaned with vinegar."), "spout.txt").build(), knowledge_option
    )
    succeeded(uploaded)
    for batch in (created.batch, uploaded.batch):
        assert await_indexing(knowledge_client, dataset.id, batch)["indexing_status"] == "completed"
    listed = knowledge.document.list(ListDocumentRequest.builder().dataset_id(dataset.id).build(), knowledge_option)
    succeeded(listed)
    assert {document.name for document in listed.data} == {"note", "spout.txt"}
    question = HitTestRequestBody.builder().query("guaranteed kettle").build()
    found = knowledge.dataset.hit_test(
        HitTestRequest.builder().dataset_id(dataset.id).request_body(question).build(), knowledge_option
    )
    succeeded(found)
    assert "thirty months" in found.records[0].segment.content
    datasets = knowledge.dataset.list(ListDatasetRequest.builder().page(1).limit(50).build(), knowledge_option)
    succeeded(datasets)
    assert dataset.id in [item.id for item in datasets.data]
    succeeded(knowledge.dataset.delete(DeleteDatasetRequest.builder().dataset_id(dataset.id).build(), knowledge_option))
