import io
import json
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from itertools import chain

import httpx
import psutil
import pytest
from rich.console import Console

from monitor.backtest.simulation import Simulation
from monitor.clock import HOUR_US, SECOND_US
from monitor.commands.demo.feeding import Feed, ahead, batches, until
from monitor.commands.demo.lookout import Lookout
from monitor.commands.demo.narrator import Narrator
from monitor.commands.demo.processes import Programs, free_port
from monitor.errors import MonitorError
from monitor.signatures import HEADER, is_signed
from monitor.sources.ndjson import Ndjson

SECRET = b"a secret"
PORT = "18700"  # not the README's, which its own test needs at the same time
INCIDENT = {
    "id": "acme-1",
    "topic": "acme",
    "state": "open",
    "severity": "watch",
    "opened_at": "2026-01-15T20:52:00Z",
    "updated_at": "2026-01-15T20:52:00Z",
    "peak_at": "2026-01-15T20:52:00Z",
    "mentions": 14,
    "reasons": [],
}


class HandClock:
    """A clock that moves a second whenever it is looked at."""

    def __init__(self):
        self.seconds = 1_768_513_920

    def now_us(self):
        return self.seconds * SECOND_US

    def monotonic_seconds(self):
        self.seconds += 1
        return float(self.seconds)


def client(answer):
    return httpx.Client(base_url="http://service", transport=httpx.MockTransport(answer))


def mentions():
    return Simulation(seed=1, days=1, volume=500).mentions()


def test_what_is_sent_is_signed_and_can_be_read():
    received = []
    clock = HandClock()

    def answer(request):
        assert is_signed(request.headers[HEADER], request.content, [SECRET], clock.seconds)
        received.append(Ndjson().decode(request.content.splitlines()).items)
        return httpx.Response(200)

    feed = Feed(client(answer), SECRET, clock)
    for batch in ahead(batches(mentions(), 100)):
        feed.send(batch)
    assert list(chain.from_iterable(received)) == list(mentions())
    assert feed.sent == len(list(mentions()))


def test_a_service_without_room_gets_the_same_posts_again():
    answers = iter(
        [httpx.Response(503, headers={"Retry-After": "0"}), httpx.Response(429, headers={"Retry-After": "0"})]
    )
    bodies = []

    def answer(request):
        bodies.append(request.content)
        return next(answers, httpx.Response(200))

    feed = Feed(client(answer), SECRET, HandClock())
    feed.send([next(mentions())])
    assert len(bodies) == 3
    assert len(set(bodies)) == feed.sent == 1


def test_posts_the_service_refuses_stop_the_demo_with_a_sentence():
    feed = Feed(client(lambda _: httpx.Response(401)), SECRET, HandClock())
    with pytest.raises(MonitorError, match="answered 401"):
        feed.send([next(mentions())])


def test_cutting_at_an_instant_loses_nothing():
    items, left = mentions(), []
    cut_us = next(mentions()).published_us + 9 * HOUR_US
    before = list(until(items, cut_us, left))
    assert all(item.published_us < cut_us for item in before)
    assert before + left + list(items) == list(mentions())


def test_every_line_of_a_timeline_is_told_once():
    incidents = [dict(INCIDENT)]
    timeline = [{"at": "2026-01-15T20:52:00Z", "kind": "opened", "text": "mentions 9 times usual", "actor": None}]

    def answer(request):
        return httpx.Response(200, content=json.dumps(timeline if "timeline" in request.url.path else incidents))

    lookout = Lookout(client(answer))
    assert [saying.text for saying in lookout.news()] == ["mentions 9 times usual"]
    assert lookout.news() == []
    incidents[0] |= {"severity": "critical", "updated_at": "2026-01-15T21:10:00Z"}
    timeline.append({"at": "2026-01-15T21:10:00Z", "kind": "escalated", "text": "now critical"})
    timeline.insert(1, {"at": "2026-01-15T21:09:00Z", "kind": "influencer", "text": "somebody joined"})
    told = [(saying.severity, saying.text) for saying in lookout.news()]
    assert told == [("watch", "somebody joined"), ("critical", "now critical")]


def test_what_a_timeline_learns_of_the_past_is_told_and_pushes_nothing_out():
    incidents = [dict(INCIDENT)]
    timeline = [{"at": "2026-01-15T20:52:00Z", "kind": "opened", "text": "mentions 9 times usual"}]

    def answer(request):
        return httpx.Response(200, content=json.dumps(timeline if "timeline" in request.url.path else incidents))

    lookout = Lookout(client(answer))
    lookout.news()
    incidents[0] |= {"updated_at": "2026-01-15T21:10:00Z"}
    timeline.insert(0, {"at": "2026-01-15T20:40:00Z", "kind": "peak", "text": "the peak"})
    assert [saying.text for saying in lookout.news()] == ["the peak"]


def test_what_the_service_said_is_told_plainly_without_a_terminal():
    def answer(request):
        timeline = [{"at": "2026-01-15T20:52:00Z", "kind": "opened", "text": "[b]14 answers[/b], usual 0 to 2"}]
        return httpx.Response(200, content=json.dumps(timeline if "timeline" in request.url.path else [INCIDENT]))

    printed = io.StringIO()
    narrator = Narrator(Console(file=printed, highlight=False))
    for saying in Lookout(client(answer)).news():
        narrator.report(saying)
    assert printed.getvalue() == "simulated Thu 21:52: acme watch: [b]14 answers[/b], usual 0 to 2\n"


def test_a_port_in_use_gives_the_next_free_one():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) > port


def _check_until_it_fails(programs):
    while True:
        programs.check()


def _start_and_fail(programs):
    with programs:
        programs.start("server", ["http.server", "0", "--bind", "127.0.0.1"])
        raise RuntimeError


def test_a_program_that_stops_is_told_with_its_last_words(tmp_path):
    with Programs(tmp_path) as programs:
        programs.start("war room", ["monitor.no_such_module"])
        with pytest.raises(MonitorError, match=r"the war room stopped with status 1.*no_such_module"):
            _check_until_it_fails(programs)


def test_programs_are_stopped_when_something_goes_wrong(tmp_path):
    programs = Programs(tmp_path)
    with pytest.raises(RuntimeError):
        _start_and_fail(programs)
    with pytest.raises(MonitorError, match="status -15"):
        programs.check()


def test_a_program_started_in_the_instant_of_an_interruption_is_stopped_too(tmp_path, monkeypatch):
    started = []

    class Interrupted(subprocess.Popen):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            started.append(self)
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(subprocess, "Popen", Interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job of a shell ignores it
    try:
        with pytest.raises(KeyboardInterrupt):
            _start_and_fail(Programs(tmp_path))
        assert started[0].poll() == -signal.SIGTERM
    finally:
        signal.signal(signal.SIGINT, before)
        started[0].kill()


@pytest.fixture
def play():
    """Starts demos; none outlives its test, whatever becomes of that."""
    command = [sys.executable, "-m", "monitor.cli", "demo", "--no-browser", "--port", PORT]
    with ExitStack() as started:

        def start(folder, *options):
            pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
            demo = started.enter_context(subprocess.Popen([*command, "--keep", str(folder), *options], **pipes))
            started.callback(demo.terminate)
            return demo

        yield start


@pytest.mark.parametrize("times", [1, 2], ids=["once", "twice, as make and timeout do"])
def test_an_interrupted_demo_leaves_nothing_running(play, tmp_path, times):
    demo = play(tmp_path / "kept")
    while len(children := psutil.Process(demo.pid).children(recursive=True)) < 2:
        assert demo.poll() is None
        time.sleep(0.05)
    for _ in range(times):
        demo.send_signal(signal.SIGTERM)
        time.sleep(0.02)
    said, _ = demo.communicate(timeout=30)
    assert (demo.returncode, said.splitlines()[-1]) == (0, "Stopped.")
    assert not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children)


def test_a_folder_with_something_in_it_is_refused(play, tmp_path):
    (tmp_path / "badbuzz.db").touch()
    demo = play(tmp_path)
    said, _ = demo.communicate(timeout=30)
    assert demo.returncode == 1
    assert "is not empty" in said


@pytest.mark.timeout(600)
def test_the_day_is_played_through_the_real_service_and_the_crisis_is_found(play, tmp_path):
    demo = play(tmp_path / "kept", "--once", "--speed", "6000", "--seed", "11")
    said, _ = demo.communicate()
    assert demo.returncode == 0, said
    day = said[said.index("The day begins") :]
    assert "War room   http://127.0.0.1:" in said
    assert re.search(r"^simulated \w{3} \d\d:\d\d: acme (watch|warning|critical): ", day, re.MULTILINE)
    assert "planted  the brand answers with condescension" in day
    assert re.search(r"^The service spoke \d+ minutes after the crisis began\.$", day, re.MULTILINE)
