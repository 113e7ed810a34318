"""version() says which packages there are."""

import pathlib

from stories import story

__all__ = ["story", "version"]


def version(directory: pathlib.Path) -> str:
    """Of the agent's package in this directory: of the newest build, where several lie there."""
    found = max(directory.glob("latchkey-agent_*_amd64.deb"), key=lambda file: file.stat().st_mtime)
    return found.name.split("_")[1]
