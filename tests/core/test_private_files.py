"""Which names are private, and which only look like those."""

from __future__ import annotations

import pytest

from pygpt_lsp.core.private_files import private_file

FILES = """
.env .ENV .Env.Local .env.production .env.local.bak .env-prod .env_prod .envrc .envrc.local .env~ .env2
.environment prod.env app.example.env
id_rsa ID_RSA id_ed25519 id_ed25519_sk id_ecdsa id_dsa id_rsa.old id_rsa_work id_github
server.pem SERVER.PEM private.key a.b.key putty.ppk AuthKey.p8 x.p12 x.pfx x.jks debug.keystore x.kdbx
.netrc _netrc .pgpass .my.cnf .npmrc .pypirc .htpasswd .git-credentials .dockercfg .vault-token kubeconfig
credentials.json secrets.json client_secret_1.json service-account.json application_default_credentials.json
terraform.tfstate terraform.tfstate.backup x.tfstate.1700.bak
.docker/config.json home/.docker/config.json .kube/config .cargo/credentials.toml .streamlit/secrets.toml
.authinfo.gpg rclone.conf app-firebase-adminsdk-1.json .vault_pass.txt .cache/huggingface/token home.ovpn
.git .GIT .env. .env:$DATA
"""

ORDINARY = """
.env.example .env.sample .env.template .env.local.example .ENV.EXAMPLE .envrc.example example.env env.py
id_rsa.pub id_github.pub id_map.json id_generator.py my_id_rsa.md identity pem key keys.py a.pem.md
.gitignore .github credentials.py secrets.py config.json kube/config docker/config.json .docker/config.jsonc
tfstate main.tf env aws ssh .sshrc
"""


@pytest.mark.parametrize("path", FILES.split())
def test_files_that_hold_secrets_are_private(path: str) -> None:
    assert private_file(path.encode(), path.encode().rpartition(b"/")[2], is_folder=False)


@pytest.mark.parametrize("path", ORDINARY.split())
def test_files_that_only_look_like_those_are_not(path: str) -> None:
    assert private_file(path.encode(), path.encode().rpartition(b"/")[2], is_folder=False) is None


@pytest.mark.parametrize(
    "name", [b".aws", b".AWS", b".envs", b".oci", b".ssh", b".gnupg", b".git", b".password-store"]
)
def test_folders_of_secrets_are_private(name: bytes) -> None:
    assert private_file(b"home/" + name, name, is_folder=True)


@pytest.mark.parametrize("name", [b"id_service", b"src", b".github", b".config"])
def test_other_folders_are_not(name: bytes) -> None:
    assert private_file(name, name, is_folder=True) is None


def test_one_is_told_why() -> None:
    assert private_file(b"a/x.pem", b"x.pem", is_folder=False) == ("*.pem", "private keys")
