"""The pictures of the guide show what the program does."""

import re
from pathlib import Path

from foundation.settings import Settings
from parley.knowledge_pictures import GUIDE, QUESTION, draw_hit_testing, draw_segmentation


def test_the_picture_of_segmentation_is_up_to_date() -> None:
    assert (GUIDE / "segmentation.svg").read_text() == draw_segmentation()


async def test_the_picture_of_hit_testing_shows_the_same_passages_in_the_same_order(tmp_path: Path) -> None:
    def words(picture: str) -> list[str]:
        return re.findall(r">([^<]{12,})</text>", picture)

    drawn = words(await draw_hit_testing(Settings(home=tmp_path)))
    assert drawn == words((GUIDE / "hit-testing.svg").read_text())
    assert any(QUESTION in one for one in drawn)
