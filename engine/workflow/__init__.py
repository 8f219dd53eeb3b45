"""Workflows: a graph of nodes, run by one task that owns all state. No HTTP comes in, no database, no queue.

What others use:

- `parse_graph(graph)` reads the editor's JSON to be run and refuses what cannot hang together; `validate_graph(graph)`
  returns every violation, for the editor and before publishing. `data_schema()` is the JSON Schema of a graph.
- `execute(request, services, sink)` runs; `resume(graph, snapshot, responses, services, sink)` goes on after a pause.
  Both return an `Outcome`. `Control.stop()` ends a run at once, with what it has.
- `sink` is awaited for each `Emitted` event, one at a time and in order: write first, then show.
- `Services` holds what nodes need: models, retriever, tools, files, code, templates, http, history. `Sandbox` runs
  code and templates. A service that is left out fails only the nodes that need it.
- `Graph.only(node_id)` is the graph of one node (a container with its inside), to be run alone; give what it reads in
  `RunRequest.variables`.

A paused run's `Outcome.snapshot` is JSON. `HumanInputRequired.form_id` names each form that it waits for; a response
is given under that id, and a form that has none yet pauses the run again. Between the two, the graph must not change:
keep the version that the run began with.
"""

from engine.workflow import events
from engine.workflow.entry import execute, resume
from engine.workflow.events import Emitted, Event, RunStatus, Spent
from engine.workflow.execution import EventSink
from engine.workflow.failure import CodeFailure, NodeFailure
from engine.workflow.graph import Graph
from engine.workflow.limits import Limits
from engine.workflow.nodes import NODE_TYPES
from engine.workflow.parse import Violation, invalid_graph, parse_graph
from engine.workflow.request import Control, Outcome, RunRequest
from engine.workflow.sandbox import Sandbox, SandboxLimits, examine_cpython
from engine.workflow.schema import data_schema
from engine.workflow.services import HumanResponse, MetadataCondition, RetrievalRequest, Services
from engine.workflow.validation import validate_graph
from engine.workflow.values import make_file

__all__ = [
    "NODE_TYPES",
    "CodeFailure",
    "Control",
    "Emitted",
    "Event",
    "EventSink",
    "Graph",
    "HumanResponse",
    "Limits",
    "MetadataCondition",
    "NodeFailure",
    "Outcome",
    "RetrievalRequest",
    "RunRequest",
    "RunStatus",
    "Sandbox",
    "SandboxLimits",
    "Services",
    "Spent",
    "Violation",
    "data_schema",
    "events",
    "examine_cpython",
    "execute",
    "invalid_graph",
    "make_file",
    "parse_graph",
    "resume",
    "validate_graph",
]
