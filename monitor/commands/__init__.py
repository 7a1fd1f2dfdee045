"""The commands of ``badbuzz``, one file each; :mod:`monitor.cli` registers them."""
