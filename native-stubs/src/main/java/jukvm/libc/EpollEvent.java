package jukvm.libc;

/**
 * What epoll is told of a descriptor, and tells of it.
 *
 * <p>Source: epoll_ctl(2); linux/eventpoll.h, struct epoll_event, which x86-64 packs.
 *
 * <pre>
 * events u32 @0   data u64 @4
 * </pre>
 */
public final class EpollEvent {
    /** The size of a struct epoll_event, in bytes. */
    public static final int SIZE = 12;

    /** Where its events are. */
    public static final int EVENTS = 0;

    /** Where its data is, which the kernel only hands back. */
    public static final int DATA = 4;

    /** Event: there is something to read, or the end. */
    public static final int EPOLLIN = 1;

    /** Told of once, and not again until it is changed. */
    public static final int EPOLLONESHOT = 1 << 30;

    /** Operation: adds a descriptor. */
    public static final int EPOLL_CTL_ADD = 1;

    /** Operation: takes one out. */
    public static final int EPOLL_CTL_DEL = 2;

    /** Operation: changes what of one is told. */
    public static final int EPOLL_CTL_MOD = 3;

    private EpollEvent() {}
}
