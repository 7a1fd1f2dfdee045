import json
import os
import subprocess
import sys

import pytest

from monitor.commands.simulate import simulate
from monitor.errors import InputRefused
from monitor.mentions import Mention
from monitor.sources.ndjson import Ndjson


def test_the_same_seed_writes_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        simulate("tv_spike", tmp_path / f"{name}.ndjson", tmp_path / f"{name}.json", seed=5, days=2, volume=300)
    assert (tmp_path / "a.ndjson").read_bytes() == (tmp_path / "b.ndjson").read_bytes()
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_the_file_and_its_truth_agree(tmp_path):
    posts, truth = tmp_path / "posts.ndjson", tmp_path / "truth.json"
    simulate("own_reply_backlash", posts, truth, seed=2, days=2, volume=300)
    decoded = Ndjson().decode(posts.read_bytes().splitlines())
    told = json.loads(truth.read_text())
    assert decoded.malformed == []
    assert told["posts"] == len(decoded.items)
    assert all(isinstance(item, Mention) for item in decoded.items)
    assert {"id", "is_crisis", "kind", "onset", "peak", "end"} <= told["topics"][0].keys()
    assert (told["scenario"], told["seed"], told["topics"][0]["is_crisis"]) == ("own_reply_backlash", 2, True)


def test_posts_can_go_to_standard_output_whatever_the_hash_seed(tmp_path):
    def posts(hash_seed):
        command = ["simulate", "quiet", "--output", "-", "--seed", "3", "--days", "2", "--volume", "100"]
        return subprocess.run(
            [sys.executable, "-m", "monitor.cli", *command],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            check=True,
            capture_output=True,
        ).stdout

    lines = posts("1")
    assert lines == posts("2")
    assert len(Ndjson().decode(lines.splitlines()).items) == len(lines.splitlines()) > 100


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputRefused, match="cannot write"):
        simulate("quiet", tmp_path / "nowhere" / "posts.ndjson", days=2, volume=1)
