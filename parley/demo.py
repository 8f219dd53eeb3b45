"""The main job against a running server: sign in, upload, watch the indexing, create an app and a key, ask.

Every request is printed as a curl line that a person can run again.
"""

import json
import shlex
import time
from collections.abc import Iterator
from typing import Any

import httpx2
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from parley.demo_files import demo_files

FINISHED = ("completed", "error")
POLL_SECONDS = 0.3

Json = dict[str, Any]


class DemoError(Exception):
    """The server refused a step, or a document could not be indexed; the message says which and why."""


def run(url: str, email: str, password: str, question: str) -> None:
    """Run the main job and print it; a refusal ends the process with the server's words.

    Raises:
        SystemExit: a step did not succeed, or nothing serves at `url`.
    """
    try:
        Demonstration(url, email, password, question).run()
    except DemoError as error:
        raise SystemExit(str(error)) from None
    except httpx2.TransportError as error:
        raise SystemExit(f"Nothing answers at {url} ({error}). Start the program with `make run`.") from None


class Demonstration:
    """One run of the main job.

    Args:
        url: where the server is, without a slash at the end.
        email: the owner's, created when the server has none.
        password: the owner's.
        question: what to ask the app.
    """

    def __init__(self, url: str, email: str, password: str, question: str) -> None:
        self.url = url
        self.email = email
        self.password = password
        self.question = question
        self.console = Console()
        self.http = httpx2.Client(base_url=url, timeout=120, trust_env=False)
        self.token = ""

    def run(self) -> None:
        """Do the job from the first request to the last word of the answer.

        Raises:
            DemoError: a step did not succeed.
        """
        with self.http:
            self.sign_in()
            dataset = self.console_call("POST", "/datasets", {"name": f"Demo handbook {int(time.time())}"})["id"]
            self.upload(dataset)
            key = self.create_app(dataset)
            self.ask(key)

    def sign_in(self) -> None:
        """Create the owner on a fresh server, then sign in."""
        if self.call("GET", "/console/api/setup")["step"] == "not_started":
            self.call(
                "POST",
                "/console/api/setup",
                {"email": self.email, "name": "Owner", "password": self.password},
            )
        account = {"email": self.email, "password": self.password}
        self.token = self.call("POST", "/console/api/login", account)["data"]["access_token"]

    def upload(self, dataset: str) -> None:
        """Upload the files and watch the workers until every one is indexed."""
        path = f"/console/api/datasets/{dataset}"
        rule = json.dumps({"indexing_technique": "high_quality", "process_rule": {"mode": "automatic"}})
        batches = {}
        for name, (content, media_type) in demo_files().items():
            self.show("POST", f"{path}/document/create_by_file", form=f"-F data={shlex.quote(rule)} -F file=@{name}")
            answer = self.http.post(
                f"{path}/document/create_by_file",
                data={"data": rule},
                files={"file": (name, content, media_type)},
                headers=self.headers(),
            )
            batches[name] = self.read(answer)["batch"]
        self.show("GET", f"{path}/batch/{next(iter(batches.values()))}/indexing-status")
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[state]}"),
            console=self.console,
        ) as bar:
            rows = {name: bar.add_task(name, total=1, state="waiting") for name in batches}
            while not bar.finished:
                for name, batch in batches.items():
                    status = self.read(self.http.get(f"{path}/batch/{batch}/indexing-status", headers=self.headers()))[
                        "data"
                    ][0]
                    if status["indexing_status"] == "error":
                        raise DemoError(f"{name} could not be indexed: {status['error']}")
                    done = status["indexing_status"] in FINISHED
                    bar.update(rows[name], completed=int(done), state=status["indexing_status"])
                time.sleep(POLL_SECONDS)

    def create_app(self, dataset: str) -> str:
        """Create a chat app on the knowledge base and return the secret of a key to it."""
        app = self.console_call("POST", "/apps", {"name": "Demo assistant", "mode": "chat"})["id"]
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
        return str(self.console_call("POST", f"/apps/{app}/api-keys", None)["token"])

    def ask(self, key: str) -> None:
        """Ask the app, print the answer as it streams, then its sources."""
        request = {"inputs": {}, "query": self.question, "response_mode": "streaming", "user": "demo"}
        self.token = key
        self.show("POST", "/v1/chat-messages", request)
        with self.http.stream("POST", "/v1/chat-messages", json=request, headers=self.headers()) as answer:
            if answer.status_code != 200:
                answer.read()
                self.read(answer)
            for event in events(answer.iter_lines()):
                if event["event"] == "message":
                    self.console.print(event["answer"], end="", markup=False, highlight=False)
                elif event["event"] == "error":
                    raise DemoError(event["message"])
                elif event["event"] == "message_end":
                    self.console.print()
                    for resource in event["metadata"]["retriever_resources"]:
                        self.console.print(
                            f"  source: {resource['document_name']} (score {resource['score']:.2f})",
                            highlight=False,
                        )

    def console_call(self, method: str, path: str, body: Json | None) -> Json:
        """Call a Console operation as the owner."""
        return self.call(method, f"/console/api{path}", body)

    def call(self, method: str, path: str, body: Json | None = None) -> Json:
        """Print a request, send it, and return its answer."""
        self.show(method, path, body)
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

    def show(self, method: str, path: str, body: Json | None = None, form: str = "") -> None:
        """Print a request as a curl line."""
        words = [
            "curl -N" if body and body.get("response_mode") == "streaming" else "curl",
            f"-X {method}",
            self.url + path,
        ]
        if self.token:
            words.append(f"-H 'Authorization: Bearer {self.token}'")
        if body is not None:
            words.append(f"-H 'Content-Type: application/json' -d {shlex.quote(json.dumps(body))}")
        self.console.print(" ".join([*words, form]).strip(), style="dim", markup=False, highlight=False, soft_wrap=True)


def events(lines: Iterator[str]) -> Iterator[Json]:
    """Yield the JSON of every data line of a stream."""
    for line in lines:
        if line.startswith("data:"):
            yield json.loads(line[5:])
