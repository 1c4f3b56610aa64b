"""`python -m bot` as a shell starts it."""

import subprocess
import sys
from pathlib import Path

from tests.scenarios.conftest import ROOT

EXAMPLE = ROOT / "endpoints" / "cny-snakeyear.json"


def start(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """`python -m bot` in a folder without a `.env`."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
