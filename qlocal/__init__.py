"""qlocal: one isolated environment per git branch, on one machine, from a `.qovery.yml`."""

__version__ = "0.1.0"
