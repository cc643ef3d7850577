"""A crowd that connects from many addresses and says nothing, or next to nothing.

``python -m tests.security.crowd PORT COUNT ADDRESSES SPOKEN`` keeps COUNT connections open, from so
many addresses of the loopback interface, opening new ones for those that are cut; each sends SPOKEN
at once. It says ``full`` when the first COUNT have been opened, and goes on until it is ended.
"""

import asyncio
import itertools
import resource
import sys

AT_ONCE = 200
REST_SECONDS = 0.05


async def hold(port: int, source: str, spoken: bytes) -> None:
    """Connect, say it, and stay as long as the server allows."""
    try:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, local_addr=(source, 0), limit=1_024
        )
    except OSError:
        return
    try:
        writer.write(spoken)
        while await reader.read(1_024):
            pass
    except OSError:
        pass
    finally:
        writer.transport.abort()


async def main(port: int, count: int, addresses: int, spoken: bytes) -> None:
    """Fill, and keep full."""
    sources = itertools.cycle(
        f"127.{1 + number // 250}.{number % 250}.7" for number in range(addresses)
    )
    opened = 0
    waiting: set[asyncio.Task[None]] = set()
    async with asyncio.TaskGroup() as group:
        while True:
            for _ in range(min(AT_ONCE, count - len(waiting))):
                task = group.create_task(hold(port, next(sources), spoken))
                waiting.add(task)
                task.add_done_callback(waiting.discard)
                opened += 1
            if opened >= count:
                sys.stdout.write("full\n")
                sys.stdout.flush()
            await asyncio.sleep(REST_SECONDS)


if __name__ == "__main__":
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    given_port, given_count, given_addresses, said = sys.argv[1:]
    asyncio.run(main(int(given_port), int(given_count), int(given_addresses), said.encode()))
