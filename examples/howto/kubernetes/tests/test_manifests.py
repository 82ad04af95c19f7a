"""What the manifests say together; that Kubernetes understands each of them is the verifier's matter."""

import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

MANIFESTS = Path(__file__).parents[1] / "kubernetes"
OBJECTS: dict[tuple[str, str], dict[str, Any]] = {
    (data["kind"], data["metadata"]["name"]): data
    for file in sorted(MANIFESTS.glob("*.yaml"))
    for data in yaml.safe_load_all(file.read_text(encoding="utf-8"))
}
SETTINGS = OBJECTS["ConfigMap", "shop-settings"]["data"]
DEPLOYMENTS = ("shop-web", "shop-worker", "shop-beat")
PODS = {
    name: data["spec"]["template"]["spec"]
    for (kind, name), data in OBJECTS.items()
    if kind in {"Deployment", "Job"}
}
CONTAINERS = {name: pod["containers"][0] for name, pod in PODS.items()}
COMMAND = CONTAINERS["shop-worker"]["command"]


def probe(kind: str, file: Path) -> int:
    """Run a probe of the worker as the kubelet does, for another file."""
    words = CONTAINERS["shop-worker"][kind]["exec"]["command"]
    (variable,) = CONTAINERS["shop-worker"]["env"]
    assert variable["name"] == "WORKER_ALIVE_FILE"
    place = Path(variable["value"])
    assert place.name == file.name
    script = words[2].replace(str(place.parent), str(file.parent))
    return subprocess.run([*words[:2], script], check=False, stderr=subprocess.DEVNULL).returncode


def test_a_stop_takes_longer_than_the_longest_task() -> None:
    grace = PODS["shop-worker"]["terminationGracePeriodSeconds"]
    assert int(SETTINGS["FLASK_CELERY__task_time_limit"]) < grace
    pause = CONTAINERS["shop-web"]["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pause + 30 < PODS["shop-web"]["terminationGracePeriodSeconds"]


def test_the_children_fit_into_the_memory() -> None:
    children = int(COMMAND[-2].removeprefix("--concurrency="))
    child = int(SETTINGS["FLASK_CELERY__worker_max_memory_per_child"]) * 1024
    assert CONTAINERS["shop-worker"]["resources"]["limits"]["memory"] == "1Gi"
    assert children * child + 200 * 2**20 < 2**30


def test_one_beat() -> None:
    spec = OBJECTS["Deployment", "shop-beat"]["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})
    assert "--schedule=/var/lib/beat/schedule" in CONTAINERS["shop-beat"]["command"]
    assert COMMAND[:4] == ["celery", "-A", "make_celery", "worker"]
    assert not {"-B", "--beat"} & set(COMMAND)


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_pod_is_locked_down(name: str) -> None:
    pod, container = PODS[name], CONTAINERS[name]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] > 0
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
    }
    assert (pod["automountServiceAccountToken"], pod["enableServiceLinks"]) == (False, False)
    assert (
        container["resources"]["requests"]["memory"] == container["resources"]["limits"]["memory"]
    )


def test_all_run_one_image_with_the_same_settings() -> None:
    assert {container["image"] for container in CONTAINERS.values()} == {
        "registry.example.org/shop:1.4.0"
    }
    for container in CONTAINERS.values():
        assert container["envFrom"] == [
            {"configMapRef": {"name": "shop-settings"}},
            {"secretRef": {"name": "shop-secrets"}},
        ]
    assert "PGPASSWORD" not in SETTINGS
    assert not any(kind == "Secret" for kind, _ in OBJECTS)


@pytest.mark.parametrize(
    ("age", "ready", "alive"),
    [
        (None, False, True),
        (5, True, True),
        (70, False, True),
        (110, False, True),
        (130, False, False),
    ],
)
def test_what_the_probes_say(age: int | None, tmp_path: Path, *, ready: bool, alive: bool) -> None:
    file = tmp_path / "alive"
    if age is not None:
        file.touch()
        os.utime(file, (time.time() - age,) * 2)
    assert (probe("readinessProbe", file) == 0) is ready
    assert (probe("livenessProbe", file) == 0) is alive


def test_the_worker_of_the_procfile_lets_sigterm_reach_every_process() -> None:
    procfile = yaml.safe_load((MANIFESTS.parent / "Procfile").read_text(encoding="utf-8"))
    assert procfile["worker"].startswith("REMAP_SIGTERM=SIGQUIT celery -A make_celery worker ")
    assert "REMAP" not in procfile["beat"] + procfile["web"] + procfile["release"]
    assert procfile["web"].split()[-3:] == ["--bind", "0.0.0.0:$PORT", "make_celery:flask_app"]
