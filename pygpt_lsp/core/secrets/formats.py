"""Secrets that are known by their form, wherever they stand: keys and tokens with a prefix of their own.

The forms are those that the issuers document. Each begins at a boundary, which may be a sign in a name
(`my-ghp_…`), and takes a whole run of its characters; quantities that runs could make the search return to
are bounded, so a text costs its length. What has the form is looked at once more by its characters:
`sk-your-key-here` is an example and no key.
"""

from __future__ import annotations

import re
from functools import cache
from string import ascii_letters, digits
from typing import TYPE_CHECKING, Final

from pygpt_lsp.core.secrets.kinds import Kind, Secret
from pygpt_lsp.core.secrets.literals import any_of
from pygpt_lsp.core.secrets.values import is_random

if TYPE_CHECKING:
    from collections.abc import Iterator

_FORMS: Final[tuple[tuple[Kind, str, str], ...]] = (
    ("ANTHROPIC", "sk-ant-", r"[\w-]{24,}"),
    ("OPENAI", "sk-proj- sk-svcacct- sk-admin- sk-None- sk-or-v1-", r"[\w-]{20,}"),
    ("OPENAI", "sk-", r"[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}"),
    ("OPENAI", "sk-", r"(?<![^\r\n][_-]sk-)[A-Za-z0-9]{32,}(?!-)"),  # `messages-sk-HASH.js` is a file
    ("OPENAI", "sess-", r"(?<![^\r\n][_-]sess-)[A-Za-z0-9]{40}(?!-)"),
    ("STRIPE", "sk_live_ sk_test_ rk_live_ rk_test_", r"[A-Za-z0-9]{16,}"),
    ("STRIPE", "whsec_", r"[A-Za-z0-9+/=]{24,}"),
    (  # the beginnings of private keys in base64 once more, as Kubernetes has them
        "PRIVATE_KEY",
        "LS0tLS1CRUdJTiBQUklWQVRF LS0tLS1CRUdJTiBSU0EgUFJJVkFU LS0tLS1CRUdJTiBFQyBQUklWQVRF"
        " LS0tLS1CRUdJTiBPUEVOU1NIIFBSSVZBVEUg LS0tLS1CRUdJTiBFTkNSWVBURUQgUFJJVkFU",
        r"[A-Za-z0-9+/]{40,}={0,2}",
    ),
    ("AWS", "AKIA ASIA ABIA ACCA", r"[A-Z2-7]{16}"),
    ("GITHUB", "ghp_ gho_ ghu_ ghs_ ghr_", r"[A-Za-z0-9]{36,255}"),
    ("GITHUB", "github_pat_", r"[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    (
        "GITLAB",
        "glpat- gldt- glrt- glrtr- glcbt- glptt- glft- glimt- glagent- gloas- glsoat- glffct- glwt-",
        r"[\w-]{20,}(?:\.[\w-]+)*",
    ),
    ("GITLAB", "GR1348941", r"[\w-]{20,}"),
    ("SLACK", "xoxa- xoxb- xoxc- xoxe- xoxo- xoxp- xoxr- xoxs-", r"[A-Za-z0-9-]{20,}"),
    ("SLACK", "xoxd-", r"[A-Za-z0-9%+/=-]{40,}"),
    ("SLACK", "xoxe.xoxb- xoxe.xoxp-", r"[A-Za-z0-9-]{20,}"),
    ("SLACK", "xapp-", r"\d-[A-Z0-9]+-\d+-[a-z0-9]{32,}"),
    ("GOOGLE", "AIza", r"[\w-]{35}"),
    ("GOOGLE", "GOCSPX-", r"[\w-]{28}"),
    ("GOOGLE", "ya29.", r"[\w-]{30,}"),
    ("JWT", "eyJ", r"[\w-]{8,1000}\.eyJ[\w-]{8,8000}\.[\w-]{16,}"),
    ("JWT", "eyJ", r"[\w-]{8,1000}\.(?:[\w-]{0,8000}\.){3}[\w-]{16,}"),
    ("NPM", "npm_", r"[A-Za-z0-9]{36}"),
    ("PYPI", "pypi-", r"[\w-]{60,}"),
    ("TOKEN", "hf_", r"[A-Za-z0-9]{34,}"),
    ("TOKEN", "dop_v1_ doo_v1_ dor_v1_", r"[a-f0-9]{64}"),
    ("TOKEN", "shpat_ shpca_ shppa_ shpss_", r"[a-fA-F0-9]{32}"),
    ("TOKEN", "dckr_pat_ dckr_oat_", r"[\w-]{20,}"),
    ("TOKEN", "hvs. hvb. hvr.", r"[\w-]{24,}"),
    ("TOKEN", "dapi", r"[a-f0-9]{32}(?:-\d)?"),
    ("TOKEN", "glsa_ glsb_", r"[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}"),
    ("TOKEN", "glc_", r"[A-Za-z0-9+/=]{32,}"),
    ("TOKEN", "figd_", r"[\w-]{20,}"),
    ("TOKEN", "ntn_", r"[A-Za-z0-9]{40,}"),
    ("TOKEN", "sntrys_ sntryu_", r"[A-Za-z0-9_=+/]{40,}"),
    ("TOKEN", "rubygems_", r"[a-f0-9]{48}"),
    ("TOKEN", "ATATT3", r"[\w=-]{60,}"),
    ("TOKEN", "AA", r"(?<=\d{8}:AA)[\w-]{33}"),  # Telegram
    ("TOKEN", "MT Mj Mz ND NT Nj Nz OD OT", r"[\w-]{21,26}\.[\w-]{6}\.[\w-]{27,38}"),  # Discord: a number
    ("TOKEN", "dp.pt. dp.sa. dp.scim. dp.audit.", r"[A-Za-z0-9]{40,44}"),
    ("TOKEN", "nfp_", r"[A-Za-z0-9]{40}"),
    ("TOKEN", "pscale_tkn_ pscale_pw_ pscale_oauth_", r"[\w-]{32,64}"),
    ("TOKEN", "CCIPAT_ CCIPRJ_", r"[A-Za-z0-9]{22}_[a-f0-9]{40}"),
    ("TOKEN", "squ_ sqp_ sqa_", r"[a-f0-9]{40}"),
    ("TOKEN", "CFPAT-", r"[\w-]{43}"),
    ("TOKEN", "sk.eyJ", r"[\w-]{40,}\.[\w-]{20,}"),  # Mapbox
    ("KEY", "SG.", r"[\w-]{22}\.[\w-]{43}"),
    ("KEY", "key-", r"(?<![^\r\n][_-]key-)[a-f0-9]{32}(?!-)"),  # `cache-key-HASH` is none
    ("KEY", "lin_api_", r"[A-Za-z0-9]{40}"),
    ("KEY", "gsk_", r"[A-Za-z0-9]{40,}"),
    ("KEY", "xai-", r"[A-Za-z0-9]{60,}"),
    ("KEY", "r8_", r"[A-Za-z0-9]{37}"),
    ("KEY", "pplx-", r"[A-Za-z0-9]{40,}"),
    ("KEY", "nvapi-", r"[\w-]{64}"),
    ("KEY", "sbp_", r"[a-f0-9]{40}"),
    ("KEY", "xkeysib- xsmtpsib-", r"[a-f0-9]{64}-[A-Za-z0-9]{16}"),
    ("KEY", "tskey-auth- tskey-api- tskey-client-", r"[A-Za-z0-9]+-[A-Za-z0-9]{20,}"),
    ("KEY", "NRAK-", r"[A-Z0-9]{27}"),
    ("KEY", "PMAK-", r"[a-f0-9]{24}-[a-f0-9]{34}"),
    ("KEY", "AGE-SECRET-KEY-1", r"[A-Z0-9]{58}"),
)
"""Kind, how it may begin, and what follows."""

_ANY: Final = any_of(beginning for _, beginnings, _ in _FORMS for beginning in beginnings.split())
_SHORTEST_RUN: Final = 20
"""Each form holds a run of that many of its characters, and few other texts do."""
_RUN: Final = b"a"
_APART: Final = b" "
_FLAT: Final = bytes(
    (_RUN if chr(code) in f"{ascii_letters}{digits}_.-" else _APART)[0] for code in range(256)
)
_BEGINNING: Final = re.compile(_ANY)
_BEHIND_SIGN: Final = re.compile(rf"[_.-](?=(?:{_ANY}))")
_ESCAPE: Final = re.compile(
    r"(?<=\\)(?:[nrt]|x[0-9a-f]{2}|u00[0-9a-f]{2})|(?<=%)[0-9A-F]{2}|(?<=[\[;])\d*m|(?<=\x1b\[)[A-Z]"
)
"""What the first letters of a run may be instead: an escape of a string, the end of a colour code."""


def by_form(text: str) -> Iterator[Secret]:
    """The secrets in a text that are known by their form."""
    done = 0
    for first, end in _runs(text):
        for start in _starts(text, first, end):
            found = _at(text, start) if start >= done else None
            if found is not None:
                done = found.end  # looked at, whatever it is
                if is_random(text[start:done], least_distinct=7):
                    yield found


def _runs(text: str) -> Iterator[tuple[int, int]]:
    """The runs in a text. Their characters are made one letter, since many of the same are found quickest."""
    flat = text.encode("ascii", "replace").translate(_FLAT)
    end = 0
    while (first := flat.find(_RUN * _SHORTEST_RUN, end)) >= 0:
        end = flat.find(_APART, first)
        end = len(flat) if end < 0 else end
        yield first, end


def _starts(text: str, first: int, end: int) -> Iterator[int]:
    """Where in a run a secret may begin: where the run does, behind an escape, behind a sign."""
    yield first
    escape = _ESCAPE.match(text, first, end)
    if escape is not None:
        yield escape.end()
    for sign in _BEHIND_SIGN.finditer(text, first, end):
        yield sign.end()


def _at(text: str, start: int) -> Secret | None:
    beginning = _BEGINNING.match(text, start)
    if beginning is None:
        return None
    for kind, rest in _rests(beginning.group()):
        match = rest.match(text, beginning.end())
        if match is not None:
            return Secret(start, match.end(), kind)
    return None


@cache
def _rests(beginning: str) -> list[tuple[Kind, re.Pattern[str]]]:
    """What may follow, compiled when it is met first."""
    return [
        (kind, re.compile(f"{rest}(?![A-Za-z0-9])"))
        for kind, beginnings, rest in _FORMS
        if beginning in beginnings.split()
    ]
