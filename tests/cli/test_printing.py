"""What text of files and modules may do to a terminal."""

from host.cli.printing import indented, one_line


def test_what_would_break_or_colour_a_line_is_written_out() -> None:
    assert one_line("a\nb\r\x1b[31m\x9b\u202ec\udcff é 漢") == r"a\nb\r\x1b[31m\x9b\u202ec\udcff é 漢"


def test_lines_that_are_meant_stay_and_are_indented() -> None:
    assert indented("why:\n  because\x07") == "why:\n      because\\x07"
