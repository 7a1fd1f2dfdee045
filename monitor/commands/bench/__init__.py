"""``badbuzz bench``: what this machine can take, stage by stage and end to end."""

from monitor.commands.bench.command import bench

__all__ = ["bench"]
