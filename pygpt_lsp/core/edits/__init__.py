"""From a model's answer to edits of files: the lines that change, at the one place they fit, or a refusal.

`reading` takes an answer apart into blocks, `placing` finds the one place where a block fits, `plan` turns
the blocks for one file into changes, and `anchored` keeps these on their lines while the user types. `region`
plans code that replaces a selection, and `lines` holds the edits that changes are made of.
"""
