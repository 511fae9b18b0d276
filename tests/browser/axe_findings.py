"""What axe-core, the judge of accessibility, finds grave on a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Page

GRAVE = {"serious", "critical"}
# A theme changes colours and nothing else: in the other one its contrast is what is left to ask
ALL_RULES: dict[str, Any] = {"resultTypes": ["violations"]}
COLOURS = ALL_RULES | {"runOnly": ["color-contrast", "link-in-text-block"]}


def grave_findings(page: Page, rules: dict[str, Any] = ALL_RULES) -> list[str]:
    """Return what axe-core finds serious or critical, and where."""
    found = Axe().run(page, options=rules).response["violations"]
    return [
        f"{finding['id']}: {node['target']} {node['failureSummary']}"
        for finding in found
        if finding["impact"] in GRAVE
        for node in finding["nodes"]
    ]
