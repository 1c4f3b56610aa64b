"""What `check` prints."""

import io

import pytest

from bot.shell import report
from bot.shell.report import Report, takes_colours


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environ", "takes"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False), ({"NO_COLOR": ""}, True)],
)
def test_colours_are_for_terminals_whose_owner_wants_them(
    environ: dict[str, str],
    takes: bool,  # noqa: FBT001 - of the table
) -> None:
    assert takes_colours(Terminal(), environ) is takes
    assert not takes_colours(io.StringIO(), environ)


def test_on_a_terminal_only_the_first_word_is_coloured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "takes_colours", lambda *_: True)
    out = io.StringIO()
    monkeypatch.setattr("sys.stdout", out)
    found = Report()
    found.right("a")
    found.wrong("b\x1b[2J")
    assert (found.end("go"), found.is_good) == (2, False)
    assert out.getvalue().splitlines() == [
        "\x1b[32mok   \x1b[0m a",
        "\x1b[31mwrong\x1b[0m b\\x1b[2J",
        "",
        "1 ok, 0 notes, 1 wrong.",
        "Next: mend what is wrong, and check again.",
    ]
