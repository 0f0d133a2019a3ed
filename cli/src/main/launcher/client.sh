# What comes before launch.sh: the name jukvm is called by, and the daemon. With one, a run passes
# through this and nothing else; a program that is started here would take longer than the guest.
# They set app before it, the folder of the client, in any way that leads there.
#
# JUKVM_DAEMON is auto, or off to start a JVM always; "replace" is how the client says that the
# daemon was of another build.

# Called solo5-hvt or solo5-elftool, by a link, it is that tool; solo5-hvt.1 and solo5-hvt.2 are the
# tender of one ABI; jukvm-runtime is the container runtime.
as=${0##*/}
case $as in
    solo5-hvt | solo5-hvt-debug | solo5-hvt.[12] | solo5-elftool | jukvm-runtime) ;;
    *) as=jukvm ;;
esac

# A name with control characters breaks no line, and the terminal does not obey it.
say() {
    case $* in
        *[[:cntrl:]]*) printf 'jukvm: %s\n' "$(printf %s "$*" | tr '\000-\037\177' '?')" >&2 ;;
        *) printf 'jukvm: %s\n' "$*" >&2 ;;
    esac
}

# Becomes the client of the daemon, where there may be one: it knows, and becomes this script again if
# there is none.
use_daemon() {
    case ${JUKVM_DAEMON:=auto} in
        auto) ;;
        off | replace) return 0 ;;
        *) say "JUKVM_DAEMON is '$JUKVM_DAEMON', need auto or off"; exit 1 ;;
    esac
    case "$as ${1:-}" in "jukvm run" | "solo5-hvt "* | solo5-hvt.[12]" "*) ;; *) return 0 ;; esac
    [ -x "$app/client" ] || return 0
    case $0 in */*) called=$0 ;; *) called=./$0 ;; esac
    # Of somebody else's folder nothing is looked at, least of all what a link in /tmp leads to.
    for folder in "${XDG_RUNTIME_DIR:-/tmp}"/jukvm "${XDG_RUNTIME_DIR:-/tmp}"/jukvm-*; do
        [ ! -h "$folder" ] && [ -O "$folder" ] && [ -S "$folder/daemon" ] || continue
        exec "$app/client" "$called" "$@"
    done
}

# As a container runtime, becomes the low-level one.
use_runtime() {
    [ $as = jukvm-runtime ] || return 0
    . "${launcher%/*}/runtime.sh"
    become_runtime "$@"
}
