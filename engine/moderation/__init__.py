"""Sensitive-word avoidance: questions and answers that are not let through, and what is said instead."""

from engine.moderation.guard import WatchedAnswer, guard
from engine.moderation.moderators import ApiModerator, KeywordModerator, Moderator, OpenAIModerator
from engine.moderation.settings import ModerationSettings, keywords_fault
from engine.moderation.verdict import Verdict

__all__ = [
    "ApiModerator",
    "KeywordModerator",
    "ModerationSettings",
    "Moderator",
    "OpenAIModerator",
    "Verdict",
    "WatchedAnswer",
    "guard",
    "keywords_fault",
]
