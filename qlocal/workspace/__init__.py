"""The folder we stand in and what is remembered about it: git, the user's files, $QLOCAL_HOME."""
