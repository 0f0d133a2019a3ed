# What jukvm is as a container runtime, jukvm-runtime: sourced by the scripts, after client.sh.
#
#   jukvm-runtime [--low-level=PROGRAM] [--jvm=container|node] [--daemon=FOLDER] WORDS…
#
# PROGRAM, else runc, else crun, gets all other words and does all the work. What is ours comes before
# it: at create and run a JVM looks whether the container is to run a guest, and makes its bundle one
# of a JVM that does, or of the program by which the node's JVM does: the daemon that has its place in
# FOLDER, else /run.

# Says why nothing is done, in the log that the engine reads, too. What is said has no quotes in it.
refuse() {
    say "$1"
    [ -z "$log" ] || case $format in
        json) printf '{"level":"error","msg":"jukvm-runtime: %s"}\n' "$1" >>"$log" ;;
        *) printf 'level=error msg="jukvm-runtime: %s"\n' "$1" >>"$log" ;;
    esac
    exit 1
}

# Sets verb, bundle, log, format, root and kept to what the words of an OCI runtime say, as far as they
# do; kept is how many descriptors the container is to have beside the standard ones.
read_words() {
    verb= bundle=. log= format=text root= kept=0 option=
    for word do
        case $option in
            "") ;;
            --root) root=$word ;;
            --log) log=$word ;;
            --log-format) format=$word ;;
            --bundle | -b) bundle=$word ;;
            --preserve-fds) kept=$word ;;
        esac
        [ -z "$option" ] || { option=; continue; }
        case $word in
            --root=*) root=${word#*=} ;;
            --log=*) log=${word#*=} ;;
            --log-format=*) format=${word#*=} ;;
            --bundle=* | -b=*) bundle=${word#*=} ;;
            --preserve-fds=*) kept=${word#*=} ;;
            --root | --log | --log-format | --criu | --rootless | --cgroup-manager) option=$word ;;
            --bundle | -b | --console-socket | --pid-file | --preserve-fds | --config | -f) option=$word ;;
            -*) ;;
            *) [ -n "$verb" ] || verb=$word ;;
        esac
    done
}

# Whether one of the words is a container of a guest, by what the low-level runtime keeps of it.
is_guest_among() {
    name=${low##*/}
    for word do
        case $word in */* | -* | "") continue ;; esac
        # The second is where an ordinary user's are, who is root in a user namespace.
        for folder in "${root:-/run/$name}" "${root:-${XDG_RUNTIME_DIR:-/run}/$name}"; do
            for state in "$folder/$word/state.json" "$folder/$word/status"; do
                [ ! -f "$state" ] || ! grep -q '/jukvm-root"' "$state" || return 0
            done
        done
    done
    return 1
}

# Has the node's JVM look at the bundle, if that may be of a guest for it, and create the container;
# goes on where it is not there, or the guest is for a JVM of the container's own.
use_node() {
    [ "$JUKVM_DAEMON" = auto ] && [ -x "$app/client" ] && [ -S "$node/jukvm/daemon" ] || return 0
    [ "$jvm" = node ] || grep -q '"jukvm\.jvm"' "$bundle/config.json" 2>/dev/null || return 0
    case $kept in "" | *[!0-9]*) return 0 ;; esac
    case $bundle in /*) ;; *) bundle=$(pwd -P)/$bundle ;; esac
    case $log in "" | /*) ;; *) log=$(pwd -P)/$log ;; esac
    case $low in */*) ;; *) low=$(command -v -- "$low") || return 0 ;; esac
    case $0 in */*) called=$0 ;; *) called=./$0 ;; esac
    # What it tells the daemon, what it keeps to itself, and what it would start this again with.
    exec "$app/client" "$called" "$bundle" "$log" "$format" "${launcher%/*}" "$jvm" $((3 + kept)) \
        "$node" --preserve-fds=$((kept + 1)) --low-level="$low" --jvm="$jvm" --daemon="$node" "$@"
}

# Starts the daemon of this build, once, where the client has found that it was of another, and ends.
replace_node() {
    [ "$JUKVM_DAEMON" = replace ] || return 0
    JUKVM_DAEMON=off
    [ -z "${JUKVM_REPLACED:-}" ] || return 0
    JUKVM_REPLACED=1
    export JUKVM_REPLACED
    (
        XDG_RUNTIME_DIR=$node
        export XDG_RUNTIME_DIR JUKVM_DAEMON
        exec "$script" daemon start </dev/null >/dev/null 2>&1
    ) && JUKVM_DAEMON=auto
}

become_runtime() {
    low= jvm=container node=/run
    while :; do
        case ${1:-} in
            --low-level=*) low=${1#*=} ;;
            --jvm=*) jvm=${1#*=} ;;
            --daemon=*) node=${1#*=} ;;
            *) break ;;
        esac
        shift
    done
    read_words "$@"
    case $jvm in container | node) ;; *) refuse "--jvm must be container or node" ;; esac
    if [ -z "$low" ]; then
        # The directories of system programs are not on everybody's PATH.
        PATH=$PATH:/usr/sbin:/sbin
        low=$(command -v runc || command -v crun) || {
            refuse "there is neither runc nor crun on PATH; install one, or name one by --low-level=PROGRAM"
        }
    fi
    case $verb in
        create | run)
            [ -e "$app/jukvm.jar" ] || refuse "jukvm is not built; build it first, as by ./jukvm --version"
            replace_node
            use_node "$@"
            (
                . "$launcher"
                check_limits
                choose_java
                launch "$bundle" "$log" "$format" "${launcher%/*}" "$jvm" "$node"
            ) || exit
            ;;
        exec)
            ! is_guest_among "$@" \
                || refuse "a unikernel has no programs to execute beside it; see its logs, or reach it by network"
            ;;
    esac
    exec "$low" "$@"
}
