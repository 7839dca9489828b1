"""Broken feeds that look for new ways through the readers: `python -m tests.feeds.guided_fuzz ics --minutes 20`.

Needs atheris (`pip install atheris`), which is there for Linux alone and so not among the requirements. It begins with
the files of tests/data/reading and keeps, in a folder for temporary files, what reaches lines that nothing reached
before. What ends with an exception is written beside it.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from contextlib import suppress
from datetime import date
from pathlib import Path
from tempfile import gettempdir
from zoneinfo import ZoneInfo

import atheris

with atheris.instrument_imports(include=["feeds"]):
    from feeds.reading import ics, odata
from feeds.reading.values import Horizon, ReadFailedError
from tests.feeds import reading_corpus as corpus
from tests.feeds.fuzz_readers import assert_sound

READERS = {"ics": ics.read, "odata": odata.read}
HORIZON = Horizon(date(2026, 1, 1), date(2030, 1, 1))
ZONE = ZoneInfo("Europe/Zurich")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("form", choices=READERS)
    parser.add_argument("--minutes", type=float, default=20)
    chosen = parser.parse_args()
    folder = Path(gettempdir()) / f"guided-{chosen.form}"
    folder.mkdir(exist_ok=True)
    for path in corpus.inputs():
        if corpus.FORMATS[path.suffix] == chosen.form:
            shutil.copy(path, folder)
    words = folder.with_suffix(".words")
    found = (corpus.FOLDER.parent / "fuzz_words.txt").read_text().split()
    words.write_text("".join('"{}"\n'.format(word.replace("\\", "\\\\").replace('"', '\\"')) for word in found))

    def read(body: bytes) -> None:
        with suppress(ReadFailedError):
            assert_sound(READERS[chosen.form](body, "", default_zone=ZONE, horizon=HORIZON))

    options = [
        f"-max_total_time={int(chosen.minutes * 60)}",
        f"-dict={words}",
        f"-artifact_prefix={folder}-",
        "-timeout=5",
        "-max_len=20000",
    ]
    atheris.Setup([sys.argv[0], str(folder), *options], read)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
