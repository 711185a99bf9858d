"""How many examples a property test tries: all of them, or a quarter in script/test quick."""

import os

QUICK = os.environ.get("THOROUGHNESS") == "quick"


def examples(number: int) -> int:
    """Return `number`, or a quarter of it (at least 3) when the tests are to end within two minutes."""
    return max(3, number // 4) if QUICK else number
