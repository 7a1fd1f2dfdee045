"""The share tests of one topic, fed with matches as the pipeline feeds them."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.anomalies import Verdict
from monitor.anomalies.negative_share import NegativeShareTest
from monitor.anomalies.own_replies import OwnReplies
from monitor.anomalies.share import ShareDetector
from monitor.signals import Signal
from monitor.signals.family import measure_minute
from monitor.topics import Match


class Crowd:
    """Judges minutes, and learns those it is told to."""

    def __init__(self) -> None:
        self._detectors: tuple[ShareDetector, ...] = (NegativeShareTest(), OwnReplies())
        self._signal: Signal | None = None

    def judge(self, start_us: int, matches: Sequence[Match]) -> list[Verdict]:
        signal = self._signal = measure_minute("acme", start_us, matches)
        return [detector.score(signal) for detector in self._detectors] if matches else []

    def learn(self) -> None:
        assert self._signal is not None
        for detector in self._detectors:
            detector.learn(self._signal)
