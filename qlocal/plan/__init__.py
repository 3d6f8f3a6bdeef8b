"""What to do about it: desired + observed → steps, each with its cause.

Pure: decides, and does nothing. `str(plan)` is the dry run.
"""
