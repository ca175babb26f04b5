from __future__ import annotations

import json
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bug_finder.cache import Cache
from engine import prepare
from engine.architecture import Precision
from engine.converted import CARD
from engine.load import load_model
from engine.manifest import load_manifests
from lsp_server import app, budgets, budgets_disk, loading, reports, trace
from lsp_server.budgets_disk import bugs_path, kept_bytes, make_room, trim
from lsp_server.budgets_manners import PATIENCE_S, Machine, Manners, Rest
from lsp_server.findings import scan
from retrieval.schema import index_path
from retrieval.store import Store
from retrieval.sync import Syncer
from tests.lsp_server.connection import Connection, connected
from tests.support.scripted import ScriptedModel
from tests.support.tiny_folder import tiny_folder

URI = "file:///w/a.py"
PLENTY = 1_000_000  # megabytes


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "LOOK_S", 0.02)


def configure(client: Connection, **settings: Any) -> None:
    client.notify("workspace/didChangeConfiguration", {"settings": {"tacit": settings}})


def level(client: Connection) -> str:
    return str(client.request("tacit/status")["budget"]["level"])


def noted() -> list[str]:
    return [each.reason for each in trace.read(kinds=["budget"])]


def test_caches_go_first_and_then_it_is_silent(
    scripted_model: ScriptedModel, capsys: pytest.CaptureFixture[str]
) -> None:
    with connected(scripted_model) as client:
        client.ready(budgetMs=10_000, memoryMegabytes=PLENTY)
        client.open(URI, "def f(a, b):\n    return ")
        assert client.result(client.inline(URI, 1, 11, automatic=False))["items"]
        configure(client, memoryMegabytes=10)  # less than any Python takes
        client.wait_for(lambda: level(client) == "memory")
        assert client.result(client.inline(URI, 1, 11, automatic=False))["items"] == []
        why = client.why()
        assert why["reason"] == "memory"
        assert why["sentence"].startswith("Memory is above its limit")
        assert "of 10 MB" in why["detail"]
        client.wait_for(lambda: bool(trace.read(kinds=["budget"])))
        assert app.main(["status"]) == 0
        configure(client, memoryMegabytes=PLENTY)
        client.wait_for(lambda: level(client) == "fine")
        assert client.result(client.inline(URI, 1, 11, automatic=False))["items"]
    assert noted() == ["prefix-dropped", "caches-dropped", "memory", "fine"]
    assert app.main(["why", "--kind", "budget", "-n", "9"]) == 0
    assert "what the model had read was forgotten" in capsys.readouterr().out


def test_a_smaller_model_takes_over_before_it_is_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    big, small = (str(tiny_folder(tmp_path / name)) for name in ("big", "small"))
    monkeypatch.setenv("TACIT_MODEL", big)
    monkeypatch.setattr(loading, "smaller", {big: small, small: ""}.__getitem__)
    with connected() as client:
        client.ready(memoryMegabytes=PLENTY)
        first = weakref.ref(client.server.host.ready.model)  # type: ignore[union-attr]
        monkeypatch.setattr(budgets, "_rss_mb", lambda: 30.0 if client.server.host.instead else 50.0)
        configure(client, memoryMegabytes=40)
        client.wait_for(lambda: level(client) == "smaller-model")
        client.wait_for(lambda: client.request("tacit/status")["model"]["name"] == small)
        client.wait_for(lambda: client.server.host.ready is not None)
        client.wait_for(lambda: first() is None)
        report = client.request("tacit/status")
        assert report["model"]["name"] == small
        assert report["model"]["detail"] == "for want of memory"
        (told,) = client.messages()
        assert "a smaller model has taken over" in told
        client.wait_for(lambda: bool(trace.read(kinds=["budget"])))
        time.sleep(0.2)
        assert level(client) == "smaller-model"
        until_written(client)
        assert app.main(["why", "--kind", "budget"]) == 0
        assert "a smaller model has taken over. The model: " in capsys.readouterr().out
        configure(client, memoryMegabytes=20)  # too little for that one as well
        client.wait_for(lambda: level(client) == "memory")
        assert client.result(client.inline(URI, 0, 0)) == {"items": []}
        configure(client, memoryMegabytes=PLENTY)
        client.wait_for(lambda: client.request("tacit/status")["model"]["name"] == big)
        client.wait_for(lambda: level(client) == "fine")
    # What is loaded anew has been given another limit in between, and tries the whole way again.
    assert noted()[:3] == ["prefix-dropped", "caches-dropped", "smaller-model"]
    assert noted()[-2:] == ["memory", "fine"]


def until_written(client: Connection) -> None:
    """Until the server's report on disk says what it says itself."""
    client.wait_for(lambda: [each.budget.level for each in reports.read_all()] == [level(client)])


def test_the_smallest_model_that_is_on_this_machine(tmp_path: Path) -> None:
    names = [each.name for each in load_manifests()]
    assert [loading.tier_of(name) for name in names] == ["S", "M", "L"]

    def put(name: str, size: int) -> None:
        folder = prepare._plan(name, Precision.UQ8).folder
        folder.mkdir(parents=True)
        (folder / CARD).write_text("{}")
        (folder / "weights").write_bytes(bytes(size))

    put("qwen2.5-coder-0.5b", 400)
    assert loading.smaller("qwen2.5-coder-0.5b") == ""  # nothing is fetched for it
    put("qwen2.5-coder-1.5b", 1200)
    assert loading.smaller("qwen2.5-coder-1.5b") == "qwen2.5-coder-0.5b"
    put("smollm2-135m", 100)
    assert loading.smaller("qwen2.5-coder-1.5b") == "smollm2-135m"
    assert loading.smaller("smollm2-135m") == ""
    assert loading.smaller(str(tiny_folder(tmp_path / "tiny"))) == "smollm2-135m"


def test_what_a_model_has_read_can_be_forgotten(tmp_path: Path) -> None:
    model = load_model(str(tiny_folder(tmp_path / "tiny")))
    prompts = [list(range(start, start + 100)) for start in (0, 100)]
    for prompt in prompts * 2:
        before = model.warm(prompt)
    assert before.cached_tokens > 90
    assert model.cached_bytes > 0
    model.forget()
    assert model.cached_bytes == 0
    assert model.warm(prompts[0]).cached_tokens == 0


def test_after_an_hour_of_nothing_what_was_read_goes(
    scripted_model: ScriptedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budgets, "IDLE_S", 0.2)
    with connected(scripted_model) as client:
        client.ready(memoryMegabytes=PLENTY)
        client.wait_for(lambda: "idle" in noted())
        client.synchronise()
        client.wait_for(lambda: noted()[:2] == ["idle", "fine"])


class Wall(Machine):
    """A machine that says what it is told to."""

    cores = 4

    def __init__(self, *, battery: float | None = None, load: float | None = 0.0) -> None:
        self._battery, self._load = battery, load

    def battery(self) -> float | None:
        return self._battery

    def load(self) -> float | None:
        return self._load


@pytest.mark.parametrize(
    ("battery", "load", "rest"),
    [
        (None, 0.0, None),
        (None, None, None),
        (None, 8.0, None),
        (None, 8.1, Rest.LOAD),
        (19.0, 0.0, Rest.BATTERY),
        (20.0, 0.0, None),
        (5.0, 99.0, Rest.BATTERY),
    ],
)
def test_when_work_waits(battery: float | None, load: float | None, rest: Rest | None) -> None:
    assert Manners(Wall(battery=battery, load=load)).look(0.0) is rest


def test_a_machine_that_is_always_busy_is_not_waited_for_for_ever() -> None:
    manners = Manners(Wall(load=50.0))
    assert manners.look(0.0) is Rest.LOAD
    assert manners.look(PATIENCE_S - 1) is Rest.LOAD
    assert manners.look(PATIENCE_S) is None


def test_this_machine_can_be_asked() -> None:
    machine = Machine()
    assert machine.battery() is None or 0 <= machine.battery() <= 100  # type: ignore[operator]
    assert machine.load() is None or machine.load() >= 0  # type: ignore[operator]


def test_indexing_and_scans_wait_and_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TACIT_BACKGROUND", raising=False)
    monkeypatch.setattr(scan, "BUSY_S", 0.02)
    root = tmp_path / "work"
    root.mkdir()
    (root / "a.py").write_text("def fetch(a):\n    return a\n")
    wall = Wall(battery=5.0)
    with connected(ScriptedModel({})) as client:
        client.server.budgets._manners = Manners(wall)
        client.initialize(workspaceFolders=[{"uri": root.as_uri(), "name": "w"}])
        client.wait_for(lambda: client.server.budgets.rest is Rest.BATTERY)
        time.sleep(1.5)  # in which so small a folder would have been read
        status = client.request("tacit/status")
        assert status["index"]["phase"] in ("starting", "looking")
        assert status["budget"]["rest"] == Rest.BATTERY.sentence
        scanning = client.start("workspace/executeCommand", {"command": "tacit.findBugs", "arguments": []})
        time.sleep(0.3)
        assert scanning not in client.replies
        wall._battery = 80.0
        assert client.result(scanning)["files"] == 1
        client.wait_for(lambda: client.request("tacit/status")["index"]["phase"] == "ready")
    assert noted() == ["low-battery", "no-rest"]


def test_who_asks_does_not_wait_for_the_battery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TACIT_BACKGROUND", raising=False)
    root = tmp_path / "work"
    root.mkdir()
    (root / "a.py").write_text("def fetch(a):\n    return a\n")
    with connected(ScriptedModel({})) as client:
        client.server.budgets._manners = Manners(Wall(battery=5.0))
        client.initialize(workspaceFolders=[{"uri": root.as_uri(), "name": "w"}])
        client.wait_for(lambda: client.server.budgets.rest is Rest.BATTERY)
        found: Callable[[], Any] = lambda: client.request("workspace/symbol", {"query": "fetch"})  # noqa: E731
        client.wait_for(lambda: [each["name"] for each in found() or []] == ["fetch"])


def fill_findings(count: int) -> None:
    cache = Cache(bugs_path())
    cache.put({number.to_bytes(16): bytes(500) for number in range(count)})
    cache._database.execute("update findings set used = 1 where key < ?", ((count // 2).to_bytes(16),))
    cache._database.commit()
    cache.close()


def index(folder: Path, word: str) -> None:
    folder.mkdir()
    for number in range(20):
        (folder / f"f{number}.py").write_text(f"def {word}_{number}(a):\n    return a + {number}\n")
    store = Store.open(index_path())
    syncer = Syncer(store, folder)
    syncer.sync()
    syncer.close()
    store.close()


def roots() -> list[str]:
    store = Store.open(index_path())
    try:
        return [Path(view.root).name for view in store.views()]
    finally:
        store.close()


def test_known_findings_make_room_oldest_first() -> None:
    fill_findings(2000)
    assert trim(kept_bytes() + 1, ()).startswith("The caches were above their limit: 0 ")
    limit = kept_bytes() * 7 // 10
    assert "1,000 known findings and 0 old indexes" in trim(limit, ())
    assert kept_bytes() <= limit
    cache = Cache(bugs_path())
    assert cache.get([(3).to_bytes(16), (1500).to_bytes(16)]) == {(1500).to_bytes(16): bytes(500)}
    cache.close()


def test_old_indexes_make_room_but_not_the_one_in_use(tmp_path: Path) -> None:
    for number, name in enumerate(("old", "mine", "new")):
        index(tmp_path / name, "abc"[number] * 5)
    assert roots() == ["old", "mine", "new"]
    said = trim(1, [str(tmp_path / "mine")])
    assert "2 old indexes" in said
    assert roots() == ["mine"]


def test_the_server_keeps_the_disk_within_its_limit(
    scripted_model: ScriptedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budgets, "DISK_S", 0.5)
    fill_findings(4000)
    assert kept_bytes() > 2_000_000
    with connected(scripted_model) as client:
        client.ready(diskMegabytes=1, index={"enabled": False}, bugs={"enabled": False})
        said: Callable[[], str] = lambda: str(client.request("tacit/status")["budget"]["room"])  # noqa: E731
        client.wait_for(lambda: "known findings" in said())
        assert kept_bytes() <= 1_000_000
    assert "disk" in noted()
    assert json.dumps([each.sentence for each in trace.read(kinds=["budget"])]).count("oldest first") >= 1
    assert budgets_disk.make_room is make_room
