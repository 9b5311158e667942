"""``python -m host`` is ``theseus``."""

from __future__ import annotations

import sys

from host.cli import main

sys.exit(main())
