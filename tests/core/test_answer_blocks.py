"""Reading the code out of answers as models really write them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pygpt_lsp.core.answer_blocks import read_region_answer
from pygpt_lsp.core.context import fence_for
from pygpt_lsp.core.errors import EditRefused
from tests.support.chat_texts import hostile_texts

TAKEN = {
    "as asked": ("```python\nx = 1\n```", "x = 1\n"),
    "no language": ("```\nx = 1\n```\n", "x = 1\n"),
    "tildes": ("~~~py\nx = 1\n~~~", "x = 1\n"),
    "longer fence": ("`````python\nx = 1\n`````", "x = 1\n"),
    "longer closing fence": ("```python\nx = 1\n`````", "x = 1\n"),
    "prose around": ("Here you go:\n\n```python\nx = 1\n```\n\nI renamed `y` to `x`.", "x = 1\n"),
    "prose without a blank line": ("Sure:\n```python\nx = 1\n```\nDone.", "x = 1\n"),
    "crlf": ("```python\r\nx = 1\r\ny = 2\r\n```\r\n", "x = 1\ny = 2\n"),
    "attributes": ('```python title="a.py" {1-2}\nx = 1\n```', "x = 1\n"),
    "braces": ("```{.python}\nx = 1\n```", "x = 1\n"),
    "path as language": ("```python:src/a.py\nx = 1\n```", "x = 1\n"),
    "space before the language": ("``` python\nx = 1\n```", "x = 1\n"),
    "spaces after the fences": ("```python  \nx = 1\n```  \n", "x = 1\n"),
    "blank lines at the edges": ("```python\n\n\nx = 1\n\n```", "x = 1\n"),
    "blank lines inside": ("```python\nx = 1\n\n\ny = 2\n```", "x = 1\n\n\ny = 2\n"),
    "indented code stays indented": ("```python\n    x = 1\n        y\n```", "    x = 1\n        y\n"),
    "in a list": ("1. Change it:\n\n   ```python\n   x = 1\n     y\n   ```\n2. Run it.", "x = 1\n  y\n"),
    "deep in a list": ("- a\n  - b\n\n      ```python\n      x = 1\n      ```", "x = 1\n"),
    "on the bullet's line": ("- ```python\n  x = 1\n  ```", "x = 1\n"),
    "indented less than its block": ("  ```python\nx = 1\n  ```", "x = 1\n"),
    "fence in a docstring": (
        '```python\ndef f():\n    """\n    ```\n    f()\n    ```\n    """\n```',
        'def f():\n    """\n    ```\n    f()\n    ```\n    """\n',
    ),
    "fence in a docstring behind a tab": (
        "```go\n/*\n\t```\n\tf()\n\t```\n*/\n```",
        "/*\n\t```\n\tf()\n\t```\n*/\n",
    ),
    "markdown in a longer fence": ("````markdown\n# T\n```\nx\n```\n````", "# T\n```\nx\n```\n"),
    "markdown in tildes": ("~~~md\n# T\n```py\nx\n```\n~~~", "# T\n```py\nx\n```\n"),
    "markdown in an equal fence": ("```markdown\n# T\n```py\nx\n```\nend\n```", "# T\n```py\nx\n```\nend\n"),
    "two blocks in markdown": ("```md\n```a\n1\n```\n\n```b\n2\n```\n```", "```a\n1\n```\n\n```b\n2\n```\n"),
    "a longer fence inside": ("```md\n````py\nx\n````\n```", "````py\nx\n````\n"),
    "an example of use in another language": ("```python\nx = 1\n```\nRun:\n```bash\npy a\n```", "x = 1\n"),
    "alias of the language": ("```sh\npip i\n```\n```py\nx = 1\n```", "x = 1\n"),
    "an empty block besides": ("```\n\n```\n```python\nx = 1\n```", "x = 1\n"),
    "reasoning left in": ("<think>\n```\nno\n```\n</think>\n\n```python\nx = 1\n```", "x = 1\n"),
    "form feed and U+2028 are no line ends": ("```\na\f```\u2028b\n```", "a\f```\u2028b\n"),
}

REFUSED = {
    "nothing": ("", "empty"),
    "blank": (" \n\n", "empty"),
    "prose": ("I cannot help with that.", "no code block"),
    "code without a fence": ("x = 1\ny = 2\n", "no code block"),
    "code in backticks": ("`x = 1`", "no code block"),
    "fence on one line": ("```x = 1```", "no code block"),
    "quoted": ("> ```\n> x = 1\n> ```", "no code block"),
    "never closed": ("```python\nx = 1\n", "never closed"),
    "closed on the last line of code": ("```python\nx = 1```", "never closed"),
    "closed by the other character": ("```python\nx = 1\n~~~", "never closed"),
    "closed by a shorter fence": ("````python\nx = 1\n```", "never closed"),
    "second block never closed": ("```python\nx = 1\n```\nand\n```python\ny", "never closed"),
    "first block never closed": ("```python\nx = 1\n\n```python\ny\n```", "never closed"),
    "empty block": ("```python\n```", "is empty"),
    "blank block": ("```python\n\n  \n```", "is empty"),
    "two blocks": ("```python\nx\n```\nor\n```python\ny\n```", "2 code blocks"),
    "two blocks without a language": ("```\nx\n```\nthen\n```\ny\n```", "2 code blocks"),
    "one of two without a language": ("```python\nx\n```\nthen\n```\ny\n```", "2 code blocks"),
    "none of two in the language": ("```js\nx\n```\n```ts\ny\n```", "2 code blocks"),
    "bare blocks in an equal markdown fence": ("```md\n# T\n```\nx\n```\nend\n```", "2 code blocks"),
    "a diff": ("```diff\n-x\n+y\n```", "diff"),
}


@pytest.mark.parametrize("shape", TAKEN)
def test_the_one_block_is_taken(shape: str) -> None:
    answer, code = TAKEN[shape]
    assert read_region_answer(answer, language="python") == code


@pytest.mark.parametrize("shape", REFUSED)
def test_what_is_not_clear_is_refused_with_the_reason(shape: str) -> None:
    answer, reason = REFUSED[shape]
    with pytest.raises(EditRefused, match=reason) as refused:
        read_region_answer(answer, language="python")
    assert "nothing was changed" in refused.value.sentence


@pytest.mark.parametrize("shape", TAKEN)
def test_an_answer_that_was_cut_off_is_never_taken(shape: str) -> None:
    with pytest.raises(EditRefused, match="cut off"):
        read_region_answer(TAKEN[shape][0], language="python", finished=False)


def test_an_answer_without_a_fence_is_code_only_where_the_caller_says_so() -> None:
    assert read_region_answer("\n  x = 1\n\n", bare=True) == "  x = 1\n"
    assert read_region_answer("Sure:\n```\nx\n```", bare=True) == "x\n"
    with pytest.raises(EditRefused, match="empty"):
        read_region_answer("\n", bare=True)


def test_a_diff_is_code_in_a_diff_file() -> None:
    assert read_region_answer("```diff\n-x\n+y\n```", language="diff") == "-x\n+y\n"


def test_a_refusal_never_quotes_the_answer() -> None:
    for answer, _ in REFUSED.values():
        with pytest.raises(EditRefused) as refused:
            read_region_answer(f"secretö {answer} secretö")
        assert "secretö" not in str(refused.value)


@given(
    st.lists(hostile_texts(endings=("\n",)).map(lambda text: text.replace("\r", "")), max_size=3),
    st.booleans(),
)
@example(["```"], False)
@example(["~~~~\n````\n`````"], True)
def test_a_model_that_uses_the_fence_it_is_told_is_always_understood(parts: list[str], prose: bool) -> None:
    code = "x\n" + "\n".join(parts) + "\ny"
    fence = fence_for(code)
    answer = f"{fence}markdown\n{code}\n{fence}"
    read = read_region_answer(f"Here:\n{answer}\nDone." if prose else answer, language="python")
    assert read == code + "\n"


@given(hostile_texts(), st.booleans())
def test_no_answer_breaks_the_reader(answer: str, bare: bool) -> None:
    try:
        code = read_region_answer(answer, language="python", bare=bare)
    except EditRefused:
        return
    assert code.strip()
    assert code.endswith("\n")
    assert "\r" not in code
