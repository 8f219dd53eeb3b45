"""What schemathesis does beside its own: real ids and files in valid requests, and checks of streams and refusals."""

import json
import os
import re
from collections import defaultdict, deque
from collections.abc import MutableMapping
from typing import Any
from uuid import uuid4

import jsonschema_rs
import schemathesis
from schemathesis.generation.meta import TestPhase
from schemathesis.generation.stateful.control import TransitionController
from schemathesis.transport.serialization import Binary

from tests.contract.files import file_for
from tests.contract.links import parameters_of
from tests.contract.operations import UNKNOWN

# Ids and the person of the workspace that the run's credentials reach, by parameter name; see worlds.py.
KNOWN: dict[str, str] = json.loads(os.environ.get("FUZZ_KNOWN", "{}"))
# Every action that a schema lists is to be tried; and a document that is changed gets another batch.
for _name in ("action", "status", "batch"):
    KNOWN.pop(_name, None)
# In a body, other names than these may stand for something else.
KNOWN_IN_BODIES = tuple(name for name in KNOWN if name.endswith("_id") or name.startswith("embedding_"))
# Other names of the same things.
ALIASES = {
    "original_document_id": "changing_document_id",
    "target_id": "dataset_id",
    "file_ids": "dataset_file_id",
    "X-App-Code": "app_code",
}
# Rules that no schema states: a text holds no U+0000; a part of a form that is JSON can be parsed; a time zone exists;
# which names the members of an object may have.
BEYOND_SCHEMAS = frozenset({"nul", "json", "period", "time_zone", "header"})
# Which `inputs` and files an app takes, whether it hears and speaks, and which actions a person may choose stands in
# the app's own forms and settings, and what an upload is in its bytes.
OF_THE_APP = re.compile(r"inputs\..+|files(\[\d+\])?|speech_to_text|text_to_speech|action")
# What the pipeline may say of any body, whichever operation it is for.
OF_ANY_BODY = frozenset(
    {"bad_request", "invalid_json", "unsupported_media_type", "request_entity_too_large", "not_acceptable"}
)
CHANGES_A_DOCUMENT = re.compile(r"/documents/\{document_id\}(/update[^/]*)?$")
# What a cursor of a list is an id of, by the end of the list's path; elsewhere nothing fits that is known.
CURSORS = {"/conversations": "conversation_id", "/messages": "message_id"}
# What a parameter stands for at some paths: providers of tools, nodes of other types.
AT_PATHS = {
    "/tool-provider/builtin": ("provider", "builtin_tool_provider"),
    "/tool-provider/api": ("provider", "api_tool_provider"),
    "/iteration/nodes/": ("node_id", "iteration_node_id"),
    "/loop/nodes/": ("node_id", "loop_node_id"),
}
# What is deleted by a body.
IN_BODIES = {"deleteWorkflowToolProvider": ("workflow_tool_id", "expendable_workflow_tool_id")}
# A graph that is saved ends the graph that others run, and these variables are what other requests read.
CHANGES_A_DRAFT = frozenset({"saveDraftWorkflow", "deleteDraftVariables", "saveDraftConversationVariables"})
# What may not be done with what there is, whoever asks.
BY_STATE = frozenset({"archived_document_immutable", "already_setup", "already_activate"})
FORM_ACTION = "yes"

_allow_root_transition = TransitionController.allow_root_transition


def _allow_root_without_way_on(control: TransitionController, source: str, bundles: Any) -> bool:
    """Let a chain begin anew where no answer that has come leads anywhere.

    schemathesis 4.32.5 takes the links of every status of an operation for open as soon as one status has come. Where
    links stand under two (a chat's 200 and 202), no step is left, and the run ends in an error about itself.
    """
    leads_on = any(
        bundles.get(f"{link.source.label} -> {link.status_code}")
        and control.allow_transition(link.source.label, link.target.label)
        for transitions in control.transitions.operations.values()
        for link in transitions.incoming
    )
    return _allow_root_transition(control, source, bundles) or not leads_on


TransitionController.allow_root_transition = _allow_root_without_way_on  # type: ignore[method-assign]

MOST_MADE = 20

# What the run has made, by the operationId that a link says can use it: the parameters of that operation.
made: dict[str, deque[dict[str, Any]]] = defaultdict(lambda: deque(maxlen=MOST_MADE))
turns: dict[str, int] = defaultdict(int)
keys_used: set[str] = set()


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Let a valid request meet things that exist; otherwise most would end at a 404 and test nothing.

    What all requests share is never deleted, only what the run itself has made. The stateful phase makes its own.
    """
    meta = case.meta
    if meta is None:
        return
    stateful = meta.phase.name is TestPhase.STATEFUL
    if not meta.generation.mode.is_positive:
        if not stateful:
            _spare_what_is_shared(case)
            case._sync_validated_hashes()
        return
    # It may be an example of the document, which is not to change; nor is the case to count as another one for a copy.
    object.__setattr__(case, "body", _copied(case.body))
    if isinstance(case.body, dict) and "file" in case.body:
        case.body["file"] = Binary(file_for(case.operation.path))
    _use_no_key_twice(case.headers)
    if not stateful:
        _meet_what_exists(case)
        _spare_what_is_shared(case)
    # The request is as valid as before; schemathesis would take every changed body that holds bytes for an invalid one.
    case._sync_validated_hashes()


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    """Remember what a request has made, for the operations that the answer's links name."""
    if not 200 <= response.status_code < 300:
        return
    if case.method == "DELETE":
        _forget({str(value) for value in (case.path_parameters or {}).values()} - {*KNOWN.values()})
    declared = _definition(case)["responses"].get(str(response.status_code), {})
    for link in declared.get("links", {}).values():
        # schemathesis puts links of its own beside ours; they name no operation by its id.
        if "operationId" in link:
            parameters = parameters_of(link, case.path_parameters or {}, case.query or {}, case.body, response)
            if not _shared({name: value for name, value in parameters.items() if name != "user"}):
                made[link["operationId"]].append(parameters)


def _forget(gone: set[str]) -> None:
    """Let go of what was deleted, and of what it held."""
    for parameters in made.values():
        kept = [entry for entry in parameters if not gone & {str(value) for value in entry.values()}]
        parameters.clear()
        parameters.extend(kept)


def _use_no_key_twice(headers: Any) -> None:
    """Let no request be refused, or answered like another, because of the key that a document gives as its example."""
    if (key := (headers or {}).get("Idempotency-Key")) is not None:
        headers["Idempotency-Key"] = str(uuid4()) if key in keys_used else key
        keys_used.add(key)


def _meet_what_exists(case: Any) -> None:
    path, query, headers = case.path_parameters or {}, case.query or {}, case.headers or {}
    user = KNOWN.get("user")
    name = _definition(case)["operationId"]
    own, deletes, known = made[name], case.method == "DELETE", _known(case.operation.path)
    turns[name] += 1
    if name in CHANGES_A_DRAFT and "changing_app_id" in KNOWN:
        path["app_id"] = KNOWN["changing_app_id"]
    elif own and (deletes or turns[name] % 2 or not path.keys() <= known.keys()):
        taken = own.pop() if deletes else own[-1]
        path.update({name: value for name, value in taken.items() if name in path})
        query.update({name: value for name, value in taken.items() if name not in path and name != "user"})
        known, user = {}, taken.get("user", user)
    elif not deletes:
        known = known | _documents(case) | _form(case)
        _fill(path, known)
    for cursor in ("first_id", "last_id"):
        if query.pop(cursor, None) and (listed := CURSORS.get("/" + case.operation.path.rpartition("/")[2])) in known:
            query[cursor] = known[listed]
    _fill(query, known)
    _fill(headers, KNOWN)
    everything = KNOWN | _documents(case)
    _fill(case.body, {name: everything[name] for name in KNOWN_IN_BODIES})
    if "dataset_id" in path and "dataset_file_id" in KNOWN:
        _fill(case.body, {"indexing_technique": "economy", "upload_file_id": KNOWN["dataset_file_id"]})
    if name in IN_BODIES and isinstance(case.body, dict) and (thing := IN_BODIES[name])[1] in KNOWN:
        case.body[thing[0]] = KNOWN[thing[1]]
    if "conversation_id" in path and isinstance(case.body, dict):
        case.body.setdefault("user", user)
    if "form_token" in path and isinstance(case.body, dict) and turns[name] % 2:
        case.body["action"] = FORM_ACTION
    if case.operation.path.endswith("/tool-provider/api/update"):
        _fill(case.body, {name: known["provider"] for name in ("provider", "original_provider") if known})
    for values in (query, case.body):
        if isinstance(values, dict) and "user" in values and user:
            values["user"] = user


@schemathesis.deserializer("application/zip", "audio/*", "text/csv", "text/html")
def as_a_file(context: Any, response: Any) -> str:
    """Return a text in place of a file, of which a schema says no more than that it is one."""
    return str(response.headers["content-type"][0])


@schemathesis.check
def sse_data_conformance(ctx: Any, response: Any, case: Any) -> None:
    """Fail where a `data:` line does not follow the operation's event schema, or a stream names none."""
    if not response.headers.get("content-type", [""])[0].startswith("text/event-stream"):
        return
    media = _definition(case)["responses"][str(response.status_code)]["content"]["text/event-stream"]
    name = media.get("x-event-data")
    assert name, "a text/event-stream response must name its x-event-data schema"
    components = _nullable(case.operation.schema.raw_schema["components"])
    validator = jsonschema_rs.Draft4Validator({"$ref": f"#/components/schemas/{name}", "components": components})
    for block in response.text.split("\n\n"):
        data = "\n".join(line[5:].lstrip() for line in block.splitlines() if line.startswith("data:"))
        if data:
            errors = [str(error.message) for error in validator.iter_errors(json.loads(data))]
            assert not errors, f"{name}: {errors[0]}: {data[:200]}"


@schemathesis.check
def refusals_are_listed(ctx: Any, response: Any, case: Any) -> None:
    """Fail where an operation refuses with a code that it does not list in `x-errors`."""
    # A request with another method is not the operation's.
    if response.status_code < 400 or response.status_code == 405:
        return
    code = response.json()["code"]
    listed = code in OF_ANY_BODY or code in _definition(case)["x-errors"]
    assert listed, f"the operation does not list the code {code} in x-errors"


@schemathesis.check
def valid_request_is_refused_for_a_named_cause(ctx: Any, response: Any, case: Any) -> None:
    """Fail where a request that follows its schema gets a 400 or a 403 without a cause of its own.

    `invalid_param`, which says that a request does not follow its schema, counts only where no schema could have told;
    `forbidden` does not count, since the credentials may do everything.
    """
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code not in (400, 403):
        return
    body = response.json()
    assert response.status_code == 400 or body["code"] in BY_STATE, f"refused as {body['code']}"
    # A link may lead to an operation with the null of an answer.
    if body["code"] == "invalid_param" and not {None, "null"} & {*(case.path_parameters or {}).values()}:
        assert body.get("details"), f"invalid_param without details: {body['message']}"
        for detail in body["details"]:
            beyond = detail["type"] in BEYOND_SCHEMAS or OF_THE_APP.fullmatch(detail["field"]) or _linked(case, detail)
            assert beyond, f"the schema allows what is refused: {detail}"


def _linked(case: Any, detail: dict[str, Any]) -> bool:
    """Tell whether what is refused is an id that schemathesis took from an answer where ids have another form."""
    stateful = case.meta.phase.name is TestPhase.STATEFUL
    return stateful and detail["type"] == "format" and detail["field"] in (case.path_parameters or {})


def _spare_what_is_shared(case: Any) -> None:
    """Let no request delete what the others need; schemathesis fills in ids that it has read in answers."""
    path = case.path_parameters or {}
    if case.method == "DELETE" and _shared(path):
        path.update(dict.fromkeys(list(path)[-1:], UNKNOWN))


def _shared(values: dict[str, Any]) -> bool:
    """Tell whether values name nothing but what all requests share, and what is not there to be changed."""
    named = {item for value in values.values() for item in (value if isinstance(value, list) else [value])}
    return bool(named) and named <= {value for name, value in KNOWN.items() if name != "changing_app_id"}


def _documents(case: Any) -> dict[str, str]:
    """Return the document to act on, where what all requests share would lose its passages or be put away."""
    if case.path_parameters.get("action") == "archive" and "archived_document_id" in KNOWN:
        return {"document_id": KNOWN["archived_document_id"]}
    if case.method != "GET" and CHANGES_A_DOCUMENT.search(case.operation.path) and "changing_document_id" in KNOWN:
        return {"document_id": KNOWN["changing_document_id"]}
    return {}


def _form(case: Any) -> dict[str, str]:
    """Return the form to answer, where what all requests share would be answered and gone."""
    answers = case.method == "POST" and case.operation.path.endswith("/{form_token}")
    return {"form_token": KNOWN["answerable_form_token"]} if answers and "form_token" in KNOWN else {}


def _known(path: str) -> dict[str, str]:
    """Return what is known by the names that the parameters of a path have."""
    return KNOWN | {name: KNOWN[thing] for place, (name, thing) in AT_PATHS.items() if place in path and thing in KNOWN}


def _fill(values: Any, known: dict[str, str]) -> None:
    """Put what is known into every text that is called like it."""
    if isinstance(values, list):
        for value in values:
            _fill(value, known)
    if isinstance(values, MutableMapping):
        for name in list(values):
            if name == "user" or (right := known.get(ALIASES.get(name, name))) is None:
                _fill(values[name], known)
            elif isinstance(values[name], str) and values[name]:
                values[name] = right
            elif isinstance(values[name], list) and values[name]:
                values[name] = [right]
        for name in list(values):
            if name.endswith("_ids") and values[name] and (one := known.get(ALIASES.get(name, name[:-1]))):
                values[name] = [one]


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def _nullable(node: Any) -> Any:
    """Return OpenAPI schemas as JSON Schemas: what is `nullable` may be null."""
    if isinstance(node, list):
        return [_nullable(item) for item in node]
    if not isinstance(node, dict):
        return node
    read = {key: _nullable(value) for key, value in node.items()}
    return {"anyOf": [{"type": "null"}, read]} if read.pop("nullable", None) is True else read


def _definition(case: Any) -> dict[str, Any]:
    document = case.operation.schema.raw_schema
    definition: dict[str, Any] = document["paths"][case.operation.path][case.operation.method.lower()]
    return definition
