"""`steelyard doctor`: what in this environment is missing or known to break?"""

from __future__ import annotations

import sys

from steelyard.cli.shared import AsJson, show_json

__all__ = ["doctor"]


def doctor(as_json: AsJson = False) -> None:
    """Check Python, libraries, threads, memory and disk; exit 1 when something steelyard needs is broken."""
    from steelyard.race import examine_environment

    found = examine_environment()
    if as_json:
        show_json(found)
    else:
        mark = {"ok": "ok     ", "note": "note   ", "broken": "BROKEN "}
        for one in found:
            print(f"{mark[one['state']]} {one['name']:18} {one['text']}")
    if any(one["state"] == "broken" for one in found):
        sys.exit(1)
