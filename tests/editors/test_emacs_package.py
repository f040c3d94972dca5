"""Our package in Emacs without a terminal: what a server around it would mend, or nobody would see."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.editors.emacs import PACKAGE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.editors.install import Editors

pytestmark = pytest.mark.editor


def batch(editors: Editors, folder: Path, steps: str) -> list[str]:
    """Load the package and run some Lisp; what it says, line by line."""
    file = folder / "steps.el"
    file.write_text(f'(require \'pygpt "{PACKAGE}")\n{steps}', encoding="utf-8")
    done = subprocess.run(
        editors.emacs_command("-Q", "--batch", "-l", file),
        env=os.environ | editors.emacs_env() | {"LANG": "C.UTF-8"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stderr.splitlines()


def test_the_package_compiles_without_a_warning_and_its_documentation_is_in_order(
    editors: Editors, tmp_path: Path
) -> None:
    package = tmp_path / PACKAGE.name
    package.write_bytes(PACKAGE.read_bytes())
    steps = f"""
(setq byte-compile-error-on-warn t)
(unless (byte-compile-file "{package}") (kill-emacs 1))
(checkdoc-file "{package}")
"""
    assert batch(editors, tmp_path, steps) == []


def test_an_edit_for_a_text_that_has_changed_since_is_refused_and_one_for_the_present_text_is_made(
    editors: Editors, tmp_path: Path
) -> None:
    file = tmp_path / "ö.txt"
    file.write_text("one\ntwo\n", encoding="utf-8")
    said = batch(
        editors,
        tmp_path,
        f"""
(let* ((server (make-instance 'pygpt-server :name "s" :process (make-pipe-process :name "p" :noquery t)))
       (buffer (find-file-noselect "{file}"))
       (edit (lambda (version)
               (eglot-handle-request
                server 'workspace/applyEdit
                :edit (list :documentChanges
                            (vector (list :textDocument (list :uri "{file.as_uri()}" :version version)
                                          :edits (vector '(:range (:start (:line 1 :character 0)
                                                                   :end (:line 1 :character 3))
                                                           :newText "zwei ö 😀")))))))))
  (cl-letf (((symbol-function 'jsonrpc-running-p) #'always)
            ((symbol-function 'jsonrpc-notify) #'ignore))
    (with-current-buffer buffer
      (setq pygpt--shared server pygpt--version 1 pygpt--tick (buffer-chars-modified-tick))
      (goto-char (point-min))
      (insert "zero\n")
      (message "%S" (plist-get (funcall edit 1) :applied))
      (message "%S" (buffer-string))
      (delete-region (point-min) (point))
      (pygpt--tell)
      (message "%S" (plist-get (funcall edit pygpt--version) :applied))
      (message "%S" (buffer-string)))))
""",
    )
    assert said == [":json-false", '"zero', "one", "two", '"', "t", '"one', "zwei ö 😀", '"']


def test_a_buffer_is_shared_under_the_name_it_has_and_taken_back_under_the_one_it_had(
    editors: Editors, tmp_path: Path
) -> None:
    old, new = tmp_path / "old ö.txt", tmp_path / "new 😀.txt"
    old.write_text("ö\n", encoding="utf-8")
    said = batch(
        editors,
        tmp_path,
        f"""
(let ((server (make-instance 'pygpt-server :name "s" :process (make-pipe-process :name "p" :noquery t))))
  (cl-letf (((symbol-function 'jsonrpc-running-p) #'always)
            ((symbol-function 'pygpt--server) (lambda () server))
            ((symbol-function 'jsonrpc-notify)
             (lambda (_server method message)
               (message "%s %s" method (plist-get (plist-get message :textDocument) :uri)))))
    (with-current-buffer (find-file-noselect "{old}")
      (pygpt--share)
      (set-visited-file-name "{new}" t)
      (pygpt--share)
      (set-buffer-modified-p nil)
      (kill-buffer))))
""",
    )
    assert said == [
        f":textDocument/didOpen {old.as_uri()}",
        f":textDocument/didClose {old.as_uri()}",
        f":textDocument/didOpen {new.as_uri()}",
        f":textDocument/didClose {new.as_uri()}",
    ]


def test_in_a_buffer_without_a_file_a_command_says_so_before_anything_is_typed(
    editors: Editors, tmp_path: Path
) -> None:
    said = batch(
        editors,
        tmp_path,
        """
(dolist (command '(pygpt-actions pygpt-ask pygpt-change pygpt-chat pygpt-preview))
  (condition-case failure (call-interactively command)
    (user-error (message "%s" (cadr failure)))))
""",
    )
    assert said == ["Save the buffer to a file first"] * 5
