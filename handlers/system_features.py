"""Which ways of signing in an installation has, and how it looks."""

from __future__ import annotations

from handlers.contract import schemas


def system_features() -> schemas.SystemFeatures:
    """Return the `SystemFeatures` of this installation."""
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
