"""The head of a file is its package line and its imports, found in the languages people write.

In the pictures `|` marks the lines that must be found.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pygpt_lsp.core.file_head import head_span
from pygpt_lsp.core.text import TextSnapshot

HEADS = [
    ("python", """
  #!/usr/bin/env python
  # Licence

  '''Says.'''

| from __future__ import annotations
|
| import os
| from a import (
|     b,
|     c,
| )
|
| if TYPE_CHECKING:
|     from d import e

  x = 1

  def f():
      import late
"""),
    ("javascript", """
  // Licence
| 'use strict'
| import {
|   a,
|   b
| } from 'c'
| const d = require('d')

  export function f() {}
  import late from 'late'
"""),
    ("javascript", """
| import a from 'a'
|
| a.config({
|   b: 1
| })
|
| import c from 'c'
"""),
    ("c", """
| #include <a.h>

  int f(void)
  {
  #if X
    return 1;
  #endif
  }
"""),
    ("go", """
| package a
|
| import (
| \t"fmt"
| \t"os"
| )

  func f() {}
"""),
    ("rust", """
  //! Says.

| use std::{
|     fmt,
|     io,
| };
| mod a;

  pub fn f() {}
"""),
    ("c", """
  /* Licence */
| #ifndef A_H
| #define A_H
|
| #include <stdio.h>

  int f(void);
"""),
    ("cpp", """
| #include <a>
|
| namespace a {

  int f() {
    return 1;
  }
"""),
    ("java", """
| package a.b;
|
| import java.util.List;

  public class A {
  }
"""),
    ("csharp", """
| using System;
|
| namespace A
  {
      class B {}
  }
"""),
    ("php", """
| <?php
| declare(strict_types=1);
| namespace A;
| use B\\C;

  class D {}
"""),
    ("ruby", """
  # frozen_string_literal: true

| require 'a'
| require_relative 'b'

  class C
  end
"""),
    ("elixir", """
| defmodule A do
|   use B
|   alias C.D

    def f, do: 1
  end
"""),
    ("haskell", """
  {-# LANGUAGE X #-}
| module A
|   ( f
|   ) where
|
| import B

  f = 1
"""),
    ("clojure", """
| (ns a.b
|   (:require [c.d :as d]))

  (defn f [])
"""),
    ("lua", """
| local a = require("a")

  local b = 1
"""),
    ("python", """
  x = 1
"""),
    ("json", """
  {"import": 1}
"""),
    ("markdown", """
  use this
"""),
]  # fmt: skip


@pytest.mark.parametrize(("language_id", "picture"), HEADS)
def test_the_head_is_the_package_line_and_the_imports(language_id: str, picture: str) -> None:
    lines = picture.strip("\n").split("\n")
    marked = [index for index, line in enumerate(lines) if line.startswith("|")]
    text = TextSnapshot.from_string("\r\n".join(line[2:] for line in lines))
    assert list(head_span(text, language_id) or ()) == marked


def test_a_head_has_at_most_sixty_lines() -> None:
    text = TextSnapshot.from_string("# licence\n" * 20 + "import a\n" * 5_000)
    assert head_span(text, "python") == range(20, 80)


def test_code_far_below_the_imports_is_no_head() -> None:
    text = TextSnapshot.from_string("import a\n" + "x = 1\n" * 11 + "import b\n")
    assert head_span(text, "python") == range(1)


PIECES = st.sampled_from(
    ["import a", "from b import (", ")", "#", "x = 1", "def f():", "\n", "\r\n", "\f", "ö 😀"]
)


@given(st.lists(PIECES, max_size=60).map("".join), st.sampled_from(["python", "c", "haskell", "?", "json"]))
def test_in_any_text_a_head_lies_in_the_text(source: str, language_id: str) -> None:
    text = TextSnapshot.from_string(source)
    head = head_span(text, language_id)
    assert head is None or 0 <= head.start < head.stop <= text.line_count
