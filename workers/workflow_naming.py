"""Names that a model gives to conversations which a workflow began."""

from __future__ import annotations

import logging

from foundation.errors import ApiError
from models.workflow_run import WorkflowRun
from workers.process import GenerationProcess
from workers.workflow_backgrounds import RunBackground

log = logging.getLogger(__name__)


async def find_name(
    process: GenerationProcess, run: WorkflowRun, background: RunBackground, model: tuple[str, str] | None, named: str
) -> None:
    """Have a model name the conversation that a run began; what administrators try needs no name.

    A name that cannot be had is none: nothing is raised, so that what else the run's end causes is not held up.

    Args:
        process: the process's parts.
        run: the run, over.
        background: what it had of the database.
        model: provider and name of the model that it asked last; without one the workspace's own is asked.
        named: what the run has called the conversation; empty where that has another name.
    """
    asked = process.settings.conversation_names == "model" and run.invoke_from != "debugger"
    if not (asked and named and background.message and background.available and run.conversation_id):
        return
    config = {"provider": model[0], "name": model[1], "mode": "chat"} if model else None
    try:
        chosen = await process.models.chat(background.available, config)
    except ApiError as error:
        log.warning("conversation %s has no model to name it: %s", run.conversation_id, error.message)
        return
    except Exception:
        log.exception("conversation %s has no model to name it", run.conversation_id)
        return
    process.namer.begin(chosen.model, run.workspace_id, run.conversation_id, background.message.query, named)
