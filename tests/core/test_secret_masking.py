"""What is masked comes back byte for byte, wherever it stood; what is no placeholder of ours stays."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pygpt_lsp.core.secrets.kinds import summary_of
from pygpt_lsp.core.secrets.masking import digits_of, mask_all, names_in, parts_of, restored
from tests.core.secrets.corpus import LOOKALIKES, TRUE_SECRETS, Case

KEY = bytes(range(32))
FILLERS = (
    "",
    "\n",
    "\r\n",
    "ö😀",
    " ",
    '"',
    "'",
    "= ",
    "password: ",
    "x",
    "\\n",
    "PYGPT_SECRET_AWS_3F9A21C4B0D1\n",
)


class Names:
    """The names for secrets, as one workspace gives them."""

    def __init__(self, key: bytes = KEY) -> None:
        self.names: dict[str, str] = {}
        self._key = key

    def mask(self, text: str) -> str:
        (away,), self.names = mask_all([text], self._key, self.names)
        return away

    @property
    def secrets(self) -> dict[str, str]:
        return {digits_of(secret, self._key): secret for secret in self.names}


@pytest.mark.parametrize("case", TRUE_SECRETS, ids=str)
def test_a_secret_is_masked_and_restored_exactly(case: Case) -> None:
    names = Names()

    away = names.mask(case.text)

    assert case.secret not in away
    assert len(names_in(away)) == 1
    assert away == case.text.replace(case.secret, names.names[case.secret])
    assert restored(away, names.secrets) == case.text


planted = st.lists(
    st.one_of(
        st.sampled_from([case.text for case in (*TRUE_SECRETS, *LOOKALIKES)]),
        st.sampled_from([case.secret for case in TRUE_SECRETS]),
        st.sampled_from(FILLERS),
        st.text(max_size=20),
    ),
    max_size=8,
).map("".join)


@given(planted)
@example("".join(case.text for case in TRUE_SECRETS))
def test_any_text_with_secrets_anywhere_is_restored_exactly(text: str) -> None:
    names = Names()

    away = names.mask(text)

    assert restored(away, names.secrets) == text


@given(planted)
def test_masking_what_is_masked_changes_nothing(text: str) -> None:
    names = Names()
    away = names.mask(text)

    assert names.mask(away) == away


def test_a_secret_has_the_same_placeholder_in_every_file_of_a_workspace_and_another_elsewhere() -> None:
    python, shell = 'password = "hunter2-ö"\n', "export DB_PASSWORD=hunter2-ö\r\n"
    here, elsewhere = Names(), Names(b"another key")

    (first,) = names_in(here.mask(python))
    assert names_in(here.mask(shell)) == [first]
    assert names_in(elsewhere.mask(python)) != [first]


def test_a_secret_is_masked_too_where_a_message_quotes_it() -> None:
    names = Names()
    names.mask('password = "hunter2-ö"')

    assert "hunter2-ö" not in names.mask("1:1 error: 'hunter2-ö' is not allowed; see hunter2-ö.")
    assert "hunter2-öx" in names.mask("hunter2-öx is another word")


def test_a_name_that_only_looks_like_a_placeholder_stays() -> None:
    names = Names()
    text = 'a = "PYGPT_SECRET_AWS_3F9A21C4B0D1"\npassword = "hunter2"\nPYGPT_SECRET_ = 1\n'

    away = names.mask(text)

    assert 'a = "PYGPT_SECRET_AWS_3F9A21C4B0D1"' in away
    assert restored(away, names.secrets) == text


def test_a_name_that_was_altered_is_not_restored() -> None:
    names = Names()
    (name,) = names_in(names.mask('password = "hunter2"'))
    wrong = name[:-1] + ("0" if name[-1] != "0" else "1")

    for altered in (wrong, f"{name}_OLD", f"{name}0", name.lower(), name[:-1]):
        assert restored(altered, names.secrets) == altered
    assert restored(name, names.secrets, keep=[name]) == name


def test_a_placeholder_is_an_identifier_that_tells_the_kind_and_nothing_of_the_secret() -> None:
    (name,) = names_in(Names().mask("DB_PASSWORD=hunter2"))

    assert name.isidentifier()
    assert parts_of(name) == ("PASSWORD", digits_of("hunter2", KEY))
    assert digits_of("hunter2", KEY) != digits_of("hunter2", b"")


def test_what_was_masked_is_told_in_words() -> None:
    assert summary_of([]) == ""
    assert summary_of([("password", 1)]) == "1 secret masked: 1 password"
    assert summary_of([("AWS key", 2), ("password", 1)]) == "3 secrets masked: 2 AWS keys, 1 password"
