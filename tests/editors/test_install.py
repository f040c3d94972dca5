"""The mirror is the host's own, in whichever format its sources are."""

from __future__ import annotations

from tests.editors.install import mirror_of

PRINTED = """\
'http://mirror.example/security/dists/bookworm-security/InRelease' mirror.example_InRelease 0 \n\
'https://mirror.example/debian/dists/bookworm-updates/InRelease' mirror.example_InRelease 0 \n\
'https://mirror.example/debian/dists/bookworm/InRelease' mirror.example_InRelease 0 \n\
'https://mirror.example/debian/dists/bookworm/main/binary-amd64/Packages.xz' mirror.example_Packages 0 \n\
"""


def test_the_mirror_of_the_release_itself_is_taken_not_that_of_its_updates() -> None:
    assert mirror_of(PRINTED, "bookworm") == "https://mirror.example/debian"


def test_no_mirror_is_found_for_another_release() -> None:
    assert mirror_of(PRINTED, "trixie") is None
