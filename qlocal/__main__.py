"""`python -m qlocal`."""

from qlocal.cli import main

main()
