"""``python -m querysight``."""

from querysight.cli import main

raise SystemExit(main())
