"""A client library of the real system works as it is, but for its address."""

from collections.abc import Callable

import httpx2
import pytest
from dify_client import ChatClient, CompletionClient
from dify_client.client import DifyClient

from tests.journeys.program import Program
from tests.journeys.resources import create_app, create_app_key

Connect = Callable[[type[DifyClient], str], DifyClient]


@pytest.fixture
def connect(program: Program, console: httpx2.Client) -> Connect:
    """Make a client of the library, with a key to a new app of a mode."""

    def made(kind: type[DifyClient], mode: str) -> DifyClient:
        client = kind(create_app_key(console, create_app(console, mode=mode)))
        client.base_url = f"{program.url}/v1"
        return client

    return made


def test_a_chat_is_held_and_renamed(connect: Connect) -> None:
    client = connect(ChatClient, "chat")
    assert isinstance(client, ChatClient)
    answer = client.create_chat_message(inputs={}, query="Hello?", user="ada", response_mode="blocking")
    assert answer.status_code == 200, answer.text
    conversation_id = answer.json()["conversation_id"]
    streamed = client.create_chat_message(
        inputs={}, query="And now?", user="ada", response_mode="streaming", conversation_id=conversation_id
    )
    lines = [line for line in streamed.iter_lines(decode_unicode=True) if line]
    assert all(line.startswith(("data:", "event: ping")) for line in lines)
    messages = client.get_conversation_messages(user="ada", conversation_id=conversation_id).json()["data"]
    assert [message["query"] for message in messages] == ["Hello?", "And now?"]
    renamed = client.rename_conversation(conversation_id, "Greetings", "ada")
    assert renamed.status_code == 200
    conversations = client.get_conversations(user="ada").json()["data"]
    assert [conversation["name"] for conversation in conversations] == ["Greetings"]


def test_a_completion_is_asked_for(connect: Connect) -> None:
    client = connect(CompletionClient, "completion")
    assert isinstance(client, CompletionClient)
    answer = client.create_completion_message(inputs={"query": "Say hello"}, response_mode="blocking", user="ada")
    assert answer.status_code == 200, answer.text
    assert answer.json()["event"] == "message"


def test_parameters_and_files(connect: Connect) -> None:
    client = connect(ChatClient, "chat")
    parameters = client.get_application_parameters(user="ada")
    assert parameters.status_code == 200, parameters.text
    assert "user_input_form" in parameters.json()
    uploaded = client.file_upload("ada", {"file": ("note.txt", b"hello", "text/plain")})
    assert uploaded.status_code == 201, uploaded.text
