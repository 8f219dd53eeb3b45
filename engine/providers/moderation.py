"""The moderation endpoint of OpenAI and of what speaks its protocol."""

from __future__ import annotations

from typing import Final

from engine.providers.sdk import SdkModel

MODERATION_MODEL: Final = "omni-moderation-latest"
_LONGEST_PIECE = 20_000


class OpenAIModeration(SdkModel):
    """A model that tells whether a text is harmful."""

    async def flagged(self, text: str) -> bool:
        """Tells whether any part of `text` is harmful.

        Raises:
            ApiError: the provider refused, failed, or was not understood.
        """
        cut = [text[start : start + _LONGEST_PIECE] for start in range(0, len(text), _LONGEST_PIECE)]
        if not cut:
            return False
        client = await self.connected()
        with self.failures():
            answer = await client.moderations.create(model=self.model, input=cut)
            return any(result.flagged for result in answer.results)
