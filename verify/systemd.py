"""systemd units: sections and directives by systemd's documentation, and `systemd-analyze` where it exists."""

from __future__ import annotations

import difflib
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from verify.commands import check_command
from verify.shell import temporary_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

# The usual ones, from systemd.unit(5), systemd.service(5), systemd.exec(5), systemd.kill(5),
# systemd.resource-control(5), systemd.timer(5) and systemd.socket(5). Add what a page needs.
UNIT = """
    Description Documentation Requires Wants BindsTo PartOf Upholds Conflicts Before After OnFailure
    RequiresMountsFor StartLimitIntervalSec StartLimitBurst ConditionPathExists AssertPathExists
"""
EXECUTION = """
    User Group DynamicUser SupplementaryGroups WorkingDirectory UMask Nice Environment EnvironmentFile
    PassEnvironment UnsetEnvironment LoadCredential RuntimeDirectory StateDirectory CacheDirectory
    LogsDirectory ConfigurationDirectory StateDirectoryMode RuntimeDirectoryMode StandardOutput StandardError
    SyslogIdentifier LimitNOFILE OOMScoreAdjust NoNewPrivileges PrivateTmp PrivateDevices ProtectSystem
    ProtectHome ProtectKernelTunables ProtectKernelModules ProtectKernelLogs ProtectControlGroups
    ProtectClock ProtectHostname ReadWritePaths ReadOnlyPaths InaccessiblePaths RestrictAddressFamilies
    RestrictNamespaces RestrictRealtime RestrictSUIDSGID LockPersonality MemoryDenyWriteExecute
    SystemCallArchitectures SystemCallFilter CapabilityBoundingSet AmbientCapabilities
    KillMode KillSignal SendSIGKILL FinalKillSignal
    CPUQuota CPUWeight MemoryHigh MemoryMax TasksMax Slice Delegate IPAddressAllow IPAddressDeny
"""
SERVICE = """
    Type ExecStart ExecStartPre ExecStartPost ExecReload ExecStop ExecStopPost RestartSec TimeoutSec
    TimeoutStartSec TimeoutStopSec RuntimeMaxSec WatchdogSec Restart SuccessExitStatus
    RestartPreventExitStatus RemainAfterExit PIDFile NotifyAccess Sockets OOMPolicy
"""
TIMER = """
    OnActiveSec OnBootSec OnStartupSec OnUnitActiveSec OnUnitInactiveSec OnCalendar AccuracySec
    RandomizedDelaySec Persistent Unit
"""
SOCKET = "ListenStream ListenDatagram SocketUser SocketGroup SocketMode Accept Backlog Service"
INSTALL = "Alias WantedBy RequiredBy Also DefaultInstance"
DIRECTIVES = {
    ".service": {"Unit": UNIT, "Service": SERVICE + EXECUTION, "Install": INSTALL},
    ".timer": {"Unit": UNIT, "Timer": TIMER, "Install": INSTALL},
    ".socket": {"Unit": UNIT, "Socket": SOCKET + EXECUTION, "Install": INSTALL},
    ".target": {"Unit": UNIT, "Install": INSTALL},
}
COMMAND = re.compile(r"^(Exec\w+=[-@:+!|]*)(\S+)", re.MULTILINE)


def read_unit(text: str, path: Path, folder: Path) -> None:
    """Read a unit file whose commands start in `folder`.

    Raises:
        ValueError: for what systemd would refuse or silently ignore.

    """
    known = DIRECTIVES.get(path.suffix)
    if known is None:
        raise ValueError(
            f"which unit is it? Give the block a caption that ends in {', '.join(DIRECTIVES)}"
        )
    for section, name, value in directives(text):
        if section not in known:
            raise ValueError(f"a {path.suffix} has no section [{section}]")
        names = known[section].split()
        if name not in names:
            near = difflib.get_close_matches(name, names, 1)
            hint = (
                f"the nearest is {near[0]}"
                if near
                else "if systemd has it, add it in verify/systemd.py"
            )
            raise ValueError(f"[{section}] has no {name}=; {hint}")
        if name.startswith("Exec"):
            words = shlex.split(value.lstrip("-@:+!|"))
            if not words or not words[0].startswith("/"):
                raise ValueError(f"{name}={value}: begin with the absolute path of a program")
            check_command(words, folder)
    if program := shutil.which("systemd-analyze"):
        _analyze(program, text, path.name)


def directives(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield section, name and value of each directive."""
    section = ""
    for line in re.sub(r"\\\n", " ", text).splitlines():
        if not line.strip() or line.startswith(("#", ";")):
            continue
        if found := re.fullmatch(r"\[([\w-]+)\]", line):
            section = found[1]
        elif (found := re.fullmatch(r"(\w+)\s*=\s*(.*)", line)) and section:
            yield section, found[1], found[2]
        else:
            raise ValueError(f"neither [Section] nor Name=value: {line}")


def _analyze(program: str, text: str, name: str) -> None:
    """Let systemd read the unit; the programs that it starts need not be on this machine."""
    with temporary_folder() as folder:
        unit = folder / name
        unit.write_text(COMMAND.sub(r"\1/bin/true", text) + "\n", encoding="utf-8")
        run = subprocess.run(
            [program, "verify", "--man=no", "--recursive-errors=no", str(unit)],
            capture_output=True,
            text=True,
            check=False,
        )
    complaints = [line for line in run.stderr.splitlines() if name in line]
    if complaints:
        raise ValueError("\n".join(complaints))
