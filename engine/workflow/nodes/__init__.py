"""The node types that there are. A type that is not among them is refused when a graph is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.workflow.node import NodeType
from engine.workflow.nodes.agent import TYPE as AGENT
from engine.workflow.nodes.aggregator import LEGACY as LEGACY_AGGREGATOR
from engine.workflow.nodes.aggregator import TYPE as AGGREGATOR
from engine.workflow.nodes.answer import TYPE as ANSWER
from engine.workflow.nodes.assigner import TYPE as ASSIGNER
from engine.workflow.nodes.classifier import TYPE as CLASSIFIER
from engine.workflow.nodes.code import TYPE as CODE
from engine.workflow.nodes.container import ITERATION, LOOP, LOOP_END
from engine.workflow.nodes.document_extractor import TYPE as DOCUMENT_EXTRACTOR
from engine.workflow.nodes.end import TYPE as END
from engine.workflow.nodes.http_request import TYPE as HTTP_REQUEST
from engine.workflow.nodes.human_input import TYPE as HUMAN_INPUT
from engine.workflow.nodes.if_else import TYPE as IF_ELSE
from engine.workflow.nodes.knowledge import TYPE as KNOWLEDGE
from engine.workflow.nodes.list_operator import TYPE as LIST_OPERATOR
from engine.workflow.nodes.llm import TYPE as LLM
from engine.workflow.nodes.parameter_extractor import TYPE as PARAMETER_EXTRACTOR
from engine.workflow.nodes.start import ITERATION_START, LOOP_START
from engine.workflow.nodes.start import TYPE as START
from engine.workflow.nodes.template import TYPE as TEMPLATE
from engine.workflow.nodes.tool import TYPE as TOOL

_ALL: tuple[NodeType[Any], ...] = (
    START,
    ITERATION_START,
    LOOP_START,
    END,
    ANSWER,
    LLM,
    KNOWLEDGE,
    CLASSIFIER,
    IF_ELSE,
    CODE,
    TEMPLATE,
    HTTP_REQUEST,
    TOOL,
    AGGREGATOR,
    LEGACY_AGGREGATOR,
    ASSIGNER,
    ITERATION,
    LOOP,
    LOOP_END,
    PARAMETER_EXTRACTOR,
    DOCUMENT_EXTRACTOR,
    LIST_OPERATOR,
    AGENT,
    HUMAN_INPUT,
)
NODE_TYPES: Mapping[str, NodeType[Any]] = {node_type.name: node_type for node_type in _ALL}
