"""What the user asked for: `.qovery.yml`, `qlocal.yml`, `.env` and Dockerfile → frozen data.

Pure: text comes in as an argument, problems go out as data. No I/O, no clock, no Docker.
"""
