"""`python -m tests.samples [NAME...]`: make NAME.json and NAME.80.txt from NAME.md; all of them without a name."""

from __future__ import annotations

import sys

from tests.samples import FOLDER, SAMPLES, write

for sample in [FOLDER / f"{name}.md" for name in sys.argv[1:]] or SAMPLES:
    write(sample)
    sys.stdout.write(f"{sample.stem}\n")
