"""What runs here and what it offers before anyone has signed in."""

from __future__ import annotations

from handlers.call import Call
from handlers.contract import schemas
from handlers.service.server import server_version
from handlers.system_features import system_features


async def get_version(call: Call, *, current_version: str | None = None) -> schemas.VersionInfo:
    """Show the server's version; that of the asking front end is not compared."""
    return {
        "version": server_version(),
        "release_date": "",
        "release_notes": "",
        "can_auto_update": False,
        "features": {"can_replace_logo": False, "model_load_balancing_enabled": False},
    }


async def get_system_features(call: Call) -> schemas.SystemFeatures:
    """Show which ways of signing in there are."""
    return system_features()
