"""Files that hold keys and passwords by their names: never sent, listed or edited, whatever a workspace says.

The patterns are those of an ignore file. Upper and lower case are the same in them, because they are on some
file systems. What must not be here: names that many ordinary files have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from pygpt_lsp.core.ignore_patterns import IgnorePattern, IgnorePatterns

if TYPE_CHECKING:
    from collections.abc import Iterator

_GROUPS: Final = (
    (
        "environment files",
        "*.env .env* .env .env.* "
        "!.env*[._-]example !.env*[._-]sample !.env*[._-]template !example.env !sample.env !template.env",
    ),
    (
        "private keys",
        # A key of one's own naming has no ending; a folder and `id_map.json` are something else.
        "id_* !id_*/ !id_*.* id_rsa* id_dsa* id_ecdsa* id_ed25519* id_xmss* !id_*.pub "
        "ssh_host_*_key *.pem *.key *.ppk *.p8 *.p12 *.pfx *.jks *.keystore *.kdb *.kdbx *.keytab",
    ),
    (
        "credentials",
        ".aws/ .azure/ .ssh/ .gnupg/ .password-store/ **/.config/gcloud/ **/.docker/config.json .dockercfg "
        "**/.kube/config kubeconfig .netrc _netrc .pgpass .my.cnf .npmrc .pypirc .htpasswd .git-credentials "
        "**/.cargo/credentials **/.cargo/credentials.toml .vault-token credentials.json secrets.json "
        "client_secret.json client_secret_*.json service-account.json service_account.json "
        "application_default_credentials.json **/.streamlit/secrets.toml **/.config/gh/hosts.yml "
        "**/.config/hub **/.config/glab-cli/config.yml **/.config/op/ **/.config/sops/ **/.config/rclone/ "
        "**/.config/doctl/ **/.config/containers/auth.json **/.local/share/keyrings/ **/.gem/credentials "
        "**/.terraform.d/credentials.tfrc.json **/.m2/settings-security.xml .s3cfg .boto /etc/shadow "
        ".authinfo* .oci/ .databrickscfg rclone.conf *firebase-adminsdk*.json .passwd-s3fs .mylogin.cnf "
        "pgpass.conf .msmtprc .vault_pass* kaggle.json **/huggingface/token **/.huggingface/token "
        "**/.composer/auth.json *.ovpn",
    ),
    ("Terraform states", "*.tfstate *.tfstate.*"),
    ("git's own files", ".git"),
)


class PrivateFile(NamedTuple):
    """Why a file is private: the pattern its name matches and what such files are, in the plural."""

    pattern: str
    what: str


def private_file(path: bytes, name: bytes, *, is_folder: bool) -> PrivateFile | None:
    """Why the entry `name` at `path` (both as bytes, `/` between names) is private; None where it is not.

    It looks at this entry alone: whoever asks for a file asks for each folder above it too.
    """
    pattern = _PATTERNS.last_match(path, name, is_folder=is_folder)
    if pattern is None and (name[-1:] in {b".", b" "} or b":" in name):
        # Windows drops these from the end of a name, and after a colon it takes the same file's data.
        meant = name.partition(b":")[0].rstrip(b". ")
        pattern = _PATTERNS.last_match(path[: len(path) - len(name)] + meant, meant, is_folder=is_folder)
    if pattern is None or pattern.negated:
        return None
    return PrivateFile(pattern.text, _WHAT[pattern.text])


def _lines() -> Iterator[tuple[str, str]]:
    for what, patterns in _GROUPS:
        for pattern in patterns.split():
            yield pattern, what


_WHAT: Final = dict(_lines())
_PATTERNS: Final = IgnorePatterns(
    (IgnorePattern(pattern.encode(), folded=True) for pattern in _WHAT), folded=True
)
