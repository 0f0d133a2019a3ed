#!/bin/sh
# Wires a container's interfaces to TAP interfaces for the guest in it. The low-level runtime runs this
# as hooks, on the host and as its root, and writes the container's state to standard input:
#
#   network.sh up COUNT USER RESOLV_CONF [NAMESPACE [POD]]
#                                     before the container starts, after the engine has made its network
#   network.sh down COUNT NAMESPACE   after it has ended, where the network lasts longer than it
#
# For COUNT interfaces, eth0 and on, all frames that come to it go to the TAP interface jukvm0 and on,
# and all that come from there leave by it: the guest takes the place of the container's own stack.
# USER, a number of the host, may attach to the TAP interfaces and needs no capability for that. All of
# this is in the container's network namespace, and ends with it. An interface that is not there is
# passed over; the guest's monitor says so, where its user looks.
#
# Where other processes are in a NAMESPACE that is not made for the container, or are to come, since it is
# a POD's, the guest shares it with them instead; see share.
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

# Removes a pair, unless somebody uses it: the guest of another container in the same network. The TAP
# interface, which is made first, goes last: where it is, something else may be, whenever a hook was killed.
unwire() {
    case $(ip link show dev "$2" 2>/dev/null) in "" | *LOWER_UP*) return 0 ;; esac
    tc qdisc del dev "$1" ingress 2>/dev/null || unshare_from "$1" "$2"
    ip tuntap del dev "$2" mode tap 2>/dev/null
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

# Calls the container's interface eth0, as most networks do. podman calls that of an ordinary user tap0
# or, by pasta, as the host's. Kernels before 6.2 rename only what is down, and then has no routes.
name_eth0() {
    ! ip link show dev eth0 >/dev/null 2>&1 || return 0
    default=$(ip -4 route show default | head -n 1)
    own=${default#* dev } own=${own%% *}
    [ -n "$own" ] || return 0
    if ! ip link set dev "$own" name eth0 2>/dev/null; then
        run ip link set dev "$own" down name eth0
        run ip link set dev eth0 up
        run ip route add ${default%% dev *} dev eth0
    fi
    ip link property add dev eth0 altname "$own" 2>/dev/null || true
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
    if [ -n "$others" ]; then
        share "$1" "$2"
        return
    fi
    redirect "$1" "$2"
    redirect "$2" "$1"
    ! grep -q '^nameserver *127\.' "$resolv_conf" 2>/dev/null || keep_ports "$1" "$2"
    run ip link set dev "$2" up
}

# Writes a setting of the kernel's.
set_to() {
    echo "$1" >"/proc/sys/net/ipv4/$2" || refuse "cannot set net/ipv4/$2"
}

# Shares the address of the first, IPv4, between the namespace's processes and a guest at the second,
# which has the same and the same neighbours. A packet for it is a process's that has a socket for it,
# and else the guest's, which are marked, and by that routed, as are all of a connection that has been
# answered. The kernel is the guest's next hop, which answers ARP for all it can reach.
#
# What processes send to themselves, by localhost or the address, goes to the guest if its port is known
# to be the guest's: for a minute after the guest has answered there whoever asked, which nobody is let
# to while a process has a socket. Of a port that neither has, the first packet is dropped and the port
# tried: the next, which TCP sends after a second, goes to the guest. It sees all of these come from
# $next, which for it is the localhost of the processes.
share() {
    link=${link#* link/ether }
    address=$(ip -o -4 address show dev "$1")
    address=${address#* inet } address=${address%%/*} address=${address%% *}
    [ -n "$address" ] || refuse "$1 has no IPv4 address, which a guest is to share with other processes"
    command -v nft >/dev/null \
        || refuse "nft is not installed, by which a guest shares a network with other processes; it is in nftables"
    next=169.254.117.$((number + 1)) mark=$((27136 + number))
    run ip address add $next/32 dev "$2"
    for setting in accept_local arp_ignore forwarding proxy_arp route_localnet; do
        set_to 1 "conf/$2/$setting"
    done
    set_to 0 "neigh/$2/proxy_delay"
    set_to 0 conf/all/rp_filter # By routes without marks the guest's address is not there.
    set_to 1 "conf/$1/forwarding"
    run ip link set dev "$2" up
    run ip route add "$address" dev "$2" table $mark
    run ip neigh replace "$address" lladdr "${link%% *}" dev "$2" nud permanent
    # What is marked is not for the kernel itself, whose rule comes first.
    if [ -n "$(ip rule show pref 0)" ]; then
        run ip rule add pref 2 lookup local
        run ip rule del pref 0
    fi
    run ip rule add pref 1 fwmark $mark lookup $mark
    run nft -f - <<END
table ip $2 {
    set learnt {
        type inet_proto . inet_service
        flags dynamic, timeout
        timeout 3s
    }
    chain first {
        type filter hook output priority raw
        ip saddr 127.0.0.0/8 ip daddr 127.0.0.0/8 jump unknown
        ip saddr $address ip daddr $address jump unknown
    }
    chain unknown {
        tcp flags & (syn | ack) == syn meta l4proto . th dport != @learnt notrack
        udp dport 0-65535 meta l4proto . th dport != @learnt notrack
    }
    chain come {
        type filter hook prerouting priority mangle
        iifname "$2" jump sent
        iifname != "$2" ct state new, untracked meta l4proto { tcp, udp } fib daddr type local jump whose
        iifname != "$2" ct mark $mark meta mark set $mark
    }
    chain sent {
        ip saddr != $address drop
        ct direction reply jump answered
        ct mark set $mark
    }
    chain answered {
        tcp flags & (syn | ack) == syn | ack update @learnt { meta l4proto . th sport timeout 1m }
        meta l4proto udp meta l4proto . th sport @learnt update @learnt { meta l4proto . th sport timeout 1m }
    }
    chain whose {
        socket wildcard 0 ct mark set 0 return
        socket wildcard 1 ct mark set 0 return
        iifname "lo" tcp flags & (syn | ack) == syn add @learnt { meta l4proto . th dport } drop
        iifname "lo" udp dport < 32768 add @learnt { meta l4proto . th dport } drop
        iifname "lo" return
        ct mark set $mark
    }
    chain go {
        type route hook output priority mangle
        oifname "lo" ct state new meta l4proto . th dport @learnt ct mark set $mark
        ct mark $mark meta mark set $mark
    }
    chain to_guest {
        type nat hook output priority -100
        oifname "lo" ct mark $mark dnat to $address
    }
    chain to_processes {
        type nat hook prerouting priority dstnat
        iifname "$2" ip daddr $next dnat to 127.0.0.1
    }
    chain from_processes {
        type nat hook postrouting priority srcnat
        oifname "$2" ct mark $mark fib saddr type local snat to $next
    }
}
END
}

# Removes what share has made beside the interface.
unshare_from() {
    mark=$((27136 + number))
    nft delete table ip "$2" 2>/dev/null
    ip rule del pref 1 fwmark $mark 2>/dev/null
    if [ -n "$(ip rule show pref 2)" ] && [ -z "$(ip rule show pref 1)" ]; then
        [ -n "$(ip rule show pref 0)" ] || ip rule add pref 0 lookup local
        ip rule del pref 2
    fi
    cat /proc/sys/net/ipv4/conf/all/forwarding >"/proc/sys/net/ipv4/conf/$1/forwarding"
}

# Returns whether a process but this one and another is in this namespace.
has_others() {
    for process in /proc/[0-9]*; do
        case ${process#/proc/} in $$ | "$1") continue ;; esac
        [ ! "$process/ns/net" -ef /proc/self/ns/net ] || return 0
    done
    return 1
}

# Waits for others that do the same in this namespace. A hook outlives a runtime that is killed, and may
# be at its work when the next container's begins.
take_turn() {
    ! command -v flock >/dev/null || { exec 9</proc/self/ns/net && flock 9; }
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
        become "/proc/$pid/ns/net" wire "$count" "$3" "$4" "$pid" "${5:-}" "${6:-}"
        ;;
    wire)
        user=$3 resolv_conf=$4 others=
        take_turn
        [ "/proc/$5/ns/net" -ef /proc/self/ns/net ] || refuse "the container has ended"
        [ -z "$6" ] || { [ -z "$7" ] && ! has_others "$5"; } || others=1
        name_eth0
        each wire
        ;;
    down) [ ! -e "$3" ] || become "$3" unwire "$count" ;;
    unwire)
        take_turn
        each unwire
        ;;
esac
exit 0
