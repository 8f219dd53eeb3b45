"""The main job against a running server: sign in, upload, watch the indexing, create an app and a key, ask.

Every request is printed as a curl line that a person can paste.
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from parley.demo_files import demo_files
from parley.transcript import Transcript

STAGES = ("waiting", "parsing", "cleaning", "splitting", "indexing", "completed")
POLL_SECONDS = 0.3
START_SECONDS = 30.0
INDEXING_RULE = {"indexing_technique": "high_quality", "process_rule": {"mode": "automatic"}}

Json = dict[str, Any]


class DemoError(Exception):
    """The server refused a step, or a document could not be indexed; the message says which and why."""


def run(url: str, email: str, password: str, question: str, folder: Path, init_password: str = "") -> None:
    """Run the main job and print it; a refusal ends the process with the server's words.

    Args:
        url: where the server is, without a slash at the end.
        email: the owner's, created when the server has none.
        password: the owner's.
        question: what to ask the app.
        folder: where the sample files are written, for the curl lines to find.
        init_password: what a server without an owner asks for first, where its operator wants it so.

    Raises:
        SystemExit: a step did not succeed, or nothing serves at `url`.
    """
    try:
        Demonstration(url, email, password, question, folder, init_password).run()
    except DemoError as error:
        raise SystemExit(str(error)) from None
    except httpx2.TransportError as error:
        raise SystemExit(f"The connection to {url} broke ({error}). Does `make run` still go on?") from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


class Demonstration:
    """One run of the main job; the arguments are those of `run`."""

    def __init__(
        self, url: str, email: str, password: str, question: str, folder: Path, init_password: str = ""
    ) -> None:
        self.url = url
        self.email = email
        self.password = password
        self.question = question
        self.folder = folder
        self.init_password = init_password
        self.console = Console()
        self.http = httpx2.Client(base_url=url, timeout=120, trust_env=False)
        self.token = ""

    def run(self) -> None:
        """Do the job from the first request to the last word of the answer.

        Raises:
            DemoError: a step did not succeed.
        """
        with self.http:
            self.await_server()
            self.transcript = Transcript(self.console, self.url)
            self.sign_in()
            dataset = self.upload()
            key = self.create_app(dataset)
            conversation = self.ask(key)
            self.say_what_is_next(conversation)

    def await_server(self) -> None:
        """Give a server that is just starting the time to do so.

        Raises:
            DemoError: nothing serves there.
        """
        deadline = time.monotonic() + START_SECONDS
        with self.console.status(f"Waiting for {self.url}; start it with `make run` in another terminal"):
            while not self.is_ready():
                if time.monotonic() > deadline:
                    raise DemoError(f"Nothing serves at {self.url}. Start the program with `make run`, or pass --url.")
                time.sleep(POLL_SECONDS)

    def is_ready(self) -> bool:
        """Tell whether the server says that it can serve."""
        try:
            return self.http.get("/readyz").is_success
        except httpx2.TransportError:
            return False

    def sign_in(self) -> None:
        """Create the owner on a fresh server, then sign in."""
        self.transcript.step("Sign in to the Console API; a fresh server has no owner yet")
        self.transcript.learn("PASSWORD", self.password)
        if self.call("GET", "/console/api/setup")["step"] == "not_started":
            self.create_owner()
        account = {"email": self.email, "password": self.password}
        self.transcript.request("POST", f"{self.url}/console/api/login", body=account)
        answer = self.http.post("/console/api/login", json=account)
        if answer.status_code == 401:
            raise DemoError(
                f"This server's owner is not {self.email} with that password. Say who you are: "
                "make demo ARGS='--email … --password …'"
            )
        self.token = self.read(answer)["data"]["access_token"]
        self.transcript.learn("TOKEN", self.token)

    def create_owner(self) -> None:
        """Become the owner of a fresh server, with the initial password where it asks for one."""
        cookie = ""
        if self.http.get("/console/api/init").json()["status"] == "not_started":
            cookie = self.give_init_password()
        owner = {"email": self.email, "name": "Owner", "password": self.password}
        self.transcript.request("POST", f"{self.url}/console/api/setup", cookie=cookie, body=owner)
        self.read(self.http.post("/console/api/setup", json=owner))

    def give_init_password(self) -> str:
        """Give the initial password and return the cookie that the server sets.

        Raises:
            DemoError: it is not the server's.
        """
        if self.init_password:
            self.transcript.learn("INIT_PASSWORD", self.init_password, typed='"$PARLEY_INIT_PASSWORD"')
        given = {"password": self.init_password}
        self.transcript.request("POST", f"{self.url}/console/api/init", body=given)
        answer = self.http.post("/console/api/init", json=given)
        if answer.status_code == 401:
            raise DemoError(
                "This server asks for its initial password. Set PARLEY_INIT_PASSWORD here as it is set there."
            )
        self.read(answer)
        cookie = answer.headers["set-cookie"].partition(";")[0]
        self.transcript.learn("COOKIE", cookie)
        return cookie

    def upload(self) -> str:
        """Upload the files to a new knowledge base, watch the workers until each is indexed, and return its id."""
        self.transcript.step("Create a knowledge base and upload a PDF, a DOCX and a Markdown file")
        name = f"Demo handbook {int(time.time())}"
        self.transcript.learn("NAME", name, typed='"Demo handbook $(date +%s)"')
        dataset = self.console_call("POST", "/datasets", {"name": name})["id"]
        self.transcript.learn("DATASET", dataset)
        self.transcript.learn("FILES", str(self.folder))
        self.folder.mkdir(parents=True, exist_ok=True)
        path, rule = f"/console/api/datasets/{dataset}", json.dumps(INDEXING_RULE)
        batches = {}
        for name, (content, media_type) in demo_files().items():
            file = self.folder / name
            file.write_bytes(content)
            address = f"{path}/document/create_by_file"
            form = {"data": rule, "file": f"@{file}"}
            self.transcript.request("POST", self.url + address, credential=self.token, form=form)
            parts = {"file": (name, content, media_type)}
            answer = self.http.post(address, data={"data": rule}, files=parts, headers=self.headers())
            batches[name] = self.read(answer)["batch"]
        self.transcript.step("Watch the workers index them")
        self.transcript.learn("BATCH", next(iter(batches.values())))
        first = f"{self.url}{path}/batch/{next(iter(batches.values()))}/indexing-status"
        self.transcript.request("GET", first, credential=self.token)
        self.watch(path, batches)
        return str(dataset)

    def watch(self, path: str, batches: dict[str, str]) -> None:
        """Show a bar for each document until all are indexed.

        Raises:
            DemoError: one could not be indexed.
        """
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[state]}"))
        with Progress(*columns, TimeElapsedColumn(), console=self.console) as bar:
            rows = {name: bar.add_task(name, total=len(STAGES) - 1, state="waiting") for name in batches}
            while True:
                for name, batch in batches.items():
                    if bar.tasks[rows[name]].finished:
                        continue
                    answer = self.http.get(f"{path}/batch/{batch}/indexing-status", headers=self.headers())
                    status = self.read(answer)["data"][0]
                    state = status["indexing_status"]
                    if state == "error":
                        raise DemoError(f"{name} could not be indexed: {status['error']}")
                    if state in STAGES:
                        bar.update(rows[name], completed=STAGES.index(state), state=state)
                if bar.finished:
                    return
                time.sleep(POLL_SECONDS)

    def create_app(self, dataset: str) -> str:
        """Create a chat app on the knowledge base and return the secret of a key to it."""
        self.transcript.step("Create a chat app on that knowledge, and an API key")
        app = self.console_call("POST", "/apps", {"name": "Demo assistant", "mode": "chat"})["id"]
        self.transcript.learn("APP", app)
        configuration = {
            "pre_prompt": "Answer from the handbook and name the document.",
            "dataset_configs": {
                "retrieval_model": "multiple",
                "top_k": 3,
                "datasets": {"datasets": [{"dataset": {"id": dataset, "enabled": True}}]},
            },
            "retriever_resource": {"enabled": True},
        }
        self.console_call("POST", f"/apps/{app}/model-config", configuration)
        key = str(self.console_call("POST", f"/apps/{app}/api-keys", None)["token"])
        self.transcript.learn("KEY", key)
        return key

    def ask(self, key: str) -> str:
        """Ask the app, print the answer as it streams, then its sources, and return the conversation's id."""
        self.transcript.step("Ask, as a partner's back end would: the Service API, with the key")
        self.token, conversation = key, ""
        request = {"inputs": {}, "query": self.question, "response_mode": "streaming", "user": "demo"}
        self.transcript.request("POST", f"{self.url}/v1/chat-messages", credential=key, body=request)
        self.console.print()
        with self.http.stream("POST", "/v1/chat-messages", json=request, headers=self.headers()) as answer:
            if answer.status_code != 200:
                answer.read()
                self.read(answer)
            for event in events(answer.iter_lines()):
                if event["event"] == "message":
                    conversation = event["conversation_id"]
                    self.console.print(event["answer"], end="", markup=False, highlight=False, soft_wrap=True)
                elif event["event"] == "error":
                    raise DemoError(event["message"])
                elif event["event"] == "message_end":
                    self.console.print("\n")
                    self.show_sources(event["metadata"].get("retriever_resources") or [])
        return conversation

    def show_sources(self, resources: list[Json]) -> None:
        """Print what the answer rests on."""
        for resource in resources:
            line = f"  source {resource['position']}: {resource['document_name']} (score {resource['score']:.2f})"
            self.console.print(line, markup=False, highlight=False)

    def say_what_is_next(self, conversation: str) -> None:
        """Print the next question of the same conversation, and where to read on."""
        self.transcript.step("Go on: paste this into a shell that has the variables above")
        self.transcript.learn("CONVERSATION", conversation)
        request = {
            "inputs": {},
            "query": "When do parcels to the Faroe Islands leave?",
            "response_mode": "streaming",
            "user": "demo",
            "conversation_id": conversation,
        }
        self.transcript.request("POST", f"{self.url}/v1/chat-messages", credential=self.token, body=request)
        for name, text in (
            ("another question", "make demo ARGS='--question \"How long can unused goods be returned?\"'"),
            ("a real model", "OPENAI_API_KEY=sk-… make run   (or LLM_URL=… LLM_MODEL=…; see README.md)"),
            ("every operation", f"{self.url}/docs"),
            ("step by step", "docs/guide.md"),
        ):
            self.console.print(f"  {name:<18}{text}", markup=False, highlight=False, soft_wrap=True)

    def console_call(self, method: str, path: str, body: Json | None) -> Json:
        """Call a Console operation as the owner."""
        return self.call(method, f"/console/api{path}", body)

    def call(self, method: str, path: str, body: Json | None = None) -> Json:
        """Print a request, send it, and return its answer."""
        self.transcript.request(method, self.url + path, credential=self.token, body=body)
        return self.read(self.http.request(method, path, json=body, headers=self.headers()))

    def read(self, answer: httpx2.Response) -> Json:
        """Return the body of a success.

        Raises:
            DemoError: any other answer, with the server's words.
        """
        if answer.is_success:
            return dict(answer.json())
        raise DemoError(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text}")

    def headers(self) -> dict[str, str]:
        """Return the credential that the demonstration holds by now."""
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


def events(lines: Iterator[str]) -> Iterator[Json]:
    """Yield the JSON of every data line of a stream."""
    for line in lines:
        if line.startswith("data:"):
            yield json.loads(line[5:])
