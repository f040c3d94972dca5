"""The jobs that run while the editor goes on: strong references, one place to stop them.

A job is an asyncio task that belongs to a document. Cancelling it is how everything stops: the user's
Stop, a cancelled progress, the shutdown of the server. A job must never block the event loop.
"""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine


class Job:
    """One running piece of work. `uris` are the documents it works on (the code and its chat, say)."""

    __slots__ = ("id", "last_words", "task", "title", "uris")

    def __init__(self, job_id: int, title: str, uris: set[str]) -> None:
        self.id = job_id
        self.title = title
        self.uris = uris
        self.task: asyncio.Task[None] | None = None
        self.last_words: list[Callable[[], None]] = []

    def when_ended(self, then: Callable[[], None]) -> None:
        """Call `then` once the job has ended and its documents are free for the next one; of several, the
        last that was given is called first, as what is around a piece of work ends after it."""
        self.last_words.append(then)

    def cancel(self) -> None:
        """Ask the job to end; it cleans up behind itself."""
        if self.task is not None:
            self.task.cancel()


class JobRegistry:
    """All jobs of one server."""

    def __init__(self, on_crash: Callable[[Job, BaseException], None]) -> None:
        """`on_crash` is called with an exception that a job did not handle: a defect of ours."""
        self._jobs: dict[int, Job] = {}
        self._ids = itertools.count(1)
        self._on_crash = on_crash
        self._on_change: Callable[[Job], None] = lambda _job: None

    def watch(self, on_change: Callable[[Job], None]) -> None:
        """Have `on_change` called with each job from now on, when it has begun and when it has ended."""
        self._on_change = on_change

    def __len__(self) -> int:
        return len(self._jobs)

    def start(self, title: str, uris: set[str], work: Callable[[Job], Coroutine[Any, Any, None]]) -> Job:
        """Start `work(job)` as a task of the running event loop and return at once."""
        job = Job(next(self._ids), title, uris)
        job.task = asyncio.get_running_loop().create_task(work(job), name=f"job {job.id}: {title}")
        self._jobs[job.id] = job
        job.task.add_done_callback(lambda task: self._ended(job, task))
        self._on_change(job)
        return job

    def on(self, uri: str) -> list[Job]:
        """The jobs that work on this document, oldest first."""
        return [job for job in self._jobs.values() if uri in job.uris]

    def stop(self, uri: str | None = None) -> int:
        """Cancel the jobs of one document, or all; how many were cancelled."""
        jobs = list(self._jobs.values()) if uri is None else self.on(uri)
        for job in jobs:
            job.cancel()
        return len(jobs)

    async def wait(self, seconds: float | None = None) -> None:
        """Wait until the jobs that run now have ended, at most `seconds`."""
        tasks = [job.task for job in self._jobs.values() if job.task is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)

    def _ended(self, job: Job, task: asyncio.Task[None]) -> None:
        self._jobs.pop(job.id, None)
        self._on_change(job)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._on_crash(job, error)
        for then in reversed(job.last_words):
            then()
