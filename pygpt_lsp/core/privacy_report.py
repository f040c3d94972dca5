"""What `pygpt-lsp privacy` and `pygpt.privacy.show` say: the sum first, then what is in force, then the rows.

What it is made of can come from a repository (names of files, a prepared database), so nothing in it may
steer a terminal or become a link.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pygpt_lsp.core.ledger import LedgerView, bytes_sentence, sum_sentence
from pygpt_lsp.core.pages import one_line, prose

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pygpt_lsp.core.ledger import LedgerRow

    Clock = Callable[[float], str]


class Line(NamedTuple):
    """One thing that is in force, with why or where."""

    name: str
    text: str


class PrivacyReport(NamedTuple):
    """`scope` says whose ledger it is, `hosts` where requests may go, `switches` what is on and off, `files`
    where things lie. `view` is the ledger."""

    scope: str
    hosts: tuple[Line, ...]
    switches: tuple[Line, ...]
    files: tuple[Line, ...]
    view: LedgerView

    def sentence(self, time: Clock) -> str:
        """The sum in one line."""
        return sum_sentence(self.view, "" if self.view.since is None else time(self.view.since))


def as_lines(report: PrivacyReport, time: Clock) -> list[str]:
    """The report for a terminal; `time` says when in words."""
    lines = [one_line(report.sentence(time)), bytes_sentence(report.view), one_line(report.scope)]
    for heading, group in _groups(report):
        width = max((len(line.name) for line in group), default=0)
        lines += ["", heading, *(f"  {line.name:<{width}}  {one_line(line.text)}" for line in group)]
    lines += ["", f"Requests{_shown(report.view)}"]
    lines += [f"  {one_line(text)}" for row in report.view.rows for text in _row_lines(row, time)]
    return lines if report.view.rows else [*lines, "  none"]


def as_page(report: PrivacyReport, time: Clock) -> str:
    """The report as Markdown."""
    lines = ["# What left this machine", "", prose(report.sentence(time)), ""]
    lines += [prose(bytes_sentence(report.view)), "", prose(report.scope)]
    for heading, group in _groups(report):
        lines += ["", f"## {heading}", "", *(f"- {prose(line.name)}: {prose(line.text)}" for line in group)]
    lines += ["", f"## Requests{_shown(report.view)}", ""]
    for row in report.view.rows:
        first, *more = (prose(text) for text in _row_lines(row, time))
        lines += [f"- {first}", *(f"  - {text}" for text in more)]
    return "\n".join([*lines, *([] if report.view.rows else ["none"]), ""])


def as_json(report: PrivacyReport, time: Clock) -> dict[str, Any]:
    """The report for programs; bytes that nobody knows are null and counted in `uncounted`."""
    view = report.view
    sums = [each._asdict() for each in view.sums]
    total = {name: sum(each[name] for each in sums) for name in ("bytes_out", "bytes_in", "uncounted")}
    checks = sum(each.requests for each in view.sums if each.is_version_check)
    return {
        "sentence": report.sentence(time),
        "since": view.since,
        "requests": sum(each.requests for each in view.sums) - checks,
        "version_checks": checks,
        **total,
        "hosts": sums,
        "in_force": {heading: {line.name: line.text for line in group} for heading, group in _groups(report)},
        "rows": [_row_json(row) for row in view.rows],
    }


def _groups(report: PrivacyReport) -> tuple[tuple[str, tuple[Line, ...]], ...]:
    return ("Hosts", report.hosts), ("Switches", report.switches), ("Files", report.files)


def _shown(view: LedgerView) -> str:
    """How many of the rows are shown, where that is not all."""
    count = sum(each.requests for each in view.sums)
    return f" (the newest {len(view.rows):,} of {count:,})" if len(view.rows) < count else ""


def _row_lines(row: LedgerRow, time: Clock) -> list[str]:
    """The row in a line, and what contributed in more."""
    via = f" through the proxy {row.proxy}" if row.proxy else ""
    out, back = (f"{count:,}" if count is not None else "?" for count in (row.bytes_out, row.bytes_in))
    status = f" ({row.status})" if row.status is not None else ""
    outcome = f"{row.outcome or 'under way'}{status}"
    if row.outcome == "unknown":
        outcome = f"outcome unknown: the server died meanwhile; its body has {row.body_bytes:,} bytes"
    lines = [f"{time(row.sent)}  {row.purpose} to {row.host}{via}: {out} bytes out, {back} in, {outcome}"]
    if row.sources:
        lines.append(f"with {', '.join(source.shown for source in row.sources)}")
    if row.masked:
        lines.append("masked " + ", ".join(f"{count} {kind}" for kind, count in row.masked))
    if row.conversation:
        lines.append(f"conversation {row.conversation}, body's SHA-256 {row.body_hash}")
    return lines


def _row_json(row: LedgerRow) -> Mapping[str, Any]:
    fields = row._asdict()
    for private in ("turn", "body_shape"):
        fields.pop(private)
    return fields | {
        "sources": [source._asdict() for source in row.sources],
        "masked": dict(row.masked),
        "outcome": row.outcome or "under way",
    }
