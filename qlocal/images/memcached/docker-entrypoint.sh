#!/bin/sh
# Starts Memcached the way the official image does.
set -eu

# Options alone are meant for the server.
case "${1:-}" in
    -*) set -- memcached "$@" ;;
esac

exec "$@"
