#!/bin/sh
# Wires a container's interfaces to TAP interfaces for the guest in it. The low-level runtime runs this
# as hooks, on the host and as its root, and writes the container's state to standard input:
#
#   network.sh up COUNT USER RESOLV_CONF   before the container starts, after the engine has made its network
#   network.sh down COUNT NAMESPACE        after it has ended, where the network lasts longer than it
#
# For COUNT interfaces, eth0 and on, all frames that come to it go to the TAP interface jukvm0 and on,
# and all that come from there leave by it: the guest takes the place of the container's own stack.
# USER, a number of the host, may attach to the TAP interfaces and needs no capability for that. All of
# this is in the container's network namespace, and ends with it. An interface that is not there is
# passed over; the guest's monitor says so, where its user looks.
#
# RESOLV_CONF, which may be missing, says if the engine has a name server on the namespace's loopback
# interface. That asks others in the container's name: some ports are kept for what they answer.
set -u
PATH=/usr/sbin:/usr/bin:/sbin:/bin

refuse() {
    printf 'jukvm-runtime: %s\n' "$1" >&2
    exit 1
}

# Runs a program that must succeed.
run() {
    said=$("$@" 2>&1) || refuse "$*: $said"
}

# Runs this again in a namespace.
become() {
    namespace=$1
    shift
    exec nsenter --net="$namespace" -- sh "$0" "$@"
}

# Removes a pair, unless somebody uses it: the guest of another container in the same network.
unwire() {
    ip link show dev "$2" >/dev/null 2>&1 && ip tuntap del dev "$2" mode tap 2>/dev/null \
        && tc qdisc del dev "$1" ingress 2>/dev/null
}

# Sends all frames that come to the first to the second.
redirect() {
    run tc qdisc add dev "$1" ingress
    run tc filter add dev "$1" parent ffff: protocol all prio 3 u32 match u32 0 0 \
        action mirred egress redirect dev "$2"
}

# Lets the kernel have what comes from name servers to the ports kept for that, 0xec00 to 0xefff, which
# are all that it uses of its own, and see ARP, to know the way.
keep_ports() {
    echo 60416 61439 >/proc/sys/net/ipv4/ip_local_port_range || refuse "cannot set ip_local_port_range"
    run tc filter add dev "$1" parent ffff: protocol ip prio 1 u32 \
        match ip sport 53 0xffff match ip dport 0xec00 0xfc00 flowid :1
    run tc filter add dev "$1" parent ffff: protocol arp prio 2 u32 match u32 0 0 \
        action mirred egress mirror dev "$2"
}

wire() {
    link=$(ip -o link show dev "$1" 2>/dev/null) || return 0
    mtu=${link#* mtu }
    unwire "$1" "$2"
    said=$(ip tuntap add dev "$2" mode tap user "$user" 2>&1) || case $said in
        *busy*) refuse "$1 is taken by another guest in the same network; give each a network of its own" ;;
        *) refuse "$2: cannot be made: $said" ;;
    esac
    # The kernel is to say nothing of its own to the guest.
    run ip link set dev "$2" mtu "${mtu%% *}" addrgenmode none
    redirect "$1" "$2"
    redirect "$2" "$1"
    ! grep -q '^nameserver *127\.' "$resolv_conf" 2>/dev/null || keep_ports "$1" "$2"
    run ip link set dev "$2" up
}

each() {
    number=0
    while [ $number -lt "$count" ]; do
        "$1" eth$number jukvm$number
        number=$((number + 1))
    done
}

for program in nsenter ip tc; do
    command -v $program >/dev/null \
        || refuse "$program is not installed, which a guest's network needs; it is in iproute2 or util-linux"
done
count=$2
case $1 in
    up)
        # In a string each quote has a backslash before it, and all other values by this name are strings.
        pid=$(tr -d '\n' | sed -n 's/.*"pid" *: *\([0-9][0-9]*\).*/\1/p')
        [ -n "$pid" ] || refuse "the low-level runtime does not tell the container's process"
        [ ! "/proc/$pid/ns/net" -ef /proc/self/ns/net ] \
            || refuse "a guest takes its container's interfaces, and these are the host's; give it a network of its own"
        become "/proc/$pid/ns/net" wire "$count" "$3" "$4"
        ;;
    wire)
        user=$3 resolv_conf=$4
        each wire
        ;;
    down) [ ! -e "$3" ] || become "$3" unwire "$count" ;;
    unwire) each unwire ;;
esac
exit 0
