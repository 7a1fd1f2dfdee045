"""The commands of ``badbuzz``, one file each; :mod:`monitor.cli` registers them.

A path is declared ``readable=False``: what may not be read is refused by whoever opens it, in our words and with status
1, where typer would call it wrong usage.
"""
