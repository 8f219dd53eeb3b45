"""How an app's annotations are found."""

from __future__ import annotations

from foundation.errors import ApiError
from handlers.call import Call
from handlers.contract import schemas
from models import annotation as notes
from models import app as apps
from models.annotation import AnnotationSetting


async def show(call: Call, app_id: str) -> schemas.AnnotationSetting:
    """Return the setting of an app; `enabled` alone where its annotations do not answer.

    Raises:
        ApiError: `app_not_found`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await apps.get(scope, app_id)
        found = await notes.setting(scope, app.id)
    return _rendered(found) if found is not None and found.enabled else {"enabled": False}


async def change_threshold(call: Call, app_id: str, setting_id: str, threshold: float) -> schemas.AnnotationSetting:
    """Set the likeness from which on annotations answer.

    Raises:
        ApiError: `app_not_found`, or `not_found` for a setting of another app.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await apps.get(scope, app_id)
        found = await notes.setting(scope, app.id)
        if found is None or found.id != setting_id.lower():
            raise ApiError("not_found", "Annotation setting not found.")
        found.score_threshold = threshold
        found.updated_by = call.account.account_id
        shown = {**(app.model_config or {}).get("annotation_reply", {}), "score_threshold": threshold}
        await apps.set_feature(scope, app.id, "annotation_reply", {**shown, "enabled": found.enabled})
    return _rendered(found)


def _rendered(setting: AnnotationSetting) -> schemas.AnnotationSetting:
    return {
        "id": setting.id,
        "enabled": setting.enabled,
        "score_threshold": setting.score_threshold,
        "embedding_model": {
            "embedding_provider_name": setting.embedding_provider,
            "embedding_model_name": setting.embedding_model,
        },
    }
