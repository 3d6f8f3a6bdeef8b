"""What the user asked for, said in Compose: manifests → one Compose project per environment.

Pure: branch, commit, credentials, ports and image digests are arguments. No I/O, no clock,
no random, no Docker.
"""
