#!/bin/bash
# Starts RabbitMQ the way the official image does, making its database on the first start.
#
# A node that is killed while it makes its database may keep one without a user, for ever. So the
# first start happens in private, without listeners, and is started over when it was cut short:
# `.qlocal-first-start` exists from before the first file is written until all are there.
set -eo pipefail

fail() {
    printf 'error: %s\n' "$@" >&2
    exit 1
}

# $1 becomes what it is, or what the file named by its _FILE twin holds.
settle() {
    local file=${1}_FILE
    if [[ -n ${!file:-} ]]; then
        [[ -z ${!1:-} ]] || fail "both $1 and $file are set; one of them is enough"
        export "$1=$(< "${!file}")"
    fi
    unset "$file"
}

is_first_start() {
    [[ ! -d $database || -e $marker ]]
}

# Two containers on one volume must not take each other's first start for one that was cut short.
wait_for_others() {
    exec {lock}< "$RABBITMQ_DATA_DIR"
    flock "$lock" || echo 'warning: this volume cannot be locked' >&2
}

first_start() {
    local server
    # A shell that is process 1 hears of signals only what it asks for.
    trap 'kill "$server" 2> /dev/null; wait "$server"; exit 143' INT TERM
    [[ -z $(find "$database" -mindepth 1 -print -quit 2> /dev/null) ]] ||
        echo 'docker-entrypoint: an earlier first start was cut short; starting over'
    touch "$marker"
    rm -rf "$database"
    # Split at blanks by the server's own script, hence none inside.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="${RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:-} $in_private" \
        "$@" {lock}<&- &
    server=$!
    wait "$server"
    # In this order on the disk too: a marker that comes back after a power cut would cost data.
    sync "$RABBITMQ_DATA_DIR"
    rm "$marker"
    sync "$RABBITMQ_DATA_DIR"
    trap - INT TERM
}

main() {
    if [[ ${1:-} == rabbitmq* && $UID == 0 ]]; then
        [[ $1 != rabbitmq-server ]] || find "$RABBITMQ_DATA_DIR" ! -user rabbitmq -exec chown rabbitmq {} +
        settle RABBITMQ_DEFAULT_USER
        settle RABBITMQ_DEFAULT_PASS
        settle RABBITMQ_DEFAULT_VHOST
        exec setpriv --reuid=rabbitmq --regid=rabbitmq --init-groups -- "$0" "$@"
    fi
    if [[ ${1:-} == rabbitmq-server ]]; then
        settle RABBITMQ_DEFAULT_USER
        settle RABBITMQ_DEFAULT_PASS
        settle RABBITMQ_DEFAULT_VHOST
        database=${RABBITMQ_MNESIA_BASE:-$RABBITMQ_DATA_DIR/mnesia}
        marker=$RABBITMQ_DATA_DIR/.qlocal-first-start
        in_private='-rabbit tcp_listeners [] -rabbit ssl_listeners []'
        in_private+=' -eval spawn(fun()->rabbit:await_startup(),init:stop()end).'
        if is_first_start; then
            wait_for_others
            ! is_first_start || first_start "$@"
            exec {lock}<&-
        fi
    fi
    exec "$@"
}

main "$@"
