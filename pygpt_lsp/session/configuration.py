"""The settings in force, resolved anew whenever one of their sources changes: the user's and the workspace's
files, the editor by its several roads, and the model that was chosen here.

Must never take over what a source may not set: that is decided in `core/settings.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pygpt_lsp.core.settings import ChosenModel, Layer, resolve, resolve_with_choice

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pygpt_lsp.core.settings import SettingProblem, Settings
    from pygpt_lsp.services.config_files import Found
    from pygpt_lsp.session.notices import Notices


class Configuration:
    """The settings of one server and where each comes from."""

    def __init__(self, env: Mapping[str, str], notices: Notices, on_change: Callable[[], None]) -> None:
        """`on_change` is called when other settings are in force; `notices` tell of bad values."""
        self._env = env
        self._notices = notices
        self._on_change = on_change
        self._root: Path | None = None
        self._files: Found | None = None
        self._editor_layers: dict[str, Layer] = {}
        self._chosen: ChosenModel | None = None
        self.resolved = resolve(())
        """The settings with where each came from."""

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.resolved.settings

    def set_root(self, root: Path | None) -> None:
        """Take over the workspace folder whose files count; they are read again where it is another one."""
        changed, self._root = root != self._root, root
        if changed and self._files is not None:
            self.read_files()

    def read_files(self) -> None:
        """Read the user's and the workspace's settings files, and which model was chosen there, and bring
        them into force."""
        from pygpt_lsp.services.chosen_model import find_choice
        from pygpt_lsp.services.config_files import find_layers

        self._files = find_layers(self._env, self._root)
        self._chosen = find_choice(self._root)
        self._resolve()

    def set_editor_settings(self, source: str, values: object) -> None:
        """Bring what the editor sent into force; `source` names the road it came by. Later roads win."""
        self._editor_layers.pop(source, None)
        self._editor_layers[source] = Layer(source, values, trusted=True)
        self._resolve()

    def choose_model(self, model: str) -> ChosenModel | None:
        """Use this model from now on; the choice to keep, None where the settings name it anyway."""
        named = resolve(self._layers()).settings.model
        self._chosen = None if model == named else ChosenModel(model, named)
        self._resolve()
        return self._chosen

    def _layers(self) -> tuple[Layer, ...]:
        return (*(self._files.layers if self._files else ()), *self._editor_layers.values())

    def _resolve(self) -> None:
        self.resolved = resolve_with_choice(self._layers(), self._chosen)
        for problem in (*(self._files.problems if self._files else ()), *self.resolved.problems):
            self._tell(problem)
        self._on_change()

    def _tell(self, problem: SettingProblem) -> None:
        """Say it once, and once for all roads from the editor: Helix sends the same settings by two."""
        told = problem.sentence
        if problem.layer in self._editor_layers:
            told = told.replace(problem.layer, "", 1)
        self._notices.tell_once("warning", problem.sentence, known_as=told)
