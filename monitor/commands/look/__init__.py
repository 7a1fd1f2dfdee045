"""``badbuzz look``: looks at the pictures of posts, so that a copy is recognised on a second network."""

from monitor.commands.look.command import look

__all__ = ["look"]
