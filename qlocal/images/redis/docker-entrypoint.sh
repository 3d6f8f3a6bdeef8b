#!/bin/sh
# Starts Redis the way the official image does.
set -eu

# Options alone, or a file alone, are meant for the server.
case "${1:-}" in
    -* | *.conf) set -- redis-server "$@" ;;
esac

# The volume may come from anywhere; the server itself never runs as root.
if [ "${1:-}" = redis-server ] && [ "$(id -u)" = 0 ]; then
    find . ! -user redis -exec chown redis {} +
    exec setpriv --reuid=redis --regid=redis --clear-groups -- "$0" "$@"
fi

# Data is nobody else's to read, unless somebody chose a mask.
if [ "$(umask)" = 0022 ]; then
    umask 0077
fi

# The official server is compiled without protected mode, which would refuse every other container.
# An option would overrule the file, so a file that speaks of it is left alone.
if [ "${1:-}" = redis-server ]; then
    shift
    case "${1:-}" in
        -v | --version | -h | --help | --test-memory | --check-system) ;;
        '' | -*) set -- --protected-mode no "$@" ;;
        *)
            if ! grep -qsi '^[[:space:]]*protected-mode[[:space:]]' "$1"; then
                file=$1
                shift
                set -- "$file" --protected-mode no "$@"
            fi
            ;;
    esac
    set -- redis-server "$@"
fi

exec "$@"
