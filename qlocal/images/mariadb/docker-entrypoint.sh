#!/bin/bash
# Starts MariaDB the way the official image does, making the database on the first start.
#
# A first start that is cut short is started over: `.qlocal-first-start` exists in the data
# directory from before the first file is written until everything, the user's scripts included, has
# succeeded. It is only ever made in an empty directory, so all that lies beside it came from the
# start that was cut short.
# Without -u: scripts of the user's are sourced, and they were not written for it.
set -eo pipefail
shopt -s nullglob

fail() {
    printf 'error: %s\n' "$@" >&2
    exit 1
}

say() {
    printf 'docker-entrypoint: %s\n' "$*"
}

# MARIADB_$1 and MYSQL_$1 become the first that is given of both, the files their _FILE twins name,
# and $2.
settle() {
    local name value='' file
    for name in "MARIADB_$1" "MYSQL_$1"; do
        file=${name}_FILE
        if [[ -n ${!file:-} ]]; then
            [[ -z ${!name:-} ]] || fail "both $name and $file are set; one of them is enough"
            value=${value:-$(< "${!file}")}
        fi
        value=${value:-${!name:-}}
        unset "$file"
    done
    export "MARIADB_$1=${value:-$2}" "MYSQL_$1=${value:-$2}"
}

settle_all() {
    settle ROOT_PASSWORD ''
    settle ROOT_HOST '%'
    settle USER ''
    settle PASSWORD ''
    settle DATABASE ''
    : "${MARIADB_ALLOW_EMPTY_ROOT_PASSWORD:=${MYSQL_ALLOW_EMPTY_PASSWORD:-}}"
    : "${MARIADB_RANDOM_ROOT_PASSWORD:=${MYSQL_RANDOM_ROOT_PASSWORD:-}}"
    : "${MARIADB_INITDB_SKIP_TZINFO:=${MYSQL_INITDB_SKIP_TZINFO:-}}"
}

asks_for_help() {
    local argument
    for argument; do
        case $argument in
            -\? | --help | --print-defaults | -V | --version) return 0 ;;
        esac
    done
    return 1
}

# What the server itself makes of its files and options.
ask_server() {
    local name value
    if ! server_says=$("$@" --verbose --help 2> /dev/null); then
        "$@" --verbose --help > /dev/null || true
        fail 'the server refuses its configuration'
    fi
    while read -r name value; do
        case $name in
            datadir) data=${value%/} ;;
            socket) socket=$value ;;
        esac
    done <<< "$server_says"
}

give_to_mysql() {
    local directory
    for directory in "$data" "${socket%/*}"; do
        mkdir -p "$directory"
        find "$directory" ! -user mysql -exec chown mysql: {} +
    done
}

require_password() {
    if [[ -z $MARIADB_ROOT_PASSWORD$MARIADB_ALLOW_EMPTY_ROOT_PASSWORD$MARIADB_RANDOM_ROOT_PASSWORD ]]; then
        fail 'database is not initialised and no root password is given' \
            'set MARIADB_ROOT_PASSWORD, or one of MARIADB_ALLOW_EMPTY_ROOT_PASSWORD and' \
            'MARIADB_RANDOM_ROOT_PASSWORD to 1'
    fi
    [[ $MARIADB_USER != root ]] ||
        fail 'MARIADB_USER is for a further user; for root, MARIADB_ROOT_PASSWORD is enough'
    [[ -z $MARIADB_USER || -n $MARIADB_PASSWORD ]] || fail 'MARIADB_USER wants a MARIADB_PASSWORD'
    if [[ -n $MARIADB_RANDOM_ROOT_PASSWORD ]]; then
        MARIADB_ROOT_PASSWORD=$(head -c 24 /dev/urandom | base64)
        export MARIADB_ROOT_PASSWORD MYSQL_ROOT_PASSWORD=$MARIADB_ROOT_PASSWORD
        say "GENERATED ROOT PASSWORD: $MARIADB_ROOT_PASSWORD"
    fi
}

clear_the_way() {
    if [[ -e $marker ]]; then
        say 'an earlier first start was cut short; starting over'
        find "$data" -mindepth 1 -maxdepth 1 ! -path "$marker" -exec rm -rf {} +
    elif [[ -n $(find "$data" -mindepth 1 ! -name lost+found -print -quit) ]]; then
        fail "directory \"$data\" holds no database but is not empty" 'mount an empty volume'
    else
        touch "$marker"
    fi
}

make_database() {
    mariadb-install-db --datadir="$data" --auth-root-authentication-method=normal --skip-test-db \
        --skip-log-bin --default-time-zone=SYSTEM "${@:2}" > /dev/null
}

# On the socket only, so that nobody takes a database in the making for one that is ready.
start_in_private() {
    "$@" --skip-networking --default-time-zone=SYSTEM {lock}<&- &
    server=$!
    until mariadb-admin --no-defaults --socket="$socket" --user=root ping > /dev/null 2>&1; do
        kill -0 "$server" 2> /dev/null || fail 'the server did not start; its words stand above'
        sleep 0.05
    done
}

stop_in_private() {
    kill "$server"
    wait "$server"
}

# The name by which users' scripts know it. The password goes by environment: arguments are for
# everybody to read.
docker_process_sql() {
    [[ -z $MARIADB_DATABASE ]] || set -- --database="$MARIADB_DATABASE" "$@"
    MYSQL_PWD=$known mariadb --no-defaults --protocol=socket --socket="$socket" --user=root "$@"
}

literal() {
    local text=${1//\\/\\\\}
    printf "'%s'" "${text//\'/\\\'}"
}

name() {
    printf '`%s`' "${1//\`/\`\`}"
}

# What is granted on is a pattern, in which these mean something else.
pattern() {
    local text=${1//\\/\\\\}
    text=${text//_/\\_}
    name "${text//%/\\%}"
}

accounts() {
    local root
    root=$(literal "$MARIADB_ROOT_PASSWORD")
    echo "SET @@SESSION.SQL_LOG_BIN=0;"
    # Not a setting of the user's decides what a backslash means here.
    echo "SET @@SESSION.SQL_MODE=REPLACE(@@SESSION.SQL_MODE, 'NO_BACKSLASH_ESCAPES', '');"
    echo "DROP USER IF EXISTS root@'127.0.0.1', root@'::1';"
    echo "EXECUTE IMMEDIATE CONCAT('DROP USER IF EXISTS root@', QUOTE(@@hostname));"
    if [[ -n $MARIADB_ROOT_HOST && $MARIADB_ROOT_HOST != localhost ]]; then
        echo "CREATE USER root@$(literal "$MARIADB_ROOT_HOST") IDENTIFIED BY $root;"
        echo "GRANT ALL ON *.* TO root@$(literal "$MARIADB_ROOT_HOST") WITH GRANT OPTION;"
    fi
    if [[ -n $MARIADB_DATABASE ]]; then
        echo "CREATE DATABASE IF NOT EXISTS $(name "$MARIADB_DATABASE");"
    fi
    if [[ -n $MARIADB_USER ]]; then
        echo "CREATE USER $(literal "$MARIADB_USER")@'%' IDENTIFIED BY $(literal "$MARIADB_PASSWORD");"
        if [[ -n $MARIADB_DATABASE ]]; then
            echo "GRANT ALL ON $(pattern "$MARIADB_DATABASE").* TO $(literal "$MARIADB_USER")@'%';"
        fi
    fi
    # Last: from here on even this session's user needs it.
    echo "SET PASSWORD FOR root@localhost = PASSWORD($root);"
}

set_up() {
    known=''
    if [[ -z $MARIADB_INITDB_SKIP_TZINFO ]]; then
        mariadb-tzinfo-to-sql --skip-write-binlog /usr/share/zoneinfo 2> /dev/null |
            docker_process_sql --database=mysql
    fi
    accounts | docker_process_sql --database=mysql
    known=$MARIADB_ROOT_PASSWORD
}

run_users_files() {
    local file mysql=(docker_process_sql)
    for file; do
        say "running $file"
        case $file in
            *.sh) if [[ -x $file ]]; then "$file"; else . "$file"; fi ;;
            *.sql) docker_process_sql < "$file" ;;
            *.sql.gz) gunzip --stdout "$file" | docker_process_sql ;;
            *.sql.xz) xzcat "$file" | docker_process_sql ;;
            *.sql.zst) zstd --decompress --stdout "$file" | docker_process_sql ;;
            *) say "ignoring $file" ;;
        esac
    done
}

is_first_start() {
    [[ ! -d $data/mysql || -e $marker ]]
}

# Two containers on one volume must not take each other's first start for one that was cut short.
wait_for_others() {
    exec {lock}< "$data"
    flock "$lock" || say 'warning: this volume cannot be locked' >&2
}

first_start() {
    # A shell that is process 1 hears of signals only what it asks for.
    trap 'exit 130' INT TERM
    ls /docker-entrypoint-initdb.d/ > /dev/null
    require_password
    clear_the_way
    make_database "$@"
    start_in_private "$@"
    set_up
    run_users_files /docker-entrypoint-initdb.d/*
    stop_in_private
    # In this order on the disk too: a marker that comes back after a power cut would cost data.
    sync "$data"
    rm "$marker"
    sync "$data"
    trap - INT TERM
    say 'MariaDB init process done. Ready for start up.'
}

main() {
    [[ ${1:-} != -* ]] || set -- mariadbd "$@"
    if [[ ${1:-} == mariadbd || ${1:-} == mysqld ]] && ! asks_for_help "$@"; then
        settle_all
        ask_server "$@"
        if ((UID == 0)); then
            give_to_mysql
            exec setpriv --reuid=mysql --regid=mysql --init-groups -- "$0" "$@"
        fi
        marker=$data/.qlocal-first-start
        if is_first_start; then
            wait_for_others
            ! is_first_start || first_start "$@"
            exec {lock}<&-
        fi
    fi
    exec "$@"
}

main "$@"
