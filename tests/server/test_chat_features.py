"""What an editor can ask about chats, and that it is left in peace about everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pygpt_lsp.lsp.chat_features import FEATURES
from tests.support.editor_profiles import capability, in_every_editor

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.editor_profiles import Profile
    from tests.support.editors import Editors


@in_every_editor
async def test_each_feature_is_registered_once_and_for_chats_alone_where_the_editor_can(
    editor: Editors, profile: Profile
) -> None:
    client = await editor(profile)
    dynamic = {
        feature.method
        for feature in FEATURES
        if capability(client.capabilities, f"{feature.method.replace('/', '.')}.dynamicRegistration")
    }
    await client.wait_for(lambda: dynamic <= set(client.registrations), "the registrations")
    for feature in FEATURES:
        provider = getattr(client.server.capabilities, f"{feature.capability}_provider")
        assert (provider is None) == (feature.method in dynamic)
        if feature.method in dynamic:
            selector = client.registrations[feature.method]["documentSelector"]
            assert selector == [{"pattern": f"**/*{suffix}"} for suffix in feature.suffixes]
        else:
            assert feature.method not in client.registrations


async def test_a_document_that_is_no_chat_is_left_in_peace(editor: Editors, workspace: Path) -> None:
    client = await editor()
    code = client.open(workspace / "src/app.py")
    for feature in FEATURES:
        place = {"textDocument": {"uri": code.uri}, "position": code.position(0), "range": code.range(0, 9)}
        call = client.call(feature.method, place)
        await client.wait_for(call.answer.done, f"an answer to {feature.method}")
        assert call.answer.result() is None
