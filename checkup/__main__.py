"""``python -m checkup``, and the single file ``checkup.pyz``."""

import sys

from checkup.command import main

if __name__ == "__main__":
    sys.exit(main())
