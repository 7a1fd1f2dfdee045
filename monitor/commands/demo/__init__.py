"""``badbuzz demo``: a believable day of a fictitious French brand, played through the real service."""

from monitor.commands.demo.command import demo

__all__ = ["demo"]
