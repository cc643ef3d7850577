"""Two devices of one account that were not there at the same time see the same (fault F17).

"B offline for 1,000 messages and 3 kills": "equal ordered lists (hash)".
"""

import asyncio
from pathlib import Path

import pytest

from tests.faults.archive_pages import faults_of_archive, whole_archive
from tests.faults.plan import FaultPlan
from tests.faults.server_stage import choose_moment, server_stage
from tests.helpers.office import CAST, DOMAIN

KILLS = 3


@pytest.mark.asyncio
@pytest.mark.timeout(1_800)
async def test_f17_device_that_was_away_sees_what_the_other_saw(
    tmp_path: Path, plan: FaultPlan
) -> None:
    chance = plan.chance()
    async with server_stage(tmp_path / "office") as stage:
        conversation = stage.conversation(CAST, per_second=200)
        async with conversation.going_on():
            for _ in range(KILLS):
                for talker in conversation.talkers:
                    talker.limit(plan.two_device_messages // KILLS)
                moment = choose_moment(chance, conversation.talkers)
                await asyncio.wait_for(moment.wait(), 60)
                stage.server.kill()
                await stage.restart()
                for talker in conversation.talkers:
                    await talker.written()
            verdict = await conversation.come_to_rest()
        logs = [one.log for one in conversation.talkers]
        archives = {name: await whole_archive(stage.way, f"{name}@{DOMAIN}") for name in CAST}
    faults = [
        fault
        for name in CAST
        for fault in faults_of_archive(archives[name], logs, f"{name}@{DOMAIN}")
    ]
    plan.report(f"F17: {[len(one) for one in archives.values()]} archived; {verdict}")

    assert verdict.faults == []
    assert faults == []
    for listener in conversation.listeners:  # the device that was there, and one that comes now
        name = listener.log.owner.partition("@")[0]
        archive = [one.shown for one in archives[name]]
        seen = set(listener.log.shown)
        of_others = [one for one in archive if one.sender != listener.log.owner]
        assert set(of_others) == seen
        for sender in {one.sender for one in seen}:
            in_archive = [one for one in of_others if one.sender == sender]
            assert in_archive == [one for one in listener.log.shown if one.sender == sender]
