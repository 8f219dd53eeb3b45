"""Who began some runs, as lists of them show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from models import account
from models import end_user as end_users
from models.account import Account
from models.end_user import EndUser
from models.scope import Scope
from models.workflow_run import WorkflowRun


@dataclass(frozen=True, slots=True)
class RunAuthors:
    """Accounts and end users by id; those who are gone are not among them."""

    accounts: Mapping[str, Account] = field(default_factory=dict)
    end_users: Mapping[str, EndUser] = field(default_factory=dict)


async def authors_of(scope: Scope, runs: Sequence[WorkflowRun]) -> RunAuthors:
    """Return who began some runs."""
    accounts = {run.account_id for run in runs if run.account_id}
    people = {run.end_user_id for run in runs if run.end_user_id}
    return RunAuthors(
        await account.people(scope, accounts) if accounts else {},
        {person.id: person for person in await end_users.get_many(scope, sorted(people))} if people else {},
    )
