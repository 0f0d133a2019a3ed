# What starts jukvm.jar: sourced by the tree's script jukvm and by the one that is installed, after
# client.sh, since a shell more would cost a run 0.6 ms. They set before it
#
#   app        the folder of jukvm.jar and lib
#   hello      a guest, which the daemon gets ready with
#   launcher   this file
#   script     the whole path of the script itself
#   tree       the tree it was built in, empty if it is installed
#
# and after it call check_limits, choose_java and launch.
#
# JUKVM_JAVA_HOME, else JAVA_HOME, else the newest Java of this machine runs it, 17 or newer;
# JUKVM_JAVA_OPTIONS are more options for the JVM.
#
# What a run passes through before exec is shell builtins: a program costs 1 to 3 ms.

# Where prepared classes are kept, and the note which Java of this machine is the newest; both only
# by who may write there.
start=$app/start newest=$app/start/.java
# The JDK that built jukvm, if that was here.
jdk=

# A descriptor that is closed would be given to the next file opened, and written to as if it were
# the terminal.
{ true 3<&0; } 2>/dev/null || exec </dev/null
{ true 3>&1; } 2>/dev/null || exec >/dev/null
{ true 3>&2; } 2>/dev/null || exec 2>/dev/null

# Arguments of the guest may be any text: without this the JVM replaces what ASCII lacks.
case ${LC_ALL:-${LC_CTYPE:-${LANG:-}}} in
    *[Uu][Tt][Ff]*8*) ;;
    *) LC_ALL=C.UTF-8; export LC_ALL ;;
esac

# Below these a JVM does not start, and what it says does not name the limit.
check_limits() {
    set -- $(ulimit -Hn; ulimit -v; ulimit -d)
    [ "$1" = unlimited ] || [ "$1" -ge 32 ] || {
        say "only $1 files may be open (ulimit -n); 32 are needed, and one more for each device"
        exit 1
    }
    [ "$2" = unlimited ] || [ "$2" -ge 4194304 ] || {
        say "only $2 KiB of addresses may be used (ulimit -v); a JVM needs 4194304, a guest 8388608 more"
        exit 1
    }
    [ "$3" = unlimited ] || [ "$3" -ge 98304 ] || {
        say "only $3 KiB of data may be used (ulimit -d); a JVM needs 98304, and a guest its memory"
        exit 1
    }
    check_path "$app"
}

# A class path is parted by colons, and nothing escapes one.
check_path() {
    case $1 in *:*) say "$1: Java cannot be given a path with ':'; move or rename it"; exit 1 ;; esac
}

# What the environment has for every JVM is for other programs: it may be at odds with the options
# here, keep the JVM from starting, or have it write to the guest's output.
forget_options() {
    unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS JDK_AOT_VM_OPTIONS _JAVA_LAUNCHER_DEBUG
}

# Prints where the Java is whose program is found on PATH.
on_path() {
    found=$(command -v "$1") && dirname -- "$(dirname -- "$(readlink -f -- "$found")")"
}

# Sets version to that of the Java at $1 and major to its first number; both empty if it does not
# tell.
read_version() {
    version=
    if [ -r "$1/release" ]; then
        while IFS='"' read -r key value rest; do
            case $key in
                JAVA_RUNTIME_VERSION=) version=$value ;;
                JAVA_VERSION=) version=${version:-$value}; break ;;
            esac
        done <"$1/release"
    fi
    major=${version%%[!0-9]*}
}

# Sets java_home to the newest Java of this machine, and notes it for the next time.
find_newest() {
    best=0
    java_home=
    for candidate in "$(on_path java)" /usr/lib/jvm/* "${jdk:-}"; do
        [ -n "$candidate" ] && [ -x "$candidate/bin/java" ] || continue
        read_version "$candidate"
        [ "${major:-0}" -gt "$best" ] || continue
        best=$major
        java_home=$candidate
    done
    # One that does not tell its version is known by having built.
    [ "$best" -ge 17 ] || java_home=${jdk:-}
    [ -n "$java_home" ] && [ -x "$java_home/bin/java" ] || return 1
    # A folder from the future is not newer for ever.
    { printf '%s\n' "$java_home" >"$newest.$$" \
        && { [ ! /usr/lib/jvm -nt "$newest.$$" ] || touch -r /usr/lib/jvm "$newest.$$"; } \
        && mv -f "$newest.$$" "$newest"; } 2>/dev/null || rm -f "$newest.$$" 2>/dev/null || true
}

# Fails with the reason unless the Java that a variable names can be started.
check_java() {
    [ ! -x "$java_home/bin/java" ] || { check_path "$java_home"; return 0; }
    if [ -e "$java_home/bin/java" ]; then
        say "$1: $java_home/bin/java cannot be executed: by its mode, or its file system is mounted noexec"
    else
        say "$1: there is no $java_home/bin/java"
    fi
    exit 1
}

# Sets java_home to the Java that is to run, and version and major to its own.
choose_java() {
    forget_options
    for variable in JUKVM_JAVA_HOME JAVA_HOME; do
        case $variable in
            JUKVM_JAVA_HOME) java_home=${JUKVM_JAVA_HOME:-} ;;
            *) java_home=${JAVA_HOME:-} ;;
        esac
        [ -n "$java_home" ] || continue
        check_java $variable
        read_version "$java_home"
        [ "${major:-17}" -lt 17 ] || return 0
        [ $variable = JAVA_HOME ] || { say "$variable is a Java of version $major, need 17"; exit 1; }
    done
    # A Java that comes or goes changes the folder.
    if ! { [ -e "$newest" ] && [ ! /usr/lib/jvm -nt "$newest" ] && read -r java_home <"$newest" \
        && [ -x "$java_home/bin/java" ]; }; then
        find_newest || {
            say "no Java of version 17 or newer is left; install one, or set JAVA_HOME"
            exit 1
        }
    fi
    read_version "$java_home"
}

# Sets archive to the JVM's option that gives it the classes of a run ready-made, and collector to
# its garbage collector: before Java 25 only G1 takes ready-made objects, too. The file is made once
# for each Java that runs this build, and again when the jars or this file have changed.
choose_archive() {
    archive= quiet= profiles= collector=-XX:+UseSerialGC
    [ -w /dev/kvm ] && reach=run || reach=refusal
    case ${major:-0}/$java_home/${JUKVM_JAVA_OPTIONS:-} in
        *-XX:+Use*GC*) collector=; return 0 ;;
        0/* | */../* | *-Xshare:* | *-XX:AOT* | *-XX:*Archive*) return 0 ;;
        1[7-9]/* | 2[0-4]/*) option=-XX:SharedArchiveFile collector=-XX:+UseG1GC ;;
        # Of a damaged one this JVM would say on stderr that it passes over it.
        *) option=-XX:AOTCache quiet=-Xlog:aot*=off:stderr ;;
    esac
    # What Java 25 learned of methods by the run before serves a compiler that is not used here, and
    # at each class a thread wakes to look at it.
    [ "$major" != 25 ] || profiles='-XX:+UnlockDiagnosticVMOptions -XX:-AOTReplayTraining'
    # Named by all it depends on: the JVM passes over one that does not fit.
    file=$start/$java_home/$version/$app/$reach
    is_prepared || make_archive
    [ ! -s "$file" ] || archive=$option=$file
}

is_prepared() {
    [ -e "$file" ] || return 1
    for part in "$launcher" "$app/jukvm.jar" "$app"/lib/*.jar; do
        [ ! "$part" -nt "$file" ] || return 1
    done
}

# Makes it by a run, as much of one as this host can do; once, while other runs go without. An empty
# one says that it cannot be made, but not that there was no room.
make_archive() {
    [ -w "$start" ] && mkdir -p "${file%/*}" 2>/dev/null && [ -w "${file%/*}" ] || return 0
    (
        lock -n && ! is_prepared || exit 0
        say "preparing for Java $version; this takes some seconds"
        rm -rf "$file".*
        made=$file.$$
        # Standard streams of many runs are files, which are looked at.
        train_all </dev/null >"$made.out" 2>&1
        [ -s "$made" ] || { printf . >"$made" && : >"$made"; } 2>/dev/null || { rm -f "$made"; exit 0; }
        # A jar from the future is not newer for ever.
        for part in "$launcher" "$app/jukvm.jar" "$app"/lib/*.jar; do
            [ ! "$part" -nt "$made" ] || touch -r "$part" "$made"
        done
        mv -f "$made" "$file"
    ) 9<"${file%/*}"
}

# Locks what descriptor 9 is of, until nobody has that open any more; fails if another has and -n is
# given. A host without flock, or a file system, does without.
lock() {
    ! command -v flock >/dev/null 2>&1 || flock "$@" 9 2>/dev/null || [ $? != 1 ]
}

train_all() {
    if [ $option = -XX:AOTCache ]; then
        train -XX:AOTCacheOutput="$made" ""
    else
        train -Xshare:off -XX:DumpLoadedClassList="$made.list"
        run -Xshare:dump -XX:SharedClassListFile="$made.list" -XX:SharedArchiveFile="$made" "" \
            || rm -f "$made"
    fi
    rm -rf "$made".*
}

# Does what people do most. A longer run binds JNA, and finds that here, too. Java 25 starts another
# JVM at the end, which keeps what this one loaded: a sealed one could not.
train() (
    as=jukvm-rehearsal more="-Djukvm.early.calls=20 -Djukvm.seal.rehearsed=true"
    run "$1" "$2" "" "$made.files"
)

# Runs jukvm with three more options of the JVM, of which those that are empty are none, and with
# arguments.
#
# JUL is told of a configuration that is not there, so that it looks for nobody to log for it; SLF4J
# is told that nobody does; picocli not to look for Groovy and for types of Java's own: each is some
# milliseconds, for nothing. A method is compiled when it was called a thousand times, not two
# hundred: in a short run the compiler takes more time than it gives. Signals are ours from the
# first moment: the JVM would answer SIGQUIT by printing its threads. With those reduced it would
# be ready for jcmd from the start, which is a thread and a socket more.
run() {
    first=$1 second=$2 third=$3
    shift 3
    $exec "$java_home/bin/java" -XX:TieredStopAtLevel=1 -XX:CompileThresholdScaling=5 \
        $profiles $collector -Xms8m -XX:-UsePerfData -XX:-CreateCoredumpOnCrash \
        -XX:+ReduceSignalUsage -XX:+DisableAttachMechanism \
        -XX:+DisplayVMOutputToStderr -Xlog:disable -Xlog:all=error:stderr \
        ${first:+"$first"} ${second:+"$second"} ${third:+"$third"} \
        -Djna.boot.library.path="$app/lib" -Djna.nounpack=true -Djna.nosys=true \
        -Djna.platform.library.path=/ -Djava.util.logging.config.file=/dev/null/none \
        -Dpicocli.disable.closures=true '-Dpicocli.converters.excludes=java.*' \
        -Dslf4j.internal.verbosity=ERROR \
        -Dslf4j.provider=org.slf4j.helpers.NOP_FallbackServiceProvider \
        -Djukvm.as="$as" $more -jar "$app/jukvm.jar" "$@"
}

# The JVM keeps SIGUSR2 for itself, and Java 17 dies of one that somebody else sends, with a report
# on stdout; with another in its place it is what it is to other programs. Not 62, which is NIO's.
_JAVA_SR_SIGNUM=61
export _JAVA_SR_SIGNUM

# Of a working directory that is gone no JVM can start: it starts in another, and goes back by the
# descriptor that folder is the number of, so that relative names lead where they should.
leave_lost_folder() {
    folder=
    [ ! . -ef "${PWD:-}" ] && [ -z "$(pwd -P 2>/dev/null)" ] || return 0
    for folder in 9 8 7 6 5 4 3; do
        { true <&$folder; } 2>/dev/null || break
    done
    { eval "exec $folder<." && cd /; } 2>/dev/null || {
        say "the working directory is gone, or may not be read; change to another"
        exit 1
    }
}

# Runs jukvm with these arguments, in place of the shell.
launch() {
    exec= more=
    leave_lost_folder
    # Without it a Java does not find its own libraries.
    [ -e /proc/self ] || { LD_LIBRARY_PATH=$java_home/lib; export LD_LIBRARY_PATH; }
    choose_archive
    [ "${JUKVM_DAEMON:-}" != replace ] || start_daemon
    exec=exec more="${folder:+-Djukvm.folder=$folder }${JUKVM_JAVA_OPTIONS:-}"
    if [ "$as ${1:-}" = "jukvm daemon" ]; then
        JUKVM_SCRIPT=$script JUKVM_HELLO=$hello JUKVM_TREE=$tree
        export JUKVM_SCRIPT JUKVM_HELLO JUKVM_TREE
        # What stays may take its time to be ready, and is looked into as other JVMs are.
        more="-Xmx256m -XX:CompileThresholdScaling=1 -Djukvm.early.calls=0 -XX:-ReduceSignalUsage \
            -XX:-DisableAttachMechanism $more"
    fi
    run "$archive" "$quiet" "" "$@"
}

# Starts the daemon of this build, and waits for nothing.
start_daemon() {
    (JUKVM_DAEMON=off "$script" daemon start </dev/null >/dev/null 2>&1 &)
}
