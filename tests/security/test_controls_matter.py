"""Each control, taken out of a copy of the program, is missed by a test. By hand: pytest tests/security -q"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from calendar_app.factory import ROOT
from tests.security.controls import CONTROLS, Control

# What a copy needs of the tree: the program, what it shows and its tests; nothing that is installed or kept.
PARTS = (
    "app.py config.py pyproject.toml babel.cfg calendar_app feeds templates static migrations tests docs README.md"
).split()


@pytest.mark.parametrize("control", CONTROLS, ids=[control.name for control in CONTROLS])
def test_a_control_that_is_removed_is_missed(control: Control, tmp_path):
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            # With what was compiled: it fits, since a copy keeps the times of its files, all but the one changed below.
            shutil.copytree(source, tmp_path / part, ignore=shutil.ignore_patterns("images"))
        else:
            shutil.copy(source, tmp_path / part)
    file = tmp_path / control.file
    code = file.read_text(encoding="utf-8")
    assert code.count(control.code) == 1, f"{control.file} no longer has what the control {control.name} consists of"
    file.write_text(code.replace(control.code, control.without), encoding="utf-8")
    # The first failure is enough; on SQLite, because no control here depends on the database.
    command = [sys.executable, "-m", "pytest", "-n", "0", "-x", "-q", "-p", "no:cacheprovider", *control.tests]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    # 1: tests ran and one failed. Anything else (nothing collected, code that cannot be imported) shows nothing.
    assert done.returncode == 1, done.stdout[-3000:] + done.stderr[-2000:]
    assert " error" not in done.stdout.splitlines()[-1], done.stdout[-3000:]
