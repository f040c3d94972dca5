"""Merging the layers of settings: the one way in which values from files and editors come into force.

Merging never raises, whatever an editor or a repository sends: a value that cannot be used is left out and
reported. A layer that is not trusted (a repository's own file) can never change what its row in the table
does not allow, and no message repeats a value that could be a secret.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast

from pygpt_lsp.core.setting_values import KEY_BELONGS, BadValueError, last_of_each, shown, shown_bad
from pygpt_lsp.core.settings_table import TABLE, Setting, Settings

__all__ = [
    "CHOSEN",
    "DEFAULT",
    "ChosenModel",
    "InForce",
    "Layer",
    "Resolved",
    "SettingProblem",
    "Settings",
    "concerns_us",
    "described",
    "environment_layers",
    "model_refusal",
    "resolve",
    "resolve_with_choice",
]

DEFAULT = "default"
"""The origin of a value that no layer set."""

CHOSEN = "chosen for this workspace"
"""The origin of a model that the user chose by `pygpt.model.select`."""

_BY_KEY: Mapping[str, Setting] = {row.key: row for row in TABLE}
_GROUPS = frozenset(row.key.partition(".")[0] for row in TABLE if "." in row.key)
_OPENABLE = _GROUPS | {"pygpt"}

_ENVIRONMENT = {"OPENAI_BASE_URL": "base_url", "PYGPT_UPDATE_URL": "updates.url"}


class Layer(NamedTuple):
    """One source of settings.

    `name` says where the values come from, in messages and in `doctor` ("initializationOptions", a file's
    path). `values` is what was found there, as JSON or TOML gives it: keys nested or with dots, all of it
    possibly under one key `pygpt`, as editors send it. null means: not set here.
    """

    name: str
    values: object
    trusted: bool


class SettingProblem(NamedTuple):
    """One value or key that was not used; `sentence` is for the user and holds no secret."""

    key: str
    layer: str
    sentence: str


class Resolved(NamedTuple):
    """The outcome of merging: `origins` names for every key the layer its value comes from, or DEFAULT."""

    settings: Settings
    origins: Mapping[str, str]
    problems: tuple[SettingProblem, ...]


class ChosenModel(NamedTuple):
    """A model that the user chose, in place of the one that the settings named at that time."""

    model: str
    instead_of: str


def concerns_us(values: object) -> bool:
    """Whether there is any setting of ours among these, whatever its value."""
    return any(key in _BY_KEY or key.partition(".")[0] in _GROUPS for key, _ in _entries(values))


def environment_layers(env: Mapping[str, str]) -> tuple[Layer, ...]:
    """The variables that change defaults, one layer each, to be put below all others; empty is not set."""
    return tuple(
        Layer(variable, {key: env[variable]}, trusted=True)
        for variable, key in _ENVIRONMENT.items()
        if env.get(variable)
    )


def resolve(layers: Sequence[Layer]) -> Resolved:
    """Merge the layers; later ones win. Never raises.

    Each value that cannot be used and each key that does not exist or is not allowed there gives exactly
    one problem, in the order found.
    """
    values: dict[str, object] = {row.key: row.default for row in TABLE}
    origins = dict.fromkeys(values, DEFAULT)
    problems: list[SettingProblem] = []
    for layer in layers:
        for key, value in _entries(layer.values):
            row = _BY_KEY.get(key)
            if row is None:
                problems.append(_unknown(key, value, layer.name))
            elif value is not None:
                problem = _merge(row, value, layer, values, origins)
                if problem is not None:
                    problems.append(SettingProblem(key, layer.name, problem))
    in_force = {row.attribute: values[row.key] for row in TABLE}
    return Resolved(Settings()._replace(**cast("dict[str, Any]", in_force)), origins, tuple(problems))


def resolve_with_choice(layers: Sequence[Layer], choice: ChosenModel | None) -> Resolved:
    """Merge the layers, and let the user's choice of a model win while they name the model it was made for.

    So a change of the setting, wherever it is made, wins over an older choice. The choice is trusted no more
    than a repository, which its file may come with.
    """
    resolved = resolve(layers)
    if choice is None or resolved.settings.model != choice.instead_of:
        return resolved
    return resolve((*layers, Layer(CHOSEN, {"model": choice.model}, trusted=False)))


def model_refusal(value: object) -> str | None:
    """Why this cannot be a model's name, as the end of a sentence; None where it can."""
    try:
        _BY_KEY["model"].kind.check(value)
    except BadValueError as error:
        return str(error)
    return None


class InForce(NamedTuple):
    """One setting for people: `value` is fit to be shown, `origin` where it comes from."""

    key: str
    value: str
    origin: str


def described(resolved: Resolved) -> tuple[InForce, ...]:
    """All settings as they are in force, in the table's order, without what is private."""
    return tuple(
        InForce(
            row.key, _described(row, getattr(resolved.settings, row.attribute)), resolved.origins[row.key]
        )
        for row in TABLE
    )


def _described(row: Setting, value: object) -> str:
    if value is None or value == "":
        return "not set"
    if row.private:
        return "set, not shown"
    if isinstance(value, Mapping):
        return ", ".join(cast("Mapping[str, object]", value)) or "none"
    if isinstance(value, tuple):
        return (
            "all" if value and value == row.default else ", ".join(cast("tuple[str, ...]", value)) or "none"
        )
    return shown(value)


def _merge(
    row: Setting, value: object, layer: Layer, values: dict[str, object], origins: dict[str, str]
) -> str | None:
    """Put the value in force, or say why not."""
    if not layer.trusted and not row.workspace_safe:
        return (
            f"{row.key} in {layer.name} is ignored: a workspace may not set it; set it in your own settings."
        )
    current = values[row.key]
    try:
        accepted = row.kind.check(value)
    except BadValueError as error:
        found = "cannot be used" if row.private else f"is {shown_bad(value)}"
        sentence = f"{row.key} in {layer.name} {found}: {error}"
        if row.if_bad is None:
            return f"{sentence}; {_said(row, current)} is used."
        _put(row, row.if_bad.value, layer, values, origins)
        return f"{sentence}; {row.if_bad.words}."
    if not layer.trusted and not row.workspace.allows(accepted, current):
        return (
            f"{row.key} in {layer.name} is {shown(accepted)}, but a workspace may {row.workspace.words}; "
            f"{_said(row, current)} is used."
        )
    _put(row, accepted, layer, values, origins)
    return None


def _put(
    row: Setting, value: object, layer: Layer, values: dict[str, object], origins: dict[str, str]
) -> None:
    """Put the value in force, or beside those before where they add up."""
    origin = layer.name
    if row.adds and values[row.key]:
        if not value:
            return
        before = cast("tuple[str, ...]", values[row.key])
        value = last_of_each((*before, *cast("tuple[str, ...]", value)))
        origin = f"{origins[row.key]}, {layer.name}"
    values[row.key], origins[row.key] = value, origin


def _said(row: Setting, value: object) -> str:
    if value is None:
        return "the model's own default" if not row.private else "no value"
    unshown = row.private or _is_several(value)
    if value == row.default:
        return "the default" if unshown else f"the default {shown(value)}"
    return "the value before" if unshown else shown(value)


def _is_several(value: object) -> bool:
    return isinstance(value, tuple | Mapping)


def _entries(values: object) -> Iterator[tuple[str, object]]:
    """All keys with their values, nested ones as dotted keys, without the group `pygpt` around them."""
    if values is None:
        return
    if not isinstance(values, Mapping):
        yield "", values
        return
    for key, value in _opened(cast("Mapping[object, object]", values)):
        inner = key.removeprefix("pygpt.")
        if inner == key:
            yield key, value
        else:
            yield from _opened({inner: value})


def _opened(values: Mapping[object, object]) -> Iterator[tuple[str, object]]:
    """One level of groups opened, which is as deep as keys go; an empty group sets nothing."""
    for raw, value in values.items():
        key = raw if isinstance(raw, str) else shown(raw)
        if isinstance(value, Mapping) and value and key not in _BY_KEY and "." not in key:
            for inner, nested in cast("Mapping[object, object]", value).items():
                yield f"{key}.{inner if isinstance(inner, str) else shown(inner)}", nested
        elif not (key in _OPENABLE and (value is None or isinstance(value, Mapping))):
            yield key, value


def _unknown(key: str, value: object, where: str) -> SettingProblem:
    """The problem of a key that is in no row; a key's name may be a secret put in the wrong place too."""
    said = shown_bad(key).strip('"')
    if not key:
        hint = f"The settings from {where} are {shown_bad(value)}, not a group of settings; they are ignored."
    elif key in _GROUPS:
        names = ", ".join(row.key for row in TABLE if row.key.startswith(key + "."))
        hint = f"{key} in {where} is a group of settings, not a value; write {names}."
    elif _reads_as_secret(key):
        hint = f"{said} in {where} is ignored: {KEY_BELONGS}."
    else:
        near = _nearest(key)
        hint = f"There is no setting {said} ({where}): " + (
            f"did you mean {near}?" if near else "docs/settings.md lists them all."
        )
    return SettingProblem(said, where, hint)


def _reads_as_secret(key: str) -> bool:
    plain = key.lower().replace("_", "").replace("-", "")
    return plain.endswith(("key", "token", "secret", "password", "credentials"))


def _nearest(key: str) -> str | None:
    import difflib

    near = difflib.get_close_matches(key[:60].lower().replace("-", "_"), list(_BY_KEY), n=1)
    return near[0] if near else None
