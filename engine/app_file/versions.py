"""The versions of app files, and which of them are taken at once."""

from __future__ import annotations

import re
from typing import Literal

CURRENT_VERSION = "0.7.0"
FIRST_VERSION = "0.1.0"

Verdict = Literal["completed", "completed-with-warnings", "pending"]

_FORM = re.compile(r"(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?")


def judge_version(version: str) -> Verdict | None:
    """Returns how a file of a version is taken, or None for what is no version.

    A newer version and an older major one wait to be confirmed; an older minor one is taken with a warning.
    """
    match = _FORM.fullmatch(version.strip())
    own = _FORM.fullmatch(CURRENT_VERSION)
    if match is None or own is None:
        return None
    theirs = tuple(int(part or 0) for part in match.groups())
    ours = tuple(int(part or 0) for part in own.groups())
    if theirs > ours or theirs[0] < ours[0]:
        return "pending"
    return "completed-with-warnings" if theirs[1] < ours[1] else "completed"
