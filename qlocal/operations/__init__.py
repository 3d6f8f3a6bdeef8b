"""What qlocal can do, one file each: take an engine and a workspace, return a result.

Nothing here prints or exits; progress goes out as events.
"""
