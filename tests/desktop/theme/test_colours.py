from __future__ import annotations

import pytest

from host.desktop.theme.colours import DARK, LIGHT, Colours
from tests.desktop.theme.contrast import contrast, text_pairs

BOTH = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])


def test_black_on_white_has_the_contrast_that_the_standard_names() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@BOTH
def test_every_text_is_readable_on_every_ground_it_stands_on(colours: Colours) -> None:
    weak = {
        (text, ground): round(contrast(getattr(colours, text), getattr(colours, ground)), 2)
        for text, ground in text_pairs()
        if contrast(getattr(colours, text), getattr(colours, ground)) < 4.5
    }
    assert weak == {}


@BOTH
def test_frames_of_controls_are_visible(colours: Colours) -> None:
    for ground in ("canvas", "surface", "raised"):
        assert contrast(colours.frame, getattr(colours, ground)) >= 3.0
        assert contrast(colours.accent, getattr(colours, ground)) >= 3.0


@BOTH
def test_glyphs_can_be_told_from_the_chosen_row(colours: Colours) -> None:
    for tone in ("good", "busy", "warn", "bad", "idle"):
        assert contrast(getattr(colours, tone), colours.selection) >= 3.0
