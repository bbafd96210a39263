"""``python -m querysight``."""

import os
import sys

# `-m` puts the current folder first (unless told not to: `-P`). That is the user's: a `selectors.py` or `queue.py` of theirs
# must not stand in for the standard library's while the command line is imported.
if not getattr(sys.flags, "safe_path", False) and sys.path and os.path.realpath(sys.path[0]) == os.path.realpath(os.getcwd()):
    del sys.path[0]

from querysight.cli import main

raise SystemExit(main())
