"""Secrets that are known by their form, wherever they stand: keys and tokens with a prefix of their own.

The forms are those that the issuers document. Each begins at a boundary and takes a whole run of its
characters, so a run is looked at once and a text costs its length. A form that is short or made of letters
alone is followed by a look at its characters: `sk-your-key-here` is an example and no key.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pygpt_lsp.core.secrets.kinds import Kind, Secret
from pygpt_lsp.core.secrets.values import is_random

if TYPE_CHECKING:
    from collections.abc import Iterator

_FORMS: Final[tuple[tuple[Kind, str], ...]] = (
    ("ANTHROPIC", r"sk-ant-[\w-]{24,}"),
    ("OPENAI", r"sk-(?:proj|svcacct|admin|None|or-v1)-[\w-]{20,}"),
    ("STRIPE", r"(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,}"),
    ("STRIPE", r"whsec_[A-Za-z0-9+/=]{24,}"),
    ("OPENAI", r"sk-[A-Za-z0-9]{32,}"),
    ("OPENAI", r"sess-[A-Za-z0-9]{40}"),
    ("AWS", r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}"),
    ("GITHUB", r"gh[pousr]_[A-Za-z0-9]{36,255}"),
    ("GITHUB", r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    ("GITLAB", r"gl(?:pat|dt|rt|rtr|cbt|ptt|ft|imt|agent|oas|soat|ffct|wt)-(?:[\w-]{20,}(?:\.[\w-]+)*)"),
    ("GITLAB", r"GR1348941[\w-]{20,}"),
    ("SLACK", r"xox[abceoprs]-[A-Za-z0-9-]{20,}"),
    ("SLACK", r"xoxd-[A-Za-z0-9%+/=-]{40,}"),
    ("SLACK", r"xoxe\.xox[bp]-[A-Za-z0-9-]{20,}"),
    ("SLACK", r"xapp-\d-[A-Z0-9]+-\d+-[a-z0-9]{32,}"),
    ("GOOGLE", r"AIza[\w-]{35}"),
    ("GOOGLE", r"GOCSPX-[\w-]{28}"),
    ("GOOGLE", r"ya29\.[\w-]{30,}"),
    ("JWT", r"eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{16,}"),
    ("JWT", r"eyJ[\w-]{8,}\.(?:[\w-]*\.){3}[\w-]{16,}"),
    ("NPM", r"npm_[A-Za-z0-9]{36}"),
    ("PYPI", r"pypi-[\w-]{60,}"),
    ("TOKEN", r"hf_[A-Za-z0-9]{34,}"),
    ("TOKEN", r"do[opr]_v1_[a-f0-9]{64}"),
    ("TOKEN", r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    ("TOKEN", r"dckr_[po]at_[\w-]{20,}"),
    ("TOKEN", r"hv[sbr]\.[\w-]{24,}"),
    ("TOKEN", r"dapi[a-f0-9]{32}(?:-\d)?"),
    ("TOKEN", r"gls[ab]_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}"),
    ("TOKEN", r"glc_[A-Za-z0-9+/=]{32,}"),
    ("TOKEN", r"figd_[\w-]{20,}"),
    ("TOKEN", r"ntn_[A-Za-z0-9]{40,}"),
    ("TOKEN", r"sntry[su]_[A-Za-z0-9_=+/]{40,}"),
    ("TOKEN", r"rubygems_[a-f0-9]{48}"),
    ("TOKEN", r"ATATT3[\w=-]{60,}"),
    ("TOKEN", r"(?<=\d{8}:)AA[\w-]{33}"),
    ("KEY", r"SG\.[\w-]{22}\.[\w-]{43}"),
    ("KEY", r"key-[a-f0-9]{32}"),
    ("KEY", r"lin_api_[A-Za-z0-9]{40}"),
    ("KEY", r"gsk_[A-Za-z0-9]{40,}"),
    ("KEY", r"xai-[A-Za-z0-9]{60,}"),
    ("KEY", r"r8_[A-Za-z0-9]{37}"),
    ("KEY", r"pplx-[A-Za-z0-9]{40,}"),
    ("KEY", r"sbp_[a-f0-9]{40}"),
    ("KEY", r"NRAK-[A-Z0-9]{27}"),
    ("KEY", r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    ("KEY", r"AGE-SECRET-KEY-1[A-Z0-9]{58}"),
)

# What stands before may not be part of the run; `\\n` and the like in a string literal are no part of it, nor
# is the sign of a diff.
_BEFORE: Final = r"(?:(?<![A-Za-z0-9_+-])|(?<=\\[nrt])|(?<=%[0-9A-F]{2})|(?<=[\r\n][+-]))"
_RUN: Final = re.compile(r"[A-Za-z0-9_-]{20,}")
"""Each form holds such a run, and few other texts do: looking for those first makes the search cheap."""
_AHEAD: Final = 8
"""How many characters of a form may stand before its first run."""
_PREFIX: Final = re.compile(
    _BEFORE
    + r"(?:sk[-_]|s(?:ess|hp|bp_|ntry)|rk_|whsec_|A(?:KIA|SIA|BIA|CCA|Iza|TATT3|GE-)|gh[pousr]_|github_"
    r"|gl[a-z]+[-_]|gsk_|GR134|xo|xapp|xai-|GOCSPX|ya29|eyJ|npm_|pypi-|hf_|hv|do[opr]_|dckr|dapi|figd_|ntn_|rubygems_"
    r"|(?<=\d:)AA|SG\.|key-|lin_api|r8_|pplx|NRAK|PMAK)"
)
_FORM: Final = re.compile("(?:" + "|".join(f"({form})" for _, form in _FORMS) + r")(?![A-Za-z0-9_-])")
_HOOK: Final = re.compile(
    r"https://(?:hooks\.slack\.com/(?:services|workflows|triggers)/(?P<slack>[A-Za-z0-9/]{24,})"
    r"|(?:\w+\.)?discord(?:app)?\.com/api/webhooks/\d+/(?P<discord>[\w-]{40,}))"
)


def by_form(text: str) -> Iterator[Secret]:
    """The secrets in a text that are known by their form."""
    done = 0
    for run in _RUN.finditer(text):
        for prefix in _PREFIX.finditer(text, max(done, run.start() - _AHEAD), run.end()):
            match = _FORM.match(text, prefix.start()) if prefix.start() >= done else None
            if match is not None and is_random(match.group(), least_distinct=7):
                done = match.end()
                yield Secret(match.start(), done, _FORMS[(match.lastindex or 1) - 1][0])
    for match in _HOOK.finditer(text):
        group = match.lastgroup or "slack"
        if is_random(match[group], least_distinct=7):
            yield Secret(*match.span(group), "SLACK" if group == "slack" else "TOKEN")
