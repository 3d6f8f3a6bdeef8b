#!/bin/bash
# Starts PostgreSQL the way the official image does, making the database on the first start.
#
# A first start that is cut short is started over: `$PGDATA/.qlocal-first-start` exists from before
# the first file is written until everything, the user's scripts included, has succeeded. It is only
# ever made in an empty directory, so all that lies beside it came from the start that was cut short.
# Without -u: scripts of the user's are sourced, and they were not written for it.
set -eo pipefail

fail() {
    printf 'error: %s\n' "$@" >&2
    exit 1
}

say() {
    printf 'docker-entrypoint: %s\n' "$*"
}

# $1 becomes what it is, what the file named by its _FILE twin holds, or $2.
settle() {
    local file=${1}_FILE value=${!1:-}
    if [[ -n ${!file:-} ]]; then
        [[ -z $value ]] || fail "both $1 and $file are set; one of them is enough"
        value=$(< "${!file}")
    fi
    export "$1=${value:-$2}"
    unset "$file"
}

settle_all() {
    settle POSTGRES_PASSWORD ''
    settle POSTGRES_USER postgres
    settle POSTGRES_DB "$POSTGRES_USER"
    settle POSTGRES_INITDB_ARGS ''
    : "${POSTGRES_HOST_AUTH_METHOD:=}" "${POSTGRES_INITDB_WALDIR:=}"
}

asks_for_help() {
    local argument
    for argument; do
        case $argument in
            -\? | --help | --describe-config | -V | --version) return 0 ;;
        esac
    done
    return 1
}

# Failures are left to initdb and the server, which say more: a mounted directory may refuse both.
make_directories() {
    mkdir -p "$PGDATA" /var/run/postgresql
    chmod 0700 "$PGDATA" 2> /dev/null || true
    chmod 3777 /var/run/postgresql 2> /dev/null || true
    [[ -z $POSTGRES_INITDB_WALDIR ]] || mkdir -p "$POSTGRES_INITDB_WALDIR"
}

give_to_postgres() {
    local directory
    for directory in "$PGDATA" /var/run/postgresql ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"}; do
        find "$directory" ! -user postgres -exec chown postgres {} +
    done
}

# initdb wants its user to have a name; one given by `--user` may have none.
name_this_user() {
    if getent passwd "$UID" > /dev/null; then
        return
    fi
    NSS_WRAPPER_PASSWD=$(mktemp)
    NSS_WRAPPER_GROUP=$(mktemp)
    printf 'postgres:x:%s:%s:PostgreSQL:%s:/bin/false\n' "$UID" "$(id -g)" "$PGDATA" \
        > "$NSS_WRAPPER_PASSWD"
    printf 'postgres:x:%s:\n' "$(id -g)" > "$NSS_WRAPPER_GROUP"
    export NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP LD_PRELOAD=libnss_wrapper.so
}

forget_this_user() {
    [[ -z ${NSS_WRAPPER_PASSWD:-} ]] || rm -f "$NSS_WRAPPER_PASSWD" "$NSS_WRAPPER_GROUP"
    unset LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
}

require_password() {
    if [[ -z $POSTGRES_PASSWORD && $POSTGRES_HOST_AUTH_METHOD != trust ]]; then
        fail 'database is not initialised and no superuser password is given' \
            'set POSTGRES_PASSWORD to a value that is not empty' \
            'or, to let everybody in without one, POSTGRES_HOST_AUTH_METHOD=trust'
    fi
    if [[ $POSTGRES_HOST_AUTH_METHOD == trust ]]; then
        say 'warning: POSTGRES_HOST_AUTH_METHOD=trust lets everybody in without a password' >&2
    fi
}

clear_the_way() {
    if [[ -d $marker ]]; then
        say 'an earlier first start was cut short; starting over'
        find "$PGDATA" -mindepth 1 -maxdepth 1 ! -path "$marker" -exec rm -rf {} +
        find "$marker" ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"} -mindepth 1 -delete
    elif [[ -n $(find "$PGDATA" -mindepth 1 -print -quit) ]]; then
        fail "directory \"$PGDATA\" holds no database but is not empty" \
            'mount an empty volume, or set PGDATA to a folder inside of it'
    else
        mkdir "$marker"
    fi
}

# initdb refuses a directory that is not empty, hence one inside the marker. The password goes
# through a pipe: arguments are for everybody to read.
make_database() {
    local options=()
    eval "options=($POSTGRES_INITDB_ARGS)"
    [[ -z $POSTGRES_INITDB_WALDIR ]] || options+=(--waldir "$POSTGRES_INITDB_WALDIR")
    initdb --pgdata="$marker/data" --username="$POSTGRES_USER" \
        --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") "${options[@]}" > /dev/null
    find "$marker/data" -mindepth 1 -maxdepth 1 -exec mv --target-directory="$PGDATA" {} +
}

allow_remote() {
    local method=${POSTGRES_HOST_AUTH_METHOD:-$("$@" -C password_encryption)}
    printf '\nhost all all all %s\n' "$method" >> "$PGDATA/pg_hba.conf"
}

# On the socket only, so that nobody takes a database in the making for one that is ready.
start_in_private() {
    shift
    local options
    options=$(printf '%q ' "$@" -c listen_addresses='' -p "${PGPORT:-5432}")
    PGUSER=$POSTGRES_USER pg_ctl --pgdata="$PGDATA" --options="$options" --wait --silent start
}

# The name by which users' scripts know it.
docker_process_sql() {
    PGHOST='' PGHOSTADDR='' psql -v ON_ERROR_STOP=1 --no-psqlrc --no-password \
        --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" "$@"
}

create_database() {
    docker_process_sql --dbname=postgres --quiet --set=name="$POSTGRES_DB" <<'SQL'
SELECT format('CREATE DATABASE %I', :'name')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
SQL
}

run_users_files() {
    local file
    for file; do
        [[ -e $file ]] || continue
        say "running $file"
        case $file in
            *.sh) if [[ -x $file ]]; then "$file"; else . "$file"; fi ;;
            *.sql) docker_process_sql --file="$file" ;;
            *.sql.gz) gunzip --stdout "$file" | docker_process_sql ;;
            *.sql.xz) xzcat "$file" | docker_process_sql ;;
            *.sql.zst) zstd --decompress --stdout "$file" | docker_process_sql ;;
            *) say "ignoring $file" ;;
        esac
    done
}

# Two servers on one volume ruin it, and the server's own check does not see the other: each is
# process 1 of its container. The lock is on the directory, and lasts as long as the server.
lock_data() {
    exec {lock}< "$PGDATA"
    flock --timeout 5 --conflict-exit-code 75 "$lock" || (($? != 75)) ||
        fail "another container runs a server on the data in $PGDATA"
}

first_start() {
    name_this_user
    # A shell that is process 1 hears of signals only what it asks for.
    trap 'exit 130' INT TERM
    ls /docker-entrypoint-initdb.d/ > /dev/null
    require_password
    clear_the_way
    make_database
    allow_remote "$@"
    # In case a script closes the socket to those without a password.
    export PGPASSWORD=${PGPASSWORD:-$POSTGRES_PASSWORD}
    start_in_private "$@"
    create_database
    run_users_files /docker-entrypoint-initdb.d/*
    PGUSER=$POSTGRES_USER pg_ctl --pgdata="$PGDATA" --mode=fast --wait --silent stop
    unset PGPASSWORD
    # In this order on the disk too: a marker that comes back after a power cut would cost data.
    sync "$PGDATA"
    rm -rf "$marker"
    sync "$PGDATA"
    forget_this_user
    trap - INT TERM
    say 'PostgreSQL init process complete; ready for start up.'
}

main() {
    [[ ${1:-} != -* ]] || set -- postgres "$@"
    if [[ ${1:-} == postgres ]] && ! asks_for_help "$@"; then
        settle_all
        make_directories
        if ((UID == 0)); then
            give_to_postgres
            export HOME=/var/lib/postgresql
            exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$0" "$@"
        fi
        marker=$PGDATA/.qlocal-first-start
        lock_data
        if [[ ! -s $PGDATA/PG_VERSION || -d $marker ]]; then
            first_start "$@"
        fi
    fi
    exec "$@"
}

main "$@"
