# What jukvm is as a container runtime, jukvm-runtime: sourced by the scripts, after client.sh.
#
#   jukvm-runtime [--low-level=PROGRAM] WORDS…
#
# PROGRAM, else runc, else crun, gets all other words and does all the work. What is ours comes before
# it: at create and run a JVM looks whether the container is to run a guest, and makes its bundle one
# of a JVM that does.

# Says why nothing is done, in the log that the engine reads, too. What is said has no quotes in it.
refuse() {
    say "$1"
    [ -z "$log" ] || case $format in
        json) printf '{"level":"error","msg":"jukvm-runtime: %s"}\n' "$1" >>"$log" ;;
        *) printf 'level=error msg="jukvm-runtime: %s"\n' "$1" >>"$log" ;;
    esac
    exit 1
}

# Sets verb, bundle, log, format and root to what the words of an OCI runtime say, as far as they do.
read_words() {
    verb= bundle=. log= format=text root= option=
    for word do
        case $option in
            "") ;;
            --root) root=$word ;;
            --log) log=$word ;;
            --log-format) format=$word ;;
            --bundle | -b) bundle=$word ;;
        esac
        [ -z "$option" ] || { option=; continue; }
        case $word in
            --root=*) root=${word#*=} ;;
            --log=*) log=${word#*=} ;;
            --log-format=*) format=${word#*=} ;;
            --bundle=* | -b=*) bundle=${word#*=} ;;
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

become_runtime() {
    low=
    case ${1:-} in --low-level=*) low=${1#*=}; shift ;; esac
    read_words "$@"
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
            (
                . "$launcher"
                check_limits
                choose_java
                launch "$bundle" "$log" "$format" "${launcher%/*}"
            ) || exit
            ;;
        exec)
            ! is_guest_among "$@" \
                || refuse "a unikernel has no programs to execute beside it; see its logs, or reach it by network"
            ;;
    esac
    exec "$low" "$@"
}
