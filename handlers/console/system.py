"""What runs here and what it offers before anyone has signed in."""

from __future__ import annotations

from typing import Any

from handlers.call import Call
from handlers.service.server import server_version


async def get_version(call: Call, *, current_version: str | None = None) -> dict[str, Any]:
    """Show the server's version; that of the asking front end is not compared."""
    return {
        "version": server_version(),
        "release_date": "",
        "release_notes": "",
        "can_auto_update": False,
        "features": {"can_replace_logo": False, "model_load_balancing_enabled": False},
    }


async def get_system_features(call: Call) -> dict[str, Any]:
    """Show which ways of signing in there are."""
    return {
        "enable_email_code_login": False,
        "enable_email_password_login": True,
        "enable_social_oauth_login": False,
        "enable_marketplace": False,
        "is_allow_register": False,
        "is_allow_create_workspace": False,
        "is_email_setup": False,
        "sso_enforced_for_signin": False,
        "sso_enforced_for_signin_protocol": "",
        "license": {"status": "none", "expired_at": ""},
        "branding": {
            "enabled": False,
            "application_title": "Parley",
            "login_page_logo": "",
            "workspace_logo": "",
            "favicon": "",
        },
        "webapp_auth": {
            "enabled": False,
            "allow_sso": False,
            "allow_email_code_login": False,
            "allow_email_password_login": True,
        },
    }
