"""The main job with the generated Python libraries: sign in, make an app and a key, ask, list, read an error.

PARLEY_URL=http://127.0.0.1:5001 PARLEY_EMAIL=… PARLEY_PASSWORD=… PYTHONPATH=build/clients/python \\
    .venv/clients/bin/python clients/python/smoke.py
"""

from __future__ import annotations

import json
import os
from uuid import UUID

import parley_console as console
import parley_service as service
import parley_web as web
from parley_console.api.api_keys import create_app_api_key
from parley_console.api.apps import create_app
from parley_console.api.authentication import login
from parley_console.models import AppCreateRequest, LoginRequest
from parley_service.api.chat import create_chat_message
from parley_service.api.conversations import list_conversations
from parley_service.api.messages import list_messages
from parley_service.models import ChatRequest, ErrorBody
from parley_web.api.application import get_app_parameters


def main() -> None:
    """Do the job; an assertion tells what went wrong."""
    url = os.environ["PARLEY_URL"]
    anonymous = console.Client(f"{url}/console/api")
    account = LoginRequest(email=os.environ["PARLEY_EMAIL"], password=os.environ["PARLEY_PASSWORD"])
    session = login.sync(client=anonymous, body=account)
    owner = console.AuthenticatedClient(f"{url}/console/api", token=session.data.access_token)
    app = create_app.sync(client=owner, body=AppCreateRequest(name="Python smoke", mode="chat"))
    key = create_app_api_key.sync(client=owner, app_id=app.id, body=None)

    partner = service.AuthenticatedClient(f"{url}/v1", token=key.token)
    question = ChatRequest.from_dict({"inputs": {}, "query": "Hello?", "user": "ada", "response_mode": "blocking"})
    answer = create_chat_message.sync(client=partner, body=question)
    assert answer.answer, answer
    listed = list_conversations.sync(client=partner, user="ada", limit=5)
    assert [item.id for item in listed.data] == [answer.conversation_id], listed

    question.response_mode = "streaming"
    names = []
    with partner.get_httpx_client().stream("POST", "/chat-messages", json=question.to_dict()) as stream:
        for line in stream.iter_lines():
            if line.startswith("data: "):
                names.append(json.loads(line[6:])["event"])
    assert names[-1] == "message_end", names

    missing = list_messages.sync(client=partner, user="ada", conversation_id=UUID(int=0))
    assert isinstance(missing, ErrorBody), missing
    assert missing.status == 404, missing
    refused = get_app_parameters.sync_detailed(client=web.Client(f"{url}/api"))
    assert refused.status_code == 401, refused
    print(f"Python: {len(names)} events, {answer.metadata.usage.total_tokens} tokens")


if __name__ == "__main__":
    main()
