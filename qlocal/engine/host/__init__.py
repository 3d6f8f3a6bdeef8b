"""The machine an engine runs on: what `qlocal doctor` looks at, and what it may change.

Observe once (`observe`), decide purely (`diagnosis`, `setup`), act (`apply`, `daemon`). The files
in between each know one thing: `facts` the data, `distribution` names of packages, `apt` its
sources, `client` the `docker` program, `network` names and registries, `ports` who listens.
"""
