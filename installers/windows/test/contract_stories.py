"""The contract that holds on every system (installers/test/contract.py), on the installed package under Wine."""

import contract
from msi_stories import install, properties, remove_all, roll_out, running
from stories import story
from wine import Done, windows_path


class Place:
    def __init__(self, given):
        self.given = given
        self.folder = given.folder / "contract"
        self.folder.mkdir(exist_ok=True)

    def program(self, *words) -> Done:
        return self.given.wine.program(*words)

    def admin(self, words: str) -> dict:
        return self.given.server.admin(words)

    def file(self, name: str, text) -> str:
        path = self.folder / name
        if text is not None:
            path.write_text(text)
            path.chmod(0o600)
        return windows_path(path)

    def stop(self) -> None:
        self.given.wine.run("net", "stop", "Latchkey")


@story
def the_contract_of_every_system_is_kept(given):
    remove_all(given)
    folder = roll_out(given)
    # Told everything but the key: nothing is activated yet.
    told = [one for one in properties(given, folder) if not one.startswith(("KEY_FILE=", "WHEN_COUNTED="))]
    install(given, *told)
    running(given)
    contract.keep(Place(given), given.server.key)
