"""Forms that runs wait for: what a person is shown, who may answer by which token, and what was answered."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import Index, UniqueConstraint, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from foundation.errors import ApiError
from models.scope import Scope, SystemScope
from models.table import Created, Id, Identified, Json, Owned, Table, Words, belongs_to, now, one_of
from models.workflow_run import WorkflowRun

FormStatus = Literal["waiting", "submitted", "timeout", "cancelled"]


class HumanInputForm(Identified, Created, Owned, Table):
    """One form. Its id is that of the node's execution; the token admits whoever holds it until `expires_at`."""

    __tablename__ = "human_input_form"
    __table_args__ = (
        belongs_to("app"),
        belongs_to("workflow_run"),
        UniqueConstraint("token"),
        one_of("status", get_args(FormStatus)),
        Index(None, "workflow_run_id"),
        Index("ix_human_input_form_waiting", "expires_at", postgresql_where=text("status = 'waiting'")),
    )

    app_id: Mapped[str] = mapped_column(Id)
    workflow_run_id: Mapped[str] = mapped_column(Id)
    token: Mapped[str]
    node_id: Mapped[str]
    node_title: Mapped[str]
    content: Mapped[str]
    inputs: Mapped[list[Json]]
    actions: Mapped[list[Json]]
    default_values: Mapped[Json]
    delivery: Mapped[list[Json]]
    status: Mapped[FormStatus] = mapped_column(Words, default="waiting")
    expires_at: Mapped[datetime]
    action_id: Mapped[str | None]
    submitted: Mapped[Json] = mapped_column(default=dict)
    rendered_content: Mapped[str | None]
    submitted_at: Mapped[datetime | None]
    uploads: Mapped[int] = mapped_column(default=0)

    @property
    def refusal(self) -> ApiError:
        """Return why it takes no answer any more."""
        if self.status == "submitted":
            return ApiError("human_input_form_submitted", "This form has been submitted by another user.")
        return ApiError("human_input_form_expired", "This form has expired.")


async def write(scope: Scope, run: WorkflowRun, form: Mapping[str, Any]) -> None:
    """Store a form that a run begins to wait for; one that is waited for again stays as it is."""
    owner = {"workspace_id": scope.workspace_id, "app_id": run.app_id, "workflow_run_id": run.id}
    values = {**owner, "status": "waiting", "submitted": {}, "uploads": 0, "created_at": now(), **form}
    await scope.session.execute(insert(HumanInputForm).values(values).on_conflict_do_nothing())


async def by_token(scope: SystemScope, token: str) -> HumanInputForm | None:
    """Return the form that a token admits to."""
    return await scope.session.scalar(select(HumanInputForm).where(HumanInputForm.token == token))


async def load(scope: Scope, form_id: str) -> HumanInputForm | None:
    """Return a form of the workspace."""
    query = select(HumanInputForm).where(
        HumanInputForm.workspace_id == scope.workspace_id, HumanInputForm.id == form_id
    )
    return await scope.session.scalar(query)


async def of_run(scope: Scope, run_id: str) -> list[HumanInputForm]:
    """Return the forms of a run, the oldest first."""
    query = select(HumanInputForm).where(
        HumanInputForm.workspace_id == scope.workspace_id, HumanInputForm.workflow_run_id == run_id
    )
    return list(await scope.session.scalars(query.order_by(HumanInputForm.created_at, HumanInputForm.id)))


async def count_upload(scope: Scope, form_id: str, most: int) -> bool:
    """Count a file that was uploaded for a form, until this transaction ends alone.

    Returns:
        False if the form takes no answer any more, or has `most` files already; then nothing is counted.
    """
    statement = (
        update(HumanInputForm)
        .where(
            HumanInputForm.workspace_id == scope.workspace_id,
            HumanInputForm.id == form_id,
            HumanInputForm.status == "waiting",
            HumanInputForm.uploads < most,
        )
        .values(uploads=HumanInputForm.uploads + 1)
        .returning(HumanInputForm.id)
        .execution_options(synchronize_session=False)
    )
    return (await scope.session.execute(statement)).scalar_one_or_none() is not None


async def submit(scope: Scope, form_id: str, action_id: str, submitted: Mapping[str, Any]) -> HumanInputForm:
    """Keep what a person answered.

    Raises:
        ApiError: `not_found`, `human_input_form_submitted` or `human_input_form_expired`.
    """
    moment = now()
    statement = (
        update(HumanInputForm)
        .where(
            HumanInputForm.workspace_id == scope.workspace_id,
            HumanInputForm.id == form_id,
            HumanInputForm.status == "waiting",
            HumanInputForm.expires_at > moment,
        )
        .values(status="submitted", action_id=action_id, submitted=dict(submitted), submitted_at=moment)
        .returning(HumanInputForm)
    )
    done = (await scope.session.execute(statement)).scalar_one_or_none()
    if done is not None:
        return done
    found = await load(scope, form_id)
    raise found.refusal if found is not None else ApiError("not_found", "Form not found.")


async def note_filled(scope: Scope, form_id: str, rendered_content: str) -> None:
    """Keep how a submitted form reads with its values."""
    statement = (
        update(HumanInputForm)
        .where(HumanInputForm.workspace_id == scope.workspace_id, HumanInputForm.id == form_id)
        .values(rendered_content=rendered_content)
        .execution_options(synchronize_session=False)
    )
    await scope.session.execute(statement)


async def let_expire(scope: SystemScope, run_id: str, moment: datetime) -> None:
    """Time out the forms of a run that nobody answered in time."""
    statement = (
        update(HumanInputForm)
        .where(
            HumanInputForm.workflow_run_id == run_id,
            HumanInputForm.status == "waiting",
            HumanInputForm.expires_at <= moment,
        )
        .values(status="timeout")
        .execution_options(synchronize_session=False)
    )
    await scope.session.execute(statement)


async def cancel_all(scope: Scope, run_id: str) -> None:
    """Close the forms of a run that does not wait for them any more."""
    statement = (
        update(HumanInputForm)
        .where(
            HumanInputForm.workspace_id == scope.workspace_id,
            HumanInputForm.workflow_run_id == run_id,
            HumanInputForm.status == "waiting",
        )
        .values(status="cancelled")
        .execution_options(synchronize_session=False)
    )
    await scope.session.execute(statement)
