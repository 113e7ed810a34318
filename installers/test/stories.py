"""Stories about installed software: @story marks one, check() and its kin judge, run() tells which held."""

import importlib
import re
import sys
import time
import traceback

PATIENCE = 60  # seconds for whatever has to happen


class Failure(Exception):
    pass


def check(condition, said) -> None:
    if not condition:
        raise Failure(said)


def equal(expected, found, what) -> None:
    check(expected == found, f"{what}: expected {expected!r}, found {found!r}")


def eventually(asked, what: str, patience: float = PATIENCE):
    """The first true answer of `asked`. Polls: what is waited for happens in another process."""
    deadline = time.monotonic() + patience
    while not (answer := asked()):
        check(time.monotonic() < deadline, f"not within {patience} s: {what}")
        time.sleep(0.1)
    return answer


def story(function):
    function.is_story = True
    return function


def run(rooms, given, pattern: str) -> None:
    """Every story of these modules whose room.name the pattern finds, each with `given`. Exits: 0 where all held."""
    wanted = re.compile(pattern)
    began, done, failed = time.monotonic(), 0, []
    for room in rooms:
        for name, story_of_room in list(vars(importlib.import_module(room)).items()):
            if not getattr(story_of_room, "is_story", False) or not wanted.search(f"{room}.{name}"):
                continue
            start, outcome = time.monotonic(), "ok"
            try:
                story_of_room(given)
            except Failure as failure:
                outcome = f"FAILED\n{failure}"
            except Exception:  # a story that breaks is told like one that fails, and the others go on
                outcome = f"BROKEN\n{traceback.format_exc()}"
            done += 1
            if outcome != "ok":
                failed.append(name)
            print(f"{time.monotonic() - start:6.1f} s  {room}.{name}: {outcome}", flush=True)
    print(f"{done} stories, {len(failed)} failed, {time.monotonic() - began:.0f} s")
    sys.exit(1 if failed or not done else 0)
