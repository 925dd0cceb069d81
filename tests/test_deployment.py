"""What is delivered beside the program, units, proxy, image, containers, gives it no more of a machine than it needs.

The files are read, not run: how each of them was really tried is told in docs/operations.md.
"""

from __future__ import annotations

import fnmatch
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.channels import telegram_webhook, whatsapp_webhook
from bot.settings import Settings

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
OPERATIONS = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
WORST_EXPOSURE = 15  # tenths, as `systemd-analyze security` counts them: below 2.0 it says OK


def without_comments(path: Path) -> str:
    return re.sub(r"(^|\s)#.*", "", path.read_text(encoding="utf-8"))


# ------------------------------------------------------------------------------------------------ the proxy

PROXY = without_comments(DEPLOY / "Caddyfile")


def seconds(name: str) -> float:
    """A time that the Caddyfile sets."""
    found = re.search(rf"^\s*{name} ([\d.]+)(m?s)$", PROXY, re.MULTILINE)
    assert found, f"the Caddyfile sets no {name}"
    return float(found[1]) / (1000 if found[2] == "ms" else 1)


@pytest.mark.parametrize(
    "name", ["read_header", "read_body", "write", "idle", "dial_timeout", "response_header_timeout"]
)
def test_the_proxy_waits_for_nobody_longer_than_a_minute(name: str) -> None:
    assert 0 < seconds(name) <= 60


def test_whoever_is_slow_is_refused_by_rangkul_before_the_proxy_would_answer_that_all_is_well() -> None:
    longest = seconds("lb_try_duration") + seconds("dial_timeout") + Settings.model_fields["web_body"].default
    assert longest < seconds("read_body")


def test_the_proxy_takes_no_larger_body_than_rangkul_does_and_no_large_head() -> None:
    assert f"max_size {whatsapp_webhook.LARGEST_BODY >> 20}MiB" in PROXY
    assert "max_header_size 16KB" in PROXY


def test_only_webhooks_and_a_yes_or_no_come_through_the_proxy() -> None:
    paths = {path for line in re.findall(r"^\s*path (.+)$", PROXY, re.MULTILINE) for path in line.split()}
    assert paths == {telegram_webhook.PATH, whatsapp_webhook.PATH, "/health/ready"}
    assert "admin off" in PROXY


def test_a_strangers_broken_body_keeps_nobody_elses_deliveries_waiting() -> None:
    assert not re.search(r"\b(fail_duration|max_fails|unhealthy_\w+|max_conns_per_host)\b", PROXY)


def test_the_log_of_the_proxy_names_no_secret_and_nobody() -> None:
    assert re.search(r"format filter \{\s*wrap json\s*fields \{\s*request delete\s*\}", PROXY)
    assert PROXY.count("log {") == 1  # no access log beside it


# ------------------------------------------------------------------------------------------------ systemd

SERVICES = {name: without_comments(DEPLOY / name) for name in ("rangkul.service", "rangkul-backup.service")}


def lines(unit: str) -> list[tuple[str, str]]:
    return re.findall(r"^(\w+)=(.*)$", SERVICES[unit], re.MULTILINE)


def bounds(unit: str) -> list[tuple[str, str]]:
    """What a service may take and do: everything from the first bound on."""
    of = [line for line in lines(unit) if line[0] not in ("WantedBy", "StartLimitIntervalSec")]
    return of[of.index(("MemoryMax", "1G")) :]


def test_a_backup_may_take_and_do_what_the_service_may_and_no_more() -> None:
    assert bounds("rangkul.service") == bounds("rangkul-backup.service")


@pytest.mark.parametrize("unit", SERVICES)
def test_a_unit_writes_to_its_own_folder_alone_as_its_own_user(unit: str) -> None:
    told = dict(lines(unit))
    assert (told["User"], told["Group"], told["StateDirectory"]) == ("rangkul", "rangkul", "rangkul")
    assert told["WorkingDirectory"] == "/var/lib/rangkul"
    assert (told["ProtectSystem"], told["CapabilityBoundingSet"], told["UMask"]) == ("strict", "", "0077")
    assert not {"ReadWritePaths", "BindPaths"} & set(told)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
@pytest.mark.parametrize("unit", SERVICES)
def test_systemd_finds_a_unit_little_exposed(unit: str) -> None:
    asked = ["systemd-analyze", "security", "--offline=true", f"--threshold={WORST_EXPOSURE}", str(DEPLOY / unit)]
    told = subprocess.run(asked, capture_output=True, text=True, check=False)
    if "Unknown" in told.stderr or "unrecognized" in told.stderr:
        pytest.skip("this systemd cannot look at a file")
    assert told.returncode == 0, told.stdout.splitlines()[-1]


def test_the_command_runs_as_its_service_does() -> None:
    told, script = dict(lines("rangkul.service")), (DEPLOY / "rangkul.sh").read_text(encoding="utf-8")
    program = told["ExecStart"].partition(" ")[0]
    assert f'cd {told["WorkingDirectory"]} && exec runuser --user {told["User"]} -- {program} "$@"' in script


def test_the_page_for_operators_installs_every_file_that_is_delivered() -> None:
    assert {path.name for path in DEPLOY.iterdir() if f"deploy/{path.name}" not in OPERATIONS} == set()


def test_the_page_for_operators_makes_the_user_and_the_folders_of_the_unit() -> None:
    told = dict(lines("rangkul.service"))
    assert f"--home-dir {told['WorkingDirectory']} --shell /usr/sbin/nologin {told['User']}\n" in OPERATIONS
    assert f"install -d -m 0700 -o {told['User']} -g {told['Group']} {told['WorkingDirectory']}\n" in OPERATIONS
    assert f"ln -s /etc/rangkul/rangkul.env {told['WorkingDirectory']}/.env\n" in OPERATIONS


# ------------------------------------------------------------------------------------------------ the image

IMAGE = without_comments(ROOT / "Dockerfile").replace("\\\n", " ")
STAGES = IMAGE.split("\nFROM ")
RUNS = STAGES[-1]


def taken_into_the_image(path: str) -> bool:
    """Whether .dockerignore lets a file in: the last line that fits decides, also for what lies in a folder."""
    taken = True
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            pattern = line.lstrip("!")
            anywhere = pattern.startswith("**/")
            each = [*Path(path).parents, Path(path)]
            names = [part.name if anywhere else str(part) for part in each]
            if fnmatch.filter(names, pattern.removeprefix("**/")):
                taken = line.startswith("!")
    return taken


def test_the_image_holds_the_program_and_nothing_else() -> None:
    tops = [top for top in ROOT.iterdir() if top.name not in (".git", ".venv")]
    given = [path for top in tops for path in (top.rglob("*") if top.is_dir() else [top]) if path.is_file()]
    held = {name for path in given if taken_into_the_image(name := str(path.relative_to(ROOT)))}
    assert {path.partition("/")[0] for path in held} == {
        "bot", "conversations", "locales", "storage", "requirements", "pyproject.toml", "README.md", "LICENSE"
    }  # fmt: skip
    assert not {path for path in held if any(part.startswith("test") for part in Path(path).parts)}
    assert {path for path in held if path.startswith("requirements")} == {"requirements/run.txt"}
    assert not any(
        map(taken_into_the_image, (".env", "deploy/compose.env", "data/rangkul.key", "bot/x/__pycache__/a.pyc"))
    )


def test_the_image_installs_what_is_pinned_by_hash() -> None:
    installs = re.findall(r"pip install (.+)", IMAGE)
    assert installs
    for install in installs:
        assert "--require-hashes" in install or "--no-index" in install, install


def test_the_image_runs_as_a_numbered_user_who_is_not_root_and_tells_whether_it_lives() -> None:
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", RUNS, re.MULTILINE)
    assert RUNS.index("\nUSER ") > RUNS.rindex("\nRUN ")
    assert re.search(r"^HEALTHCHECK .*\n?.*/health/live", RUNS, re.MULTILINE)
    assert "find / -xdev -type f -perm /6000 -exec chmod ug-s {} +" in RUNS


def test_what_the_image_writes_lies_in_its_volumes() -> None:
    (listed,) = re.findall(r"^VOLUME (.+)$", RUNS, re.MULTILINE)
    volumes = tuple(f"{volume}/" for volume in json.loads(listed))
    for setting in ("DATABASE_URL=sqlite:///", "KEY_FILE=", "DELETIONS_FILE="):
        (path,) = re.findall(rf"RANGKUL_{re.escape(setting)}(\S+)", RUNS)
        assert path.startswith(volumes)
    assert "ln -s /backups /app/backups" in RUNS


def test_both_stages_stand_on_the_same_base_with_its_version() -> None:
    bases = re.findall(r"^FROM (\S+)", IMAGE, re.MULTILINE)
    assert len(bases) == 2
    assert set(bases) == {bases[0]}
    assert re.search(r":\d+\.\d+-", bases[0])


# ------------------------------------------------------------------------------------------------ the containers

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_a_container_is_bounded_and_can_change_nothing_of_itself(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"mem_limit", "pids_limit", "ulimits", "restart", "tmpfs"} <= set(service)
    assert "max-size" in service["logging"]["options"]
    assert "healthcheck" in service or name == "rangkul"  # whose image has it


def test_the_outside_reaches_the_proxy_alone_and_the_database_reaches_nobody() -> None:
    services, networks = COMPOSE["services"], COMPOSE["networks"]
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert services["database"]["networks"] == ["inside"]
    assert networks["inside"]["internal"] is True
    assert services["proxy"]["networks"] == ["outside"]


def test_the_database_and_what_backs_it_up_are_of_one_version() -> None:
    version = COMPOSE["services"]["database"]["image"].partition(":")[2]
    assert f"postgresql-client-{version}" in IMAGE
