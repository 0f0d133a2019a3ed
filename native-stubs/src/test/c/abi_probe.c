/*
 * Prints what the headers of the host say about every number that jukvm's
 * Java classes state: Class.CONSTANT=number, and errno.number=name (text).
 *
 *   cc -o abi_probe abi_probe.c && ./abi_probe > ../resources/abi_probe.txt
 *
 * AbiLayoutTest compares the output with the classes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <unistd.h>

#include <asm/kvm_para.h>
#include <linux/ethtool.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/kvm.h>
#include <linux/netlink.h>
#include <linux/prctl.h>
#include <linux/rtnetlink.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>

#include "../../main/c/daemon.h"

#define P(name, value) printf("%s=%ld\n", name, (long)(value))
#define OFF(name, type, field) P(name, offsetof(struct type, field))
#define NAMED(class, prefix, name) P(#class "." #name, prefix##name)
#define SAME(class, name) P(#class "." #name, name)
#define ERRNO(name) printf("errno.%d=%s (%s)\n", name, #name, strerror(name))

static void libc(void)
{
    SAME(Libc, O_RDONLY);
    SAME(Libc, O_WRONLY);
    SAME(Libc, O_RDWR);
    SAME(Libc, O_ACCMODE);
    SAME(Libc, O_CREAT);
    SAME(Libc, O_TRUNC);
    SAME(Libc, O_NONBLOCK);
    SAME(Libc, O_DSYNC);
    SAME(Libc, O_DIRECTORY);
    SAME(Libc, O_NOFOLLOW);
    SAME(Libc, O_CLOEXEC);
    SAME(Libc, O_PATH);
    SAME(Libc, O_EXCL);
    SAME(Libc, SEEK_END);
    SAME(Libc, SEEK_DATA);
    SAME(Libc, SEEK_HOLE);
    SAME(Libc, F_SETFD);
    SAME(Libc, F_GETFL);
    SAME(Libc, F_SETFL);
    SAME(Libc, F_SETOWN);
    SAME(Libc, F_SETSIG);
    SAME(Libc, F_OFD_SETLK);
    SAME(Libc, F_SETLEASE);
    SAME(Libc, F_RDLCK);
    SAME(Libc, SIGTERM);
    SAME(Libc, F_DUPFD_CLOEXEC);
    SAME(Libc, O_NOCTTY);
    SAME(Libc, FD_CLOEXEC);
    SAME(Libc, PROT_NONE);
    SAME(Libc, PROT_READ);
    SAME(Libc, PROT_EXEC);
    P("Libc.PROT_READ_WRITE", PROT_READ | PROT_WRITE);
    SAME(Libc, MAP_SHARED);
    SAME(Libc, MAP_PRIVATE);
    SAME(Libc, MAP_FIXED);
    SAME(Libc, MAP_ANONYMOUS);
    SAME(Libc, MAP_NORESERVE);
    SAME(Libc, MADV_DONTNEED);
    SAME(Libc, EFD_CLOEXEC);
    SAME(Libc, EFD_NONBLOCK);
    SAME(Libc, AF_INET);
    SAME(Libc, AF_NETLINK);
    SAME(Libc, AF_UNIX);
    SAME(Libc, SOCK_STREAM);
    SAME(Libc, SOCK_NONBLOCK);
    SAME(Libc, SOL_SOCKET);
    P("Libc.SYS_GETSOCKNAME", SYS_getsockname);
    P("Libc.SYS_SOCKETPAIR", SYS_socketpair);
    P("Libc.SYS_UNLINK", SYS_unlink);
    P("Libc.SYS_WAITID", SYS_waitid);
    P("Libc.SYS_PIDFD_SEND_SIGNAL", SYS_pidfd_send_signal);
    P("Libc.SYS_PIDFD_OPEN", SYS_pidfd_open);
    SAME(Libc, SOCK_DGRAM);
    SAME(Libc, SOCK_SEQPACKET);
    SAME(Libc, SOCK_CLOEXEC);
    P("Libc.SYS_LSEEK", SYS_lseek);
    P("Libc.SYS_RT_SIGPROCMASK", SYS_rt_sigprocmask);
    P("Libc.SYS_MADVISE", SYS_madvise);
    P("Libc.SYS_MINCORE", SYS_mincore);
    P("Libc.SYS_CLOCK_GETTIME", SYS_clock_gettime);
    P("Libc.SYS_MEMFD_CREATE", SYS_memfd_create);
    SAME(Libc, MADV_POPULATE_WRITE);
    SAME(Libc, F_ADD_SEALS);
    P("Libc.F_SEAL_ALL", F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
    P("Libc.F_SEAL_LENGTH", F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW);
    SAME(Libc, MFD_CLOEXEC);
    SAME(Libc, MFD_ALLOW_SEALING);
    P("Libc.SYS_SOCKET", SYS_socket);
    P("Libc.SYS_CONNECT", SYS_connect);
    P("Libc.SYS_SENDTO", SYS_sendto);
    P("Libc.SYS_RECVFROM", SYS_recvfrom);
    P("Libc.SYS_SENDMSG", SYS_sendmsg);
    P("Libc.SYS_RECVMSG", SYS_recvmsg);
    P("Libc.SYS_SHUTDOWN", SYS_shutdown);
    P("Libc.SYS_BIND", SYS_bind);
    P("Libc.SYS_LISTEN", SYS_listen);
    P("Libc.SYS_SETSOCKOPT", SYS_setsockopt);
    P("Libc.SYS_GETSOCKOPT", SYS_getsockopt);
    P("Libc.SYS_GETEUID", SYS_geteuid);
    P("Libc.SYS_ACCEPT4", SYS_accept4);
    P("Libc.SYS_FCNTL", SYS_fcntl);
    P("Libc.SYS_FLOCK", SYS_flock);
    P("Libc.SYS_FSYNC", SYS_fsync);
    P("Libc.SYS_OPENAT", SYS_openat);
    P("Libc.SYS_MKDIRAT", SYS_mkdirat);
    P("Libc.SYS_FACCESSAT", SYS_faccessat);
    P("Libc.SYS_NEWFSTATAT", SYS_newfstatat);
    P("Libc.SYS_UNLINKAT", SYS_unlinkat);
    P("Libc.SYS_RENAMEAT", SYS_renameat);
    P("Libc.SYS_LINKAT", SYS_linkat);
    P("Libc.SYS_FDATASYNC", SYS_fdatasync);
    P("Libc.SYS_FTRUNCATE", SYS_ftruncate);
    P("Libc.SYS_RT_SIGTIMEDWAIT", SYS_rt_sigtimedwait);
    P("Libc.SYS_GETTID", SYS_gettid);
    P("Libc.SYS_EPOLL_CTL", SYS_epoll_ctl);
    P("Libc.SYS_TGKILL", SYS_tgkill);
    P("Libc.SYS_EPOLL_CREATE1", SYS_epoll_create1);
    P("Libc.SYS_MPROTECT", SYS_mprotect);
    P("Libc.SYS_RT_SIGACTION", SYS_rt_sigaction);
    P("Libc.SYS_FCHDIR", SYS_fchdir);
    P("Libc.SYS_PRLIMIT64", SYS_prlimit64);
    P("Libc.SYS_GETRANDOM", SYS_getrandom);
    P("Libc.SYS_PIPE2", SYS_pipe2);


    SAME(Errno, EPERM);
    SAME(Errno, ENOENT);
    SAME(Errno, EINTR);
    SAME(Errno, EIO);
    SAME(Errno, ENXIO);
    SAME(Errno, EBADF);
    SAME(Errno, EAGAIN);
    SAME(Errno, ENOMEM);
    SAME(Errno, EACCES);
    SAME(Errno, EFAULT);
    SAME(Errno, E2BIG);
    SAME(Errno, EPROTOTYPE);
    SAME(Errno, EADDRINUSE);
    SAME(Errno, EADDRNOTAVAIL);
    SAME(Errno, ECONNRESET);
    SAME(Errno, ECONNREFUSED);
    SAME(Errno, EBUSY);
    SAME(Errno, EEXIST);
    SAME(Errno, ENODEV);
    SAME(Errno, EINVAL);
    SAME(Errno, ENFILE);
    SAME(Errno, EMFILE);
    SAME(Errno, ENOTTY);
    SAME(Errno, EROFS);
    SAME(Errno, ENAMETOOLONG);
    SAME(Errno, EPIPE);
    SAME(Errno, ENOLCK);
    SAME(Errno, ENOSYS);
    SAME(Errno, EBADFD);
    SAME(Errno, EOPNOTSUPP);
    SAME(Errno, ENETDOWN);
    SAME(Errno, ENOBUFS);
}

static void structs_of_libc(void)
{
    P("Stat.SIZE", sizeof(struct stat));
    P("JnrLibc.SYS_MMAP", SYS_mmap);
    SAME(LimitOnData, RLIMIT_DATA);
    P("LimitOnData.RLIMIT", sizeof(struct rlimit));
    SAME(LimitOnData, RLIM_INFINITY);
    OFF("Stat.DEV", stat, st_dev);
    OFF("Stat.INO", stat, st_ino);
    OFF("Stat.MODE", stat, st_mode);
    OFF("Stat.UID", stat, st_uid);
    OFF("Stat.RDEV", stat, st_rdev);
    OFF("Stat.BYTES", stat, st_size);
    OFF("Stat.MTIM", stat, st_mtim);
    OFF("Stat.CTIM", stat, st_ctim);
    SAME(Stat, S_IFMT);
    SAME(Stat, AT_EMPTY_PATH);
    SAME(Stat, AT_SYMLINK_NOFOLLOW);
    P("Stat.REGULAR", S_IFREG);
    P("Stat.DIRECTORY", S_IFDIR);
    P("Stat.CHARACTER_DEVICE", S_IFCHR);
    P("Stat.BLOCK_DEVICE", S_IFBLK);
    P("Stat.FIFO", S_IFIFO);
    P("Stat.SOCKET", S_IFSOCK);

    SAME(EndSignals, SIG_UNBLOCK);
    SAME(EndSignals, SA_RESTART);
    P("EndSignals.SIG_IGN", (long) SIG_IGN);

    SAME(ChildProcess, SIGKILL);
    SAME(ChildProcess, WNOHANG);
    SAME(ChildProcess, WEXITED);
    SAME(ChildProcess, CLD_EXITED);
    P("ChildProcess.P_PIDFD", P_PIDFD);
    P("ChildProcess.SIGINFO", sizeof(siginfo_t));
    P("ChildProcess.CODE", offsetof(siginfo_t, si_code));
    P("ChildProcess.STATUS", offsetof(siginfo_t, si_status));
    SAME(DeathOfParent, PR_SET_PDEATHSIG);
    SAME(DeathOfParent, SIGKILL);
    P("DeathOfParent.SYS_PRCTL", SYS_prctl);
    P("DeathOfParent.SYS_GETPPID", SYS_getppid);

    SAME(DaemonFolder, LOCK_SH);
    SAME(DaemonFolder, LOCK_EX);
    SAME(DaemonFolder, LOCK_NB);
    P("DaemonFolder.STICKY", S_ISVTX);
    P("DaemonFolder.OTHERS", S_IRWXG | S_IRWXO);
    P("DaemonFolder.OTHERS_WRITE", S_IWGRP | S_IWOTH);
    P("DaemonFolder.FOLDER", O_RDONLY | O_DIRECTORY);
    P("DaemonFolder.FLAGS", O_NOFOLLOW | O_CLOEXEC);
    P("Kvm.NUMBER", makedev(10, 232)); /* linux/miscdevice.h, which is the kernel's own */

    P("Flock.SIZE", sizeof(struct flock));
    OFF("Flock.TYPE", flock, l_type);
    OFF("Flock.WHENCE", flock, l_whence);
    OFF("Flock.START", flock, l_start);
    OFF("Flock.LEN", flock, l_len);
    OFF("Flock.PID", flock, l_pid);
    SAME(Flock, F_RDLCK);
    SAME(Flock, F_WRLCK);
    SAME(Flock, SEEK_SET);


    P("EpollEvent.SIZE", sizeof(struct epoll_event));
    OFF("EpollEvent.EVENTS", epoll_event, events);
    OFF("EpollEvent.DATA", epoll_event, data);
    SAME(EpollEvent, EPOLLIN);
    SAME(EpollEvent, EPOLLONESHOT);
    SAME(EpollEvent, EPOLL_CTL_ADD);
    SAME(EpollEvent, EPOLL_CTL_DEL);
    SAME(EpollEvent, EPOLL_CTL_MOD);
    SAME(EpollSet, EPOLL_CLOEXEC);

    P("Ifreq.SIZE", sizeof(struct ifreq));
    OFF("Ifreq.NAME", ifreq, ifr_name);
    P("Ifreq.NAME_SIZE", IFNAMSIZ);
    OFF("Ifreq.FLAGS", ifreq, ifr_flags);
    OFF("Ifreq.MTU", ifreq, ifr_mtu);
    OFF("Ifreq.IFINDEX", ifreq, ifr_ifindex);
    OFF("Ifreq.HWADDR_DATA", ifreq, ifr_hwaddr.sa_data);
    P("Ifreq.IPV4", offsetof(struct ifreq, ifr_addr) + offsetof(struct sockaddr_in, sin_addr));
    OFF("Ifreq.DATA", ifreq, ifr_data);
    P("Ifreq.ETHTOOL_VALUE_SIZE", sizeof(struct ethtool_value));
    OFF("Ifreq.ETHTOOL_CMD", ethtool_value, cmd);
    OFF("Ifreq.ETHTOOL_DATA", ethtool_value, data);
    SAME(Ifreq, SIOCGIFNAME);
    SAME(Ifreq, SIOCGIFHWADDR);
    SAME(Ifreq, SIOCGIFINDEX);
    SAME(Ifreq, SIOCGIFFLAGS);
    SAME(Ifreq, SIOCGIFADDR);
    SAME(Ifreq, SIOCGIFNETMASK);
    SAME(Ifreq, SIOCGIFMTU);
    SAME(Ifreq, SIOCETHTOOL);
    SAME(Ifreq, TUNSETIFF);
    SAME(Ifreq, TUNGETIFF);
    SAME(Ifreq, TUNSETQUEUE);
    SAME(Ifreq, IFF_ATTACH_QUEUE);
    SAME(Ifreq, IFF_DETACH_QUEUE);
    SAME(Ifreq, ETHTOOL_SGSO);
    SAME(Ifreq, ETHTOOL_SGRO);
    SAME(Ifreq, IFF_UP);
    SAME(Ifreq, IFF_RUNNING);
    SAME(Ifreq, IFF_TAP);
    SAME(Ifreq, IFF_NO_PI);
    SAME(Ifreq, IFF_VNET_HDR);

    P("SockFprog.SIZE", sizeof(struct sock_fprog));
    OFF("SockFprog.LEN", sock_fprog, len);
    OFF("SockFprog.FILTER", sock_fprog, filter);
    P("SockFprog.FILTER_SIZE", sizeof(struct sock_filter));
    OFF("SockFprog.CODE", sock_filter, code);
    OFF("SockFprog.K", sock_filter, k);
    P("SockFprog.RETURN_K", BPF_RET | BPF_K);
    SAME(SockFprog, TUNATTACHFILTER);
    SAME(SockFprog, TUNDETACHFILTER);

    SAME(TapSettings, TUNSETOFFLOAD);
    SAME(TapSettings, TUNSETTXFILTER);
    SAME(TapSettings, TUNSETSNDBUF);
    SAME(TapSettings, TUNSETSTEERINGEBPF);
    SAME(TapSettings, TUNSETFILTEREBPF);
    SAME(TapSettings, TUNSETCARRIER);
    P("TapSettings.FILTER_SIZE", offsetof(struct tun_filter, addr));

    OFF("LinkName.LEN", nlmsghdr, nlmsg_len);
    OFF("LinkName.TYPE", nlmsghdr, nlmsg_type);
    OFF("LinkName.FLAGS", nlmsghdr, nlmsg_flags);
    P("LinkName.ERROR", NLMSG_HDRLEN + offsetof(struct nlmsgerr, error));
    P("LinkName.INDEX", NLMSG_HDRLEN + offsetof(struct ifinfomsg, ifi_index));
    P("LinkName.ATTRIBUTE_LEN", NLMSG_LENGTH(sizeof(struct ifinfomsg)) + offsetof(struct rtattr, rta_len));
    P("LinkName.ATTRIBUTE_TYPE", NLMSG_LENGTH(sizeof(struct ifinfomsg)) + offsetof(struct rtattr, rta_type));
    P("LinkName.NAME", NLMSG_LENGTH(sizeof(struct ifinfomsg)) + sizeof(struct rtattr));
    P("LinkName.ATTRIBUTE_HEADER", sizeof(struct rtattr));
    SAME(LinkName, ALTIFNAMSIZ);
    SAME(LinkName, RTM_GETLINK);
    SAME(LinkName, RTM_NEWLINK);
    SAME(LinkName, NLMSG_ERROR);
    SAME(LinkName, NLM_F_REQUEST);
    SAME(LinkName, IFLA_ALT_IFNAME);
}

static void io(void)
{
    SAME(BlockAttachment, BLKROGET);
    SAME(Holder, S_IFMT);
    SAME(Holder, S_IFBLK);
    P("StandardInput.STDIN", STDIN_FILENO);

    P("Poller.POLLFD", sizeof(struct pollfd));
    OFF("Poller.EVENTS", pollfd, events);
    OFF("Poller.REVENTS", pollfd, revents);
    SAME(Poller, POLLIN);
    SAME(Poller, POLLOUT);

    SAME(Libc, FIONREAD);

    P("StandardOutput.STDOUT", STDOUT_FILENO);
    P("StandardOutput.STDERR", STDERR_FILENO);
    SAME(NonBlockingOutput, TIOCGWINSZ);
    SAME(NonBlockingOutput, TIOCGPTN);
}

/* As SocketMessage lays them out: the header, its one part, and room for the sender and the descriptors. */
struct laid_out {
    struct msghdr header;
    struct iovec part;
    struct { struct cmsghdr header; int numbers[6]; } control;
    char sender[CMSG_SPACE(sizeof(struct ucred))];
    char bytes[];
};

/* As FrameStream lays them out: the header, its parts, and the lengths of two frames. */
struct frame_parts {
    struct msghdr header;
    struct iovec parts[3];
    unsigned prefix_in, prefix_out;
    char body[];
};

static void networks(void)
{
    P("FrameStream.IOV", offsetof(struct frame_parts, header.msg_iov));
    P("FrameStream.IOV_COUNT", offsetof(struct frame_parts, header.msg_iovlen));
    P("FrameStream.PARTS", offsetof(struct frame_parts, parts));
    P("FrameStream.PART", sizeof(struct iovec));
    P("FrameStream.PREFIX_IN", offsetof(struct frame_parts, prefix_in));
    P("FrameStream.PREFIX_OUT", offsetof(struct frame_parts, prefix_out));
    P("FrameStream.BODY", offsetof(struct frame_parts, body));
    SAME(FrameStream, SO_SNDBUF);
    SAME(FrameStream, SO_RCVBUF);
    SAME(FrameStream, SIOCOUTQ);

    SAME(Passt, POLLIN);
    SAME(Passt, SIGKILL);
    SAME(Passt, WNOHANG);
    SAME(Passt, WEXITED);
    P("Passt.P_PIDFD", P_PIDFD);

    OFF("SockaddrIn.PORT", sockaddr_in, sin_port);
    OFF("SockaddrIn.HOST", sockaddr_in, sin_addr);
    P("SockaddrIn.SIZE", sizeof(struct sockaddr_in));
    SAME(PortClaim, SO_REUSEADDR);
}

static void sockets(void)
{
    P("SocketMessage.IOV", offsetof(struct laid_out, header.msg_iov));
    P("SocketMessage.IOV_COUNT", offsetof(struct laid_out, header.msg_iovlen));
    P("SocketMessage.CONTROL", offsetof(struct laid_out, header.msg_control));
    P("SocketMessage.CONTROL_LENGTH", offsetof(struct laid_out, header.msg_controllen));
    P("SocketMessage.FLAGS", offsetof(struct laid_out, header.msg_flags));
    P("SocketMessage.PART", offsetof(struct laid_out, part));
    P("SocketMessage.PART_LENGTH", offsetof(struct laid_out, part.iov_len));
    P("SocketMessage.HEADER", offsetof(struct laid_out, control));
    P("SocketMessage.LEVEL", offsetof(struct laid_out, control.header.cmsg_level));
    P("SocketMessage.TYPE", offsetof(struct laid_out, control.header.cmsg_type));
    P("SocketMessage.NUMBERS", offsetof(struct laid_out, control) + CMSG_LEN(0));
    P("SocketMessage.BYTES", offsetof(struct laid_out, bytes));
    P("SocketMessage.HEADER_SIZE", CMSG_LEN(0));
    P("SocketMessage.DESCRIPTORS", DESCRIPTORS);
    SAME(SocketMessage, SCM_RIGHTS);
    SAME(SocketMessage, POLLIN);
    SAME(SocketMessage, SCM_CREDENTIALS);
    SAME(SocketMessage, MSG_PEEK);
    SAME(SocketMessage, MSG_CTRUNC);
    SAME(SocketMessage, MSG_DONTWAIT);
    SAME(SocketMessage, MSG_NOSIGNAL);
    SAME(SocketMessage, MSG_CMSG_CLOEXEC);

    SAME(SocketAddress, SOCK_SEQPACKET);
    SAME(SocketAddress, SO_TYPE);
    SAME(SocketAddress, SO_ACCEPTCONN);
    P("SocketAddress.LENGTH", sizeof(int));
    P("SocketAddress.OPTION", sizeof(int) + sizeof(socklen_t));
    SAME(SocketAddress, SO_RCVTIMEO);
    SAME(SocketAddress, SO_SNDTIMEO);
    OFF("UnixAddress.PATH", sockaddr_un, sun_path);
    P("UnixAddress.SIZE", sizeof(struct sockaddr_un));
    P("UnixAddress.LONGEST", sizeof(((struct sockaddr_un *)0)->sun_path) - 1);
    P("SocketAddress.TIMEVAL", sizeof(struct timeval));

    SAME(ClientListener, SHUT_RDWR);
    SAME(ClientListener, POLLIN);
    SAME(SocketAddress, SO_PASSCRED);
    SAME(SocketAddress, SO_PEERCRED);
    OFF("SocketAddress.UID", ucred, uid);
    P("SocketAddress.UCRED", sizeof(struct ucred));

}

static void wire(void)
{
    SAME(DaemonProtocol, HELLO);
    SAME(DaemonProtocol, ANSWER);
    SAME(DaemonProtocol, SIGNAL);
    SAME(DaemonProtocol, STOP);
    SAME(DaemonProtocol, STATUS);
    SAME(DaemonProtocol, RETIRE);
    SAME(DaemonProtocol, CORE);
    SAME(DaemonProtocol, ENTER);
    SAME(DaemonProtocol, GO_COLD);
    SAME(DaemonProtocol, STALE);
    SAME(DaemonProtocol, END);
    SAME(DaemonProtocol, OPEN);
    SAME(DaemonProtocol, SOCKET);
    SAME(DaemonProtocol, INHERITED);
    SAME(DaemonProtocol, IOCTL);
    SAME(DaemonProtocol, BEGUN);
    SAME(DaemonProtocol, CONNECT);
    SAME(DaemonProtocol, LISTEN);
    SAME(DaemonProtocol, UNLINK);
    SAME(DaemonProtocol, START);
    SAME(DaemonProtocol, KEPT);
    SAME(DaemonProtocol, FILL);
    SAME(DaemonProtocol, ENTERED);
    OFF("DaemonProtocol.KIND", hello, kind);
    OFF("DaemonProtocol.WORDS", hello, words);
    OFF("DaemonProtocol.BEGAN", hello, began);
    OFF("DaemonProtocol.BUILD", hello, build);
    OFF("DaemonProtocol.KVM", hello, kvm);
    OFF("DaemonProtocol.GUEST", hello, guest);
    OFF("DaemonProtocol.GUEST_WORD", hello, guest_word);
    OFF("DaemonProtocol.WORDS_FROM", hello, text);
    P("DaemonProtocol.LONGEST_HELLO", sizeof(struct hello));
    OFF("DaemonProtocol.A", question, a);
    OFF("DaemonProtocol.B", question, b);
    OFF("DaemonProtocol.REQUEST", question, request);
    OFF("DaemonProtocol.QUESTION_ARGUMENT", question, argument);
    OFF("DaemonProtocol.TEXT", question, text);
    P("DaemonProtocol.LONGEST_PATH", LONGEST_PATH - 1);
    OFF("DaemonProtocol.RESULT", answer, result);
    OFF("DaemonProtocol.ANSWER_ARGUMENT", answer, argument);
    P("DaemonProtocol.ANSWER_SIZE", sizeof(struct answer));
    P("DaemonProtocol.ARGUMENT_SIZE", ARGUMENT);
    OFF("DaemonProtocol.NUMBER", notice, number);
    P("DaemonProtocol.NOTICE_SIZE", sizeof(struct notice));
    SAME(DaemonProtocol, SIGCONT);
    SAME(DaemonProtocol, SIGTSTP);
    SAME(DaemonProtocol, SIGTTIN);
    SAME(DaemonProtocol, SIGTTOU);
}

static void kvm(void)
{
    SAME(Ioctl, KVMIO);
    P("Ioctl.SIZE_SHIFT", _IOC_SIZESHIFT);
    P("Ioctl.TYPE_SHIFT", _IOC_TYPESHIFT);
    P("Ioctl.WRITE", (long)_IOC_WRITE << _IOC_DIRSHIFT);
    P("Ioctl.READ", (long)_IOC_READ << _IOC_DIRSHIFT);
    P("Kvm.API_VERSION", KVM_API_VERSION);
    NAMED(Kvm, KVM_, GET_API_VERSION);
    NAMED(Kvm, KVM_, CREATE_VM);
    NAMED(Kvm, KVM_, CHECK_EXTENSION);
    NAMED(Kvm, KVM_, GET_VCPU_MMAP_SIZE);
    NAMED(Kvm, KVM_, GET_SUPPORTED_CPUID);
    NAMED(KvmVm, KVM_, SET_USER_MEMORY_REGION);
    NAMED(KvmVm, KVM_, CREATE_VCPU);
    NAMED(KvmVm, KVM_, ENABLE_CAP);
    NAMED(KvmVcpu, KVM_, RUN);
    NAMED(KvmVcpu, KVM_, GET_REGS);
    NAMED(KvmVcpu, KVM_, SET_REGS);
    NAMED(KvmVcpu, KVM_, GET_SREGS);
    NAMED(KvmVcpu, KVM_, SET_SREGS);
    NAMED(KvmVcpu, KVM_, SET_SIGNAL_MASK);
    NAMED(KvmVcpu, KVM_, SET_CPUID2);
    NAMED(KvmVcpu, KVM_, GET_TSC_KHZ);
    NAMED(MsrTable, KVM_, GET_MSR_INDEX_LIST);
    NAMED(MsrTable, KVM_, GET_MSRS);
    NAMED(MsrTable, KVM_, SET_MSRS);
    NAMED(VcpuState, KVM_, GET_VCPU_EVENTS);
    NAMED(VcpuState, KVM_, SET_VCPU_EVENTS);
    NAMED(VcpuState, KVM_, GET_DEBUGREGS);
    NAMED(VcpuState, KVM_, SET_DEBUGREGS);
    NAMED(VcpuState, KVM_, GET_XSAVE);
    NAMED(VcpuState, KVM_, SET_XSAVE);
    NAMED(VcpuState, KVM_, GET_XCRS);
    NAMED(VcpuState, KVM_, SET_XCRS);

    NAMED(Capability, KVM_CAP_, USER_MEMORY);
    NAMED(Capability, KVM_CAP_, NR_MEMSLOTS);
    NAMED(Capability, KVM_CAP_, GET_TSC_KHZ);
    NAMED(Capability, KVM_CAP_, SYNC_REGS);
    NAMED(Capability, KVM_CAP_, READONLY_MEM);
    NAMED(Capability, KVM_CAP_, IMMEDIATE_EXIT);
    NAMED(Capability, KVM_CAP_, X86_TRIPLE_FAULT_EVENT);

    NAMED(ExitReason, KVM_EXIT_, IO);
    NAMED(ExitReason, KVM_EXIT_, DEBUG);
    NAMED(ExitReason, KVM_EXIT_, HLT);
    NAMED(ExitReason, KVM_EXIT_, MMIO);
    NAMED(ExitReason, KVM_EXIT_, SHUTDOWN);
    NAMED(ExitReason, KVM_EXIT_, FAIL_ENTRY);
    NAMED(ExitReason, KVM_EXIT_, INTERNAL_ERROR);

    P("CpuidMask.KVM_CLOCK", 1 << KVM_FEATURE_CLOCKSOURCE
                                 | 1 << KVM_FEATURE_CLOCKSOURCE2
                                 | 1 << KVM_FEATURE_CLOCKSOURCE_STABLE_BIT);

    P("KickSignal.MASK_SIZE", sizeof(struct kvm_signal_mask));
    OFF("KickSignal.SET", kvm_signal_mask, sigset);
    P("KickSignal.SET_SIZE", (_NSIG - 1) / 8);
    SAME(KickSignal, SIG_BLOCK);
    P("KickSignal.NUMBER", SIGURG);
}

static void structs(void)
{
    P("KvmUserspaceMemoryRegion.SIZE",
      sizeof(struct kvm_userspace_memory_region));
    OFF("KvmUserspaceMemoryRegion.SLOT", kvm_userspace_memory_region, slot);
    OFF("KvmUserspaceMemoryRegion.FLAGS", kvm_userspace_memory_region, flags);
    OFF("KvmUserspaceMemoryRegion.GUEST_PHYS_ADDR",
        kvm_userspace_memory_region, guest_phys_addr);
    OFF("KvmUserspaceMemoryRegion.MEMORY_SIZE", kvm_userspace_memory_region,
        memory_size);
    OFF("KvmUserspaceMemoryRegion.USERSPACE_ADDR",
        kvm_userspace_memory_region, userspace_addr);
    SAME(KvmUserspaceMemoryRegion, KVM_MEM_READONLY);

    P("VcpuState.XSAVE_SIZE", sizeof(struct kvm_xsave));
    P("VcpuState.XCRS_SIZE", sizeof(struct kvm_xcrs));
    P("VcpuState.DEBUGREGS_SIZE", sizeof(struct kvm_debugregs));
    P("VcpuState.EVENTS_SIZE", sizeof(struct kvm_vcpu_events));
    P("MsrTable.MSR_IA32_TSC", 0x10);

    P("KvmEnableCap.SIZE", sizeof(struct kvm_enable_cap));
    OFF("KvmEnableCap.CAP", kvm_enable_cap, cap);
    OFF("KvmEnableCap.ARGS", kvm_enable_cap, args);

    P("KvmCpuid2.SIZE", sizeof(struct kvm_cpuid2));
    P("KvmCpuid2.ENTRY_SIZE", sizeof(struct kvm_cpuid_entry2));
    OFF("KvmCpuid2.FUNCTION", kvm_cpuid_entry2, function);
    OFF("KvmCpuid2.INDEX", kvm_cpuid_entry2, index);
    OFF("KvmCpuid2.EAX", kvm_cpuid_entry2, eax);
    OFF("KvmCpuid2.EBX", kvm_cpuid_entry2, ebx);
    OFF("KvmCpuid2.ECX", kvm_cpuid_entry2, ecx);
    OFF("KvmCpuid2.EDX", kvm_cpuid_entry2, edx);

    NAMED(VcpuDebug, KVM_, SET_GUEST_DEBUG);
    P("KvmGuestDebug.SIZE", sizeof(struct kvm_guest_debug));
    OFF("KvmGuestDebug.CONTROL", kvm_guest_debug, control);
    OFF("KvmGuestDebug.DEBUGREG", kvm_guest_debug, arch.debugreg);
    NAMED(KvmGuestDebug, KVM_GUESTDBG_, ENABLE);
    NAMED(KvmGuestDebug, KVM_GUESTDBG_, SINGLESTEP);
    NAMED(KvmGuestDebug, KVM_GUESTDBG_, USE_SW_BP);
    NAMED(KvmGuestDebug, KVM_GUESTDBG_, USE_HW_BP);
    P("KvmMsrs.SIZE", sizeof(struct kvm_msrs));
    P("KvmMsrs.ENTRY_SIZE", sizeof(struct kvm_msr_entry));
    OFF("KvmMsrs.INDEX", kvm_msrs, entries[0].index);
    OFF("KvmMsrs.DATA", kvm_msrs, entries[0].data);

    P("KvmSegment.SIZE", sizeof(struct kvm_segment));
    OFF("KvmSegment.BASE", kvm_segment, base);
    OFF("KvmSegment.LIMIT", kvm_segment, limit);
    OFF("KvmSegment.SELECTOR", kvm_segment, selector);
    OFF("KvmSegment.TYPE", kvm_segment, type);
    OFF("KvmSegment.PRESENT", kvm_segment, present);
    OFF("KvmSegment.DPL", kvm_segment, dpl);
    OFF("KvmSegment.DB", kvm_segment, db);
    OFF("KvmSegment.S", kvm_segment, s);
    OFF("KvmSegment.L", kvm_segment, l);
    OFF("KvmSegment.G", kvm_segment, g);
    OFF("KvmSegment.AVL", kvm_segment, avl);
    OFF("KvmSegment.UNUSABLE", kvm_segment, unusable);

    P("KvmSregs.SIZE", sizeof(struct kvm_sregs));
    P("KvmSregs.DTABLE_SIZE", sizeof(struct kvm_dtable));
    OFF("KvmSregs.DTABLE_LIMIT", kvm_dtable, limit);
    OFF("KvmSregs.CS", kvm_sregs, cs);
    OFF("KvmSregs.DS", kvm_sregs, ds);
    OFF("KvmSregs.ES", kvm_sregs, es);
    OFF("KvmSregs.FS", kvm_sregs, fs);
    OFF("KvmSregs.GS", kvm_sregs, gs);
    OFF("KvmSregs.SS", kvm_sregs, ss);
    OFF("KvmSregs.TR", kvm_sregs, tr);
    OFF("KvmSregs.LDT", kvm_sregs, ldt);
    OFF("KvmSregs.GDT", kvm_sregs, gdt);
    OFF("KvmSregs.IDT", kvm_sregs, idt);
    OFF("KvmSregs.CR0", kvm_sregs, cr0);
    OFF("KvmSregs.CR2", kvm_sregs, cr2);
    OFF("KvmSregs.CR3", kvm_sregs, cr3);
    OFF("KvmSregs.CR4", kvm_sregs, cr4);
    OFF("KvmSregs.CR8", kvm_sregs, cr8);
    OFF("KvmSregs.EFER", kvm_sregs, efer);
    OFF("KvmSregs.APIC_BASE", kvm_sregs, apic_base);
    OFF("KvmSregs.INTERRUPT_BITMAP", kvm_sregs, interrupt_bitmap);

    P("KvmRegs.SIZE", sizeof(struct kvm_regs));
    OFF("Reg.RAX", kvm_regs, rax);
    OFF("Reg.RBX", kvm_regs, rbx);
    OFF("Reg.RCX", kvm_regs, rcx);
    OFF("Reg.RDX", kvm_regs, rdx);
    OFF("Reg.RSI", kvm_regs, rsi);
    OFF("Reg.RDI", kvm_regs, rdi);
    OFF("Reg.RSP", kvm_regs, rsp);
    OFF("Reg.RBP", kvm_regs, rbp);
    OFF("Reg.R8", kvm_regs, r8);
    OFF("Reg.R9", kvm_regs, r9);
    OFF("Reg.R10", kvm_regs, r10);
    OFF("Reg.R11", kvm_regs, r11);
    OFF("Reg.R12", kvm_regs, r12);
    OFF("Reg.R13", kvm_regs, r13);
    OFF("Reg.R14", kvm_regs, r14);
    OFF("Reg.R15", kvm_regs, r15);
    OFF("Reg.RIP", kvm_regs, rip);
    OFF("Reg.RFLAGS", kvm_regs, rflags);

    P("KvmRun.SIZE", sizeof(struct kvm_run));
    OFF("KvmRun.IMMEDIATE_EXIT", kvm_run, immediate_exit);
    OFF("KvmRun.EXIT_REASON", kvm_run, exit_reason);
    OFF("KvmRun.CR8", kvm_run, cr8);
    OFF("KvmRun.IO_DIRECTION", kvm_run, io.direction);
    OFF("KvmRun.IO_SIZE", kvm_run, io.size);
    OFF("KvmRun.IO_PORT", kvm_run, io.port);
    OFF("KvmRun.IO_COUNT", kvm_run, io.count);
    OFF("KvmRun.IO_DATA_OFFSET", kvm_run, io.data_offset);
    OFF("KvmRun.MMIO_PHYS_ADDR", kvm_run, mmio.phys_addr);
    OFF("KvmRun.MMIO_DATA", kvm_run, mmio.data);
    OFF("KvmRun.MMIO_LEN", kvm_run, mmio.len);
    OFF("KvmRun.MMIO_IS_WRITE", kvm_run, mmio.is_write);
    OFF("KvmRun.DEBUG_EXCEPTION", kvm_run, debug.arch.exception);
    OFF("KvmRun.DEBUG_DR6", kvm_run, debug.arch.dr6);
    SAME(KvmRun, DB_VECTOR);
    OFF("KvmRun.FAIL_ENTRY_REASON", kvm_run,
        fail_entry.hardware_entry_failure_reason);
    OFF("KvmRun.INTERNAL_SUBERROR", kvm_run, internal.suberror);
    OFF("KvmRun.DIRTY_REGS", kvm_run, kvm_dirty_regs);
    OFF("KvmRun.SYNC_REGS", kvm_run, s.regs.regs);
    OFF("KvmRun.SYNC_SREGS", kvm_run, s.regs.sregs);
    OFF("KvmRun.SYNC_EVENTS", kvm_run, s.regs.events);
    P("KvmRun.SYNC_X86_REGS", KVM_SYNC_X86_REGS);
    P("KvmRun.SYNC_X86_SREGS", KVM_SYNC_X86_SREGS);
    P("KvmRun.SYNC_X86_EVENTS", KVM_SYNC_X86_EVENTS);
}

static void errors(void)
{
    ERRNO(EPERM);
    ERRNO(ENOENT);
    ERRNO(ESRCH);
    ERRNO(EINTR);
    ERRNO(ENOEXEC);
    ERRNO(ECHILD);
    ERRNO(EIO);
    ERRNO(ENXIO);
    ERRNO(E2BIG);
    ERRNO(EBADF);
    ERRNO(EAGAIN);
    ERRNO(ENOMEM);
    ERRNO(EACCES);
    ERRNO(EFAULT);
    ERRNO(EBUSY);
    ERRNO(EEXIST);
    ERRNO(ENODEV);
    ERRNO(ENOTDIR);
    ERRNO(EISDIR);
    ERRNO(EINVAL);
    ERRNO(ENFILE);
    ERRNO(EMFILE);
    ERRNO(ENOTTY);
    ERRNO(EFBIG);
    ERRNO(ENOSPC);
    ERRNO(ESPIPE);
    ERRNO(EROFS);
    ERRNO(EPIPE);
    ERRNO(ENAMETOOLONG);
    ERRNO(ENOSYS);
    ERRNO(ELOOP);
    ERRNO(ETXTBSY);
    ERRNO(ENOLCK);
    ERRNO(ENODATA);
    ERRNO(EPROTO);
    ERRNO(EBADFD);
    ERRNO(EILSEQ);
    ERRNO(EPROTOTYPE);
    ERRNO(EAFNOSUPPORT);
    ERRNO(EADDRINUSE);
    ERRNO(EADDRNOTAVAIL);
    ERRNO(ECONNRESET);
    ERRNO(ENOBUFS);
    ERRNO(EREMOTEIO);
    ERRNO(ENOMEDIUM);
    ERRNO(EOVERFLOW);
    ERRNO(EOPNOTSUPP);
    ERRNO(ENETDOWN);
    ERRNO(ETIMEDOUT);
    ERRNO(ECONNREFUSED);
    ERRNO(ESTALE);
    ERRNO(EDQUOT);
}

static void sandbox(void)
{
    P("SystemCall.IOCTL", SYS_ioctl);
    P("SystemCall.READ", SYS_read);
    P("SystemCall.WRITE", SYS_write);
    P("SystemCall.PREAD64", SYS_pread64);
    P("SystemCall.PWRITE64", SYS_pwrite64);
    P("SystemCall.PPOLL", SYS_ppoll);
    P("SystemCall.FUTEX", SYS_futex);
    P("SystemCall.EPOLL_WAIT", SYS_epoll_wait);
    P("SystemCall.CLOCK_GETTIME", SYS_clock_gettime);
    P("SystemCall.CLOSE", SYS_close);
    P("SystemCall.OPEN", SYS_open);
    P("SystemCall.OPENAT", SYS_openat);
    P("SystemCall.STAT", SYS_stat);
    P("SystemCall.FSTAT", SYS_fstat);
    P("SystemCall.LSTAT", SYS_lstat);
    P("SystemCall.NEWFSTATAT", SYS_newfstatat);
    P("SystemCall.STATX", SYS_statx);
    P("SystemCall.ACCESS", SYS_access);
    P("SystemCall.FACCESSAT", SYS_faccessat);
    P("SystemCall.FACCESSAT2", SYS_faccessat2);
    P("SystemCall.READLINK", SYS_readlink);
    P("SystemCall.READLINKAT", SYS_readlinkat);
    P("SystemCall.GETCWD", SYS_getcwd);
    P("SystemCall.GETDENTS64", SYS_getdents64);
    P("SystemCall.LSEEK", SYS_lseek);
    P("SystemCall.FADVISE64", SYS_fadvise64);
    P("SystemCall.READV", SYS_readv);
    P("SystemCall.WRITEV", SYS_writev);
    P("SystemCall.FSYNC", SYS_fsync);
    P("SystemCall.FDATASYNC", SYS_fdatasync);
    P("SystemCall.FTRUNCATE", SYS_ftruncate);
    P("SystemCall.FCNTL", SYS_fcntl);
    P("SystemCall.MMAP", SYS_mmap);
    P("SystemCall.MUNMAP", SYS_munmap);
    P("SystemCall.MREMAP", SYS_mremap);
    P("SystemCall.MPROTECT", SYS_mprotect);
    P("SystemCall.MADVISE", SYS_madvise);
    P("SystemCall.MINCORE", SYS_mincore);
    P("SystemCall.BRK", SYS_brk);
    P("SystemCall.MEMBARRIER", SYS_membarrier);
    P("SystemCall.CLONE", SYS_clone);
    P("SystemCall.SET_ROBUST_LIST", SYS_set_robust_list);
    P("SystemCall.RSEQ", SYS_rseq);
    P("SystemCall.GETTID", SYS_gettid);
    P("SystemCall.EXIT", SYS_exit);
    P("SystemCall.EXIT_GROUP", SYS_exit_group);
    P("SystemCall.PRCTL", SYS_prctl);
    P("SystemCall.SCHED_YIELD", SYS_sched_yield);
    P("SystemCall.SCHED_GETAFFINITY", SYS_sched_getaffinity);
    P("SystemCall.GETCPU", SYS_getcpu);
    P("SystemCall.NANOSLEEP", SYS_nanosleep);
    P("SystemCall.CLOCK_NANOSLEEP", SYS_clock_nanosleep);
    P("SystemCall.CLOCK_GETRES", SYS_clock_getres);
    P("SystemCall.GETTIMEOFDAY", SYS_gettimeofday);
    P("SystemCall.RESTART_SYSCALL", SYS_restart_syscall);
    P("SystemCall.GETRUSAGE", SYS_getrusage);
    P("SystemCall.SYSINFO", SYS_sysinfo);
    P("SystemCall.UNAME", SYS_uname);
    P("SystemCall.GETRLIMIT", SYS_getrlimit);
    P("SystemCall.PRLIMIT64", SYS_prlimit64);
    P("SystemCall.GETPID", SYS_getpid);
    P("SystemCall.GETUID", SYS_getuid);
    P("SystemCall.GETEUID", SYS_geteuid);
    P("SystemCall.GETGID", SYS_getgid);
    P("SystemCall.GETEGID", SYS_getegid);
    P("SystemCall.GETRANDOM", SYS_getrandom);
    P("SystemCall.RT_SIGACTION", SYS_rt_sigaction);
    P("SystemCall.RT_SIGPROCMASK", SYS_rt_sigprocmask);
    P("SystemCall.RT_SIGRETURN", SYS_rt_sigreturn);
    P("SystemCall.RT_SIGTIMEDWAIT", SYS_rt_sigtimedwait);
    P("SystemCall.SIGALTSTACK", SYS_sigaltstack);
    P("SystemCall.TGKILL", SYS_tgkill);
    P("SystemCall.EVENTFD2", SYS_eventfd2);
    P("SystemCall.EPOLL_CREATE1", SYS_epoll_create1);
    P("SystemCall.EPOLL_CTL", SYS_epoll_ctl);
    P("SystemCall.POLL", SYS_poll);
    P("SystemCall.RECVMSG", SYS_recvmsg);
    P("SystemCall.SENDMSG", SYS_sendmsg);
    P("SystemCall.SENDTO", SYS_sendto);
    P("SystemCall.RECVFROM", SYS_recvfrom);
    P("SystemCall.GETSOCKNAME", SYS_getsockname);
    P("SystemCall.SOCKETPAIR", SYS_socketpair);
    P("SystemCall.PIPE2", SYS_pipe2);
    P("SystemCall.ACCEPT4", SYS_accept4);
    P("SystemCall.ACCEPT", SYS_accept);
    P("SystemCall.DUP2", SYS_dup2);
    P("SystemCall.SETSOCKOPT", SYS_setsockopt);
    P("SystemCall.GETSOCKOPT", SYS_getsockopt);
    P("SystemCall.UNLINK", SYS_unlink);
    P("SystemCall.IOCTL_SCAN", SYS_ioctl);
    P("SystemCall.MEMFD_CREATE", SYS_memfd_create);
    P("SystemCall.FCNTL_SEAL", SYS_fcntl);
    P("SystemCall.OPEN_ANY", SYS_open);
    P("SystemCall.OPENAT_ANY", SYS_openat);
    P("SystemCall.MKDIR", SYS_mkdir);
    P("SystemCall.RMDIR", SYS_rmdir);
    P("SystemCall.UNLINK_ANY", SYS_unlink);
    P("SystemCall.UNLINKAT", SYS_unlinkat);
    P("SystemCall.RENAME", SYS_rename);
    P("SystemCall.FALLOCATE", SYS_fallocate);
    P("SystemCall.SENDFILE", SYS_sendfile);
    P("SystemCall.COPY_FILE_RANGE", SYS_copy_file_range);
    P("SystemCall.FCNTL_ANY", SYS_fcntl);
    P("SystemCall.RT_SIGSUSPEND", SYS_rt_sigsuspend);
    P("SystemCall.TIMES", SYS_times);
    P("SystemCall.FALLOCATE_HEAP", SYS_fallocate);
    P("SystemCall.SOCKETPAIR_PACKETS", SYS_socketpair);
    P("SystemCall.WAITID", SYS_waitid);
    P("SystemCall.PIDFD_SEND_SIGNAL", SYS_pidfd_send_signal);
    P("SystemCall.GETPPID", SYS_getppid);
    P("SystemCall.TIMES_PROCESS", SYS_times);
    P("SystemCall.MKDIRAT", SYS_mkdirat);
    P("SystemCall.LINK", SYS_link);
    P("SystemCall.LINKAT", SYS_linkat);
    P("SystemCall.SYMLINK", SYS_symlink);
    P("SystemCall.RENAMEAT", SYS_renameat);
    P("SystemCall.TRUNCATE", SYS_truncate);
    P("SystemCall.CHMOD", SYS_chmod);
    P("SystemCall.FCHMOD", SYS_fchmod);
    P("SystemCall.UTIMENSAT", SYS_utimensat);
    P("SystemCall.FLOCK", SYS_flock);
    P("SystemCall.STATFS", SYS_statfs);
    P("SystemCall.MSYNC", SYS_msync);
    P("SystemCall.INOTIFY_INIT", SYS_inotify_init);
    P("SystemCall.INOTIFY_INIT1", SYS_inotify_init1);
    P("SystemCall.INOTIFY_ADD_WATCH", SYS_inotify_add_watch);
    P("SystemCall.INOTIFY_RM_WATCH", SYS_inotify_rm_watch);
    P("SystemCall.SOCKET", SYS_socket);
    P("SystemCall.CONNECT", SYS_connect);
    P("SystemCall.BIND", SYS_bind);
    P("SystemCall.LISTEN", SYS_listen);
    P("SystemCall.ACCEPT_ANY", SYS_accept);
    P("SystemCall.ACCEPT4_ANY", SYS_accept4);
    P("SystemCall.SHUTDOWN", SYS_shutdown);
    P("SystemCall.GETPEERNAME", SYS_getpeername);
    P("SystemCall.SETSOCKOPT_ANY", SYS_setsockopt);
    P("SystemCall.GETSOCKOPT_ANY", SYS_getsockopt);
    P("SystemCall.SENDTO_ANY", SYS_sendto);
    P("SystemCall.SENDMMSG", SYS_sendmmsg);
    P("SystemCall.DUP2_ANY", SYS_dup2);
    P("SystemCall.SENDFILE_ANY", SYS_sendfile);
    P("SystemCall.IOCTL_SOCKETS", SYS_ioctl);
    P("Condition.CLONE_THREAD", CLONE_THREAD);
    P("Condition.CLONE_NAMESPACES", CLONE_NEWTIME | CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS
            | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET);
    SAME(Condition, TCGETS);
    SAME(Condition, PR_SET_NAME);
    SAME(Condition, PR_SET_VMA);
    SAME(Condition, F_GETFD);
    SAME(Condition, SO_SNDBUF);
    SAME(Condition, SO_RCVBUF);
    SAME(Condition, AF_INET6);
    SAME(Condition, FIONBIO);
    SAME(Condition, SIOCGIFNAME);
    SAME(Condition, SIOCGIFCONF);
    SAME(Condition, SIOCGIFFLAGS);
    SAME(Condition, SIOCGIFADDR);
    SAME(Condition, SIOCGIFBRDADDR);
    SAME(Condition, SIOCGIFNETMASK);
    SAME(Condition, SIOCGIFMTU);
    SAME(Condition, SIOCGIFHWADDR);
    SAME(Condition, SIOCGIFINDEX);

    P("FilterProgram.FPROG", sizeof(struct sock_fprog));
    OFF("FilterProgram.FILTER", sock_fprog, filter);
    P("FilterProgram.INSTRUCTION", sizeof(struct sock_filter));
    OFF("FilterProgram.JT", sock_filter, jt);
    OFF("FilterProgram.JF", sock_filter, jf);
    OFF("FilterProgram.K", sock_filter, k);
    OFF("FilterProgram.NR", seccomp_data, nr);
    OFF("FilterProgram.ARCH", seccomp_data, arch);
    OFF("FilterProgram.INSTRUCTION_POINTER", seccomp_data, instruction_pointer);
    OFF("FilterProgram.ARGS", seccomp_data, args);
    P("FilterProgram.LOAD", BPF_LD | BPF_W | BPF_ABS);
    P("FilterProgram.AND", BPF_ALU | BPF_AND | BPF_K);
    P("FilterProgram.IF_EQUAL", BPF_JMP | BPF_JEQ | BPF_K);
    P("FilterProgram.IF_AT_LEAST", BPF_JMP | BPF_JGE | BPF_K);
    P("FilterProgram.RETURN", BPF_RET | BPF_K);
    P("FilterProgram.AUDIT_ARCH_X86_64", (int) AUDIT_ARCH_X86_64);
    P("FilterProgram.X32", __X32_SYSCALL_BIT);
    P("FilterProgram.FORK", SYS_fork);
    P("FilterProgram.VFORK", SYS_vfork);
    P("FilterProgram.CLONE3", SYS_clone3);
    P("FilterProgram.RET_ERRNO", SECCOMP_RET_ERRNO);
    P("FilterProgram.RET_TRAP", SECCOMP_RET_TRAP);
    P("FilterProgram.RET_ALLOW", SECCOMP_RET_ALLOW);
    P("FilterProgram.REFUSED", SECCOMP_RET_ERRNO | EPERM);

    SAME(Sandbox, PR_SET_NO_NEW_PRIVS);
    SAME(Sandbox, PR_SET_DUMPABLE);
    SAME(Sandbox, SECCOMP_SET_MODE_FILTER);
    SAME(Sandbox, SECCOMP_GET_ACTION_AVAIL);
    SAME(Sandbox, SECCOMP_FILTER_FLAG_TSYNC);
    P("Sandbox.SYS_GETPID", SYS_getpid);
    P("Sandbox.SYS_PRCTL", SYS_prctl);
    P("Sandbox.SYS_SECCOMP", SYS_seccomp);
    P("Jail.SYS_UNSHARE", SYS_unshare);
    SAME(Jail, CLONE_NEWUTS);
    SAME(Jail, CLONE_NEWIPC);
    SAME(Jail, CLONE_NEWNET);
    P("MountNamespace.SYS_UNSHARE", SYS_unshare);
    P("MountNamespace.SYS_SETNS", SYS_setns);
    SAME(MountNamespace, CLONE_FS);
    SAME(MountNamespace, CLONE_NEWNS);
    SAME(ProcessLimits, RLIMIT_FSIZE);
    SAME(ProcessLimits, RLIMIT_CORE);
    SAME(ProcessLimits, RLIMIT_NOFILE);
    P("ProcessLimits.RLIMIT", sizeof(struct rlimit));
    OFF("ProcessLimits.MAXIMUM", rlimit, rlim_max);
    SAME(RefusalLog, SIGSYS);
    SAME(RefusalLog, SA_SIGINFO);
}

int main(void)
{
    libc();
    structs_of_libc();
    io();
    sockets();
    networks();
    wire();
    kvm();
    structs();
    sandbox();
    errors();
    return 0;
}
