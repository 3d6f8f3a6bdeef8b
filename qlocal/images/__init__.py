"""Recipes of the images qlocal builds where no registry is reachable: one folder per type.

Data, not code: `engine/stand_in.py` builds them. A folder named like a service type holds its
`Dockerfile` and what it copies; `debian/` makes the base they all start from.
"""
