"""Secrets planted where secrets lie on a machine, and the search for them everywhere else."""

from __future__ import annotations

import base64
import secrets
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class Canary(NamedTuple):
    """A secret, made up for one run, and where it lies."""

    place: str
    secret: str
    file: Path | None = None
    """The file that it lies in; None where it lies in none."""

    @property
    def traces(self) -> list[bytes]:
        """What it may look like: itself, and what any text that holds it looks like in Base64."""
        plain = self.secret.encode()
        # What stands before it shifts it; its first and last letters mix with those of its neighbours.
        shifted = (base64.b64encode(bytes(shift) + plain)[4:-4] for shift in range(3))
        return [plain, *shifted]

    def is_in(self, data: bytes) -> bool:
        """Whether the data shows it."""
        return any(trace in data for trace in self.traces)


class Canaries:
    """Those of one run. `home` and `workspace` are the folders that they are planted in."""

    def __init__(self, home: Path, workspace: Path) -> None:
        self.key = Canary("the API key", f"sk-proj-{secrets.token_hex(24)}")
        token = f"ghp_{secrets.token_hex(18)}"
        self.planted = (
            _written("a .env file", workspace / ".env", "DATABASE_URL=postgres://me:{}@db.example/app\n"),
            _written("a private key", home / ".ssh/id_ed25519", _KEY_FILE),
            _written("git's remote", workspace / ".git/config", _REMOTE, append=True),
            _written(
                "cloud credentials", home / ".aws/credentials", "[default]\naws_secret_access_key = {}\n"
            ),
            _written("an ignored file", workspace / "notes.local", "the door opens with {}\n"),
            _written(
                "a comment in the user's settings", home / ".config/pygpt-lsp/config.toml", "# was: {}\n"
            ),
            _written(".netrc", home / ".netrc", _NETRC),
            _written("git's stored passwords", home / ".git-credentials", "https://me:{}@api.openai.com\n"),
            Canary("an unknown setting", secrets.token_hex(16)),
            Canary("the environment", secrets.token_hex(16)),
            _written("an assignment in code", workspace / "src/client.py", _CODE, secret=token),
        )

    @property
    def all(self) -> tuple[Canary, ...]:
        """The key and the others."""
        return (self.key, *self.planted)

    @property
    def in_code(self) -> Canary:
        """The one in a file that is worked on."""
        return self.planted[-1]

    @property
    def env(self) -> dict[str, str]:
        """The variables that hold some of them."""
        other = self._at("the environment").secret
        return {"OPENAI_API_KEY": self.key.secret, "AWS_SECRET_ACCESS_KEY": other, "GITHUB_TOKEN": other}

    @property
    def settings(self) -> dict[str, object]:
        """Settings that nobody knows, as editors send along what was meant for another server."""
        return {"whatever": {"deep": [self._at("an unknown setting").secret]}}

    def found_in(self, folders: Iterable[Path]) -> list[str]:
        """Each file below the folders that shows one of them and is not where it was planted."""
        found: list[str] = []
        for path in (each for folder in folders for each in folder.rglob("*")):
            try:
                data = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
            except FileNotFoundError:  # the server removes what it needs no longer
                continue
            hits = [each for each in self.all if each.file != path and each.is_in(data + bytes(path))]
            found += [f"{each.place} in {path}" for each in hits]
        return found

    def _at(self, place: str) -> Canary:
        return next(each for each in self.planted if each.place == place)


_KEY_FILE = "-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----\n"
_REMOTE = '[remote "origin"]\n\turl = https://me:{}@github.example/project.git\n'
_NETRC = """\
machine api.openai.com login me password {}
machine pygpt.net login me password {}
machine 127.0.0.1 login me password {}
default login me password {}
"""
_CODE = '''\
"""Talks to the API. ö 😀"""

TOKEN = "{}"


def headers():
    return dict(Authorization="Bearer " + TOKEN)
'''


def _written(place: str, file: Path, text: str, *, secret: str = "", append: bool = False) -> Canary:
    """Plant a secret in a file, where the text has `{}`."""
    secret = secret or secrets.token_hex(16)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab" if append else "xb") as opened:
        opened.write(text.replace("{}", secret).encode())
    return Canary(place, secret, file)
