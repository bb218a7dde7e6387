"""A server of PostgreSQL for one run of the tests: its own folder, a socket there, and no port."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Nothing here outlives the run, so nothing need reach the disk.
OPTIONS = "-c listen_addresses='' -c fsync=off -c full_page_writes=off"


def programs() -> Path | None:
    """The folder of initdb and pg_ctl; Debian leaves them off the PATH."""
    on_path = shutil.which("initdb")
    if on_path is not None:
        return Path(on_path).resolve().parent
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(found, key=lambda folder: float(folder.parent.name), default=None)


def account() -> pwd.struct_passwd | None:
    """Who runs it where we are root, which PostgreSQL refuses to run as; else None."""
    return pwd.getpwnam("postgres") if os.geteuid() == 0 else None


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Start a server with the programs of a folder, give its URL, and stop it."""
    who = account()
    user: dict[str, Any] = {}
    # Not in a folder of pytest, which lets nobody else in.
    home = Path(tempfile.mkdtemp(prefix="salesflow-postgres-"))
    if who is not None:
        os.chown(home, who.pw_uid, who.pw_gid)
        user = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}

    def run(program: str, *arguments: str) -> None:
        command = [str(folder / program), "-D", str(home / "data"), *arguments]
        done = subprocess.run(
            command, cwd=home, capture_output=True, text=True, check=False, timeout=120, **user
        )
        assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"

    try:
        run("initdb", "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
        options = f"{OPTIONS} -c unix_socket_directories='{home}'"
        run("pg_ctl", "start", "-w", "-t", "60", "-l", str(home / "log"), "-o", options)
        try:
            yield f"postgresql+psycopg://tester@/postgres?host={home}"
        finally:
            run("pg_ctl", "stop", "-w", "-m", "fast")
    finally:
        shutil.rmtree(home)
