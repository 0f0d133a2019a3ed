#include "tcp-parts.h"

enum {
    MOST_CONNECTIONS = 512, ENOUGH_CONNECTIONS = 200, SMALLEST_BUFFER = 1 << 14, LARGEST_BUFFER = 1 << 18, BUCKETS = 1024,
    SETS = 64, WAYS = 8, MOST_HANDSHAKE_TRIES = 4, FIRST_SEGMENTS = 10,
};
static const uint64_t FIRST_TIMEOUT = 1000000000, ENDED_TIME = 30000000000, EVICTABLE_AFTER = 1000000000;

static struct connection connections[MOST_CONNECTIONS];
static struct connection *unused, *newest, *pending, **pending_end;
static struct connection *buckets[BUCKETS];
static struct trace traces[SETS][WAYS];
static unsigned count;
static uint64_t next_tick;
static bool is_pressing;

/* Buffers are as large as leaves enough connections: some networks, passt's among them, stall where windows are small. */
void tcp_start(uint8_t *memory, uint64_t size)
{
    buffer_size = LARGEST_BUFFER;
    while (buffer_size > SMALLEST_BUFFER && size / (2 * buffer_size) < ENOUGH_CONNECTIONS) buffer_size /= 2;
    uint64_t most = size / (2 * buffer_size);
    memset(buckets, 0, sizeof buckets);
    memset(traces, 0, sizeof traces);
    unused = newest = pending = NULL;
    pending_end = &pending;
    count = 0;
    next_tick = NEVER;
    for (unsigned i = MOST_CONNECTIONS < most ? MOST_CONNECTIONS : (unsigned)most; i-- > 0;) {
        connections[i] = (struct connection){.next_of_hash = unused};
        connections[i].rx.bytes = memory + 2ul * i * buffer_size;
        connections[i].tx.bytes = connections[i].rx.bytes + buffer_size;
        unused = &connections[i];
    }
}

unsigned tcp_connections(void)
{
    return count;
}

bool tcp_is_pressing(void)
{
    return is_pressing;
}

void tcp_expect(uint64_t when)
{
    if (when < next_tick) next_tick = when;
}

uint32_t own_segment_size(void)
{
    return smaller(nic.mtu < HEADERS + SMALLEST_SEGMENT ? SMALLEST_SEGMENT : nic.mtu - HEADERS, buffer_size / 2);
}

uint8_t own_window_shift(void)
{
    uint8_t shift = 0;
    while (buffer_size >> shift > UINT16_MAX) shift++;
    return shift;
}

static uint64_t hash(const struct remote *remote)
{
    return net_hash((uint64_t)remote->peer.address << 16 | remote->port);
}

static bool is_same(const struct remote *left, const struct remote *right)
{
    return left->peer.address == right->peer.address && left->port == right->port;
}

struct trace *trace_find(const struct remote *remote)
{
    struct trace *set = traces[hash(remote) % SETS];
    for (unsigned i = 0; i < WAYS; i++)
        if (set[i].kind != NOTHING && is_same(&set[i].remote, remote)) return &set[i];
    return NULL;
}

struct trace *trace_make(const struct remote *remote, uint64_t now)
{
    struct trace *set = traces[hash(remote) % SETS], *oldest = set;
    for (unsigned i = 1; i < WAYS && oldest->kind != NOTHING; i++)
        if (set[i].kind == NOTHING || set[i].since < oldest->since) oldest = &set[i];
    *oldest = (struct trace){.remote = *remote, .since = now};
    return oldest;
}

struct connection *connection_find(const struct remote *remote)
{
    struct connection *connection = buckets[hash(remote) % BUCKETS];
    while (connection && !is_same(&connection->remote, remote)) connection = connection->next_of_hash;
    return connection;
}

void tcp_wake(struct connection *connection)
{
    if (connection->is_pending) return;
    connection->is_pending = true;
    connection->next_pending = NULL;
    *pending_end = connection;
    pending_end = &connection->next_pending;
}

/* One that waits to be served keeps its place in that queue, and is skipped there. */
void connection_end(struct connection *connection)
{
    struct connection **at = &buckets[hash(&connection->remote) % BUCKETS];
    if (!connection->is_used) return;
    while (*at != connection) at = &(*at)->next_of_hash;
    *at = connection->next_of_hash;
    if (connection->newer)
        connection->newer->older = connection->older;
    else
        newest = connection->older;
    if (connection->older) connection->older->newer = connection->newer;
    connection->is_used = false;
    connection->next_of_hash = unused;
    unused = connection;
    count--;
}

void tcp_abort(struct connection *connection)
{
    send_reset(&connection->remote, connection->next, connection->expected);
    connection_end(connection);
}

void tcp_close(struct connection *connection)
{
    connection->is_closing = true;
    connection->was_first_to_close = !connection->is_fin_received;
}

void tcp_forget_all(void)
{
    while (newest) connection_end(newest);
    memset(traces, 0, sizeof traces);
}

/* Who has waited longest for the other end to do something gives way, unless that was just now. */
static void make_room(uint64_t now)
{
    struct connection *idlest = newest;
    for (struct connection *one = newest; one; one = one->older)
        if (one->progress < idlest->progress) idlest = one;
    if (idlest && now - idlest->progress >= EVICTABLE_AFTER) tcp_abort(idlest);
}

struct connection *connection_make(const struct trace *trace, uint64_t now)
{
    if (!unused) make_room(now);
    struct connection *connection = unused;
    if (!connection) return NULL;
    unused = connection->next_of_hash;
    bool is_pending = connection->is_pending, scales = trace->window_shift != NO_SHIFT;
    struct connection *next_pending = connection->next_pending, **bucket = &buckets[hash(&trace->remote) % BUCKETS];
    uint32_t segment = trace->segment_size;
    *connection = (struct connection){
        .next_of_hash = *bucket,
        .is_used = true,
        .is_pending = is_pending,
        .next_pending = next_pending,
        .older = newest,
        .remote = trace->remote,
        .timer = NEVER,
        .patience = NEVER,
        .progress = now,
        .tx.bytes = connection->tx.bytes,
        .unacknowledged = trace->next,
        .next = trace->next,
        .end = trace->next,
        .recovery_end = trace->next,
        .window_sequence = trace->expected - 1,
        .congestion_window = smaller(FIRST_SEGMENTS * segment, larger(2 * segment, 14600)),
        .threshold = UINT32_MAX,
        .timeout = FIRST_TIMEOUT,
        .segment_size = (uint16_t)segment,
        .window_shift = scales ? trace->window_shift : 0,
        .own_shift = scales ? own_window_shift() : 0,
        .rx.bytes = connection->rx.bytes,
        .expected = trace->expected,
        .window_end = trace->expected + smaller(buffer_size, UINT16_MAX),
    };
    if (newest) newest->newer = connection;
    newest = connection;
    *bucket = connection;
    count++;
    server_open(connection, now);
    return connection;
}

/* Reads what a SYN says of its sender. What is not there has the values of the standard. */
static void read_options(struct trace *trace, const struct tcp *tcp, size_t size)
{
    const uint8_t *at = tcp->options, *end = (const uint8_t *)tcp + size;
    uint32_t segment = SMALLEST_SEGMENT;
    trace->window_shift = NO_SHIFT;
    while (at < end && *at != OPTION_END) {
        if (*at == OPTION_NOTHING) {
            at++;
            continue;
        }
        if (end - at < 2 || at[1] < 2 || at[1] > end - at) break;
        if (at[0] == OPTION_SEGMENT_SIZE && at[1] == 4) segment = (uint32_t)(at[2] << 8 | at[3]);
        if (at[0] == OPTION_WINDOW_SHIFT && at[1] == 3) trace->window_shift = at[2] < LARGEST_SHIFT ? at[2] : LARGEST_SHIFT;
        at += at[1];
    }
    segment = segment < LEAST_SEGMENT ? LEAST_SEGMENT : segment;
    trace->segment_size = (uint16_t)smaller(segment, own_segment_size());
}

/* Numbers go up with time, from where nobody can guess: RFC 6528. */
static uint32_t first_sequence(const struct remote *remote, uint64_t now)
{
    return (uint32_t)(net_hash(hash(remote)) + now / 4000);
}

static void greet(const struct remote *remote, const struct tcp *tcp, size_t header, const struct segment *segment, uint64_t now)
{
    struct trace *trace = trace_make(remote, now);
    read_options(trace, tcp, header);
    trace->kind = HANDSHAKE;
    trace->expected = segment->sequence + 1;
    trace->next = first_sequence(remote, now) + 1;
    trace->due = now + FIRST_TIMEOUT;
    tcp_expect(trace->due);
    send_handshake(trace);
}

/* The rest of a handshake, which may bring data: the connection, if this is it. */
static struct connection *complete(struct trace *trace, const struct segment *segment, uint64_t now)
{
    if (segment->flags & SYN) {
        if (segment->sequence + 1 == trace->expected)
            send_handshake(trace);
        else
            send_acknowledgement(&trace->remote, trace->next, trace->expected, buffer_size);
        return NULL;
    }
    if (segment->sequence - trace->expected >= buffer_size) {
        if (!(segment->flags & RST)) send_acknowledgement(&trace->remote, trace->next, trace->expected, buffer_size);
        return NULL;
    }
    if (segment->flags & RST) {
        if (segment->sequence == trace->expected) trace->kind = NOTHING;
        return NULL;
    }
    if (!(segment->flags & ACK)) return NULL;
    if (segment->acknowledgement != trace->next) {
        refuse(&trace->remote, segment);
        return NULL;
    }
    struct connection *connection = connection_make(trace, now);
    if (connection) trace->kind = NOTHING;
    return connection;
}

/* Somebody with whom all was said may not have heard the end of it, or begins anew. */
static bool is_over(struct trace *trace, const struct segment *segment, uint64_t now)
{
    if ((segment->flags & (SYN | ACK | RST)) == SYN && is_before(trace->expected, segment->sequence)) return false;
    if (segment->flags & RST) return true;
    trace->due = now + ENDED_TIME;
    send_acknowledgement(&trace->remote, trace->next, trace->expected, buffer_size);
    return true;
}

void tcp_input(const struct peer *from, const uint8_t *data, size_t size, uint64_t now)
{
    const struct tcp *tcp = (const struct tcp *)data;
    size_t header = size < sizeof *tcp ? 0 : tcp->words / 16 * 4u;
    if (header < sizeof *tcp || header > size || !tcp->from) {
        nic.malformed++;
        return;
    }
    struct remote remote = {*from, tcp->from};
    struct segment segment = {
        swap32(tcp->sequence), swap32(tcp->acknowledgement), (uint32_t)(size - header), swap(tcp->window), tcp->flags,
        data + header,
    };
    struct connection *connection = connection_find(&remote);
    struct trace *trace = connection ? NULL : trace_find(&remote);
    is_pressing |= segment.flags & (PSH | FIN);
    if (tcp->to != swap(TCP_PORT)) {
        refuse(&remote, &segment);
        return;
    }
    if (trace && trace->kind == ENDED) {
        if (is_over(trace, &segment, now)) return;
        trace->kind = NOTHING;
        trace = NULL;
    }
    if (trace) {
        connection = complete(trace, &segment, now);
        if (!connection) return;
    }
    if (connection)
        connection_input(connection, &segment, now);
    else if ((segment.flags & (SYN | ACK | RST | FIN)) == SYN)
        greet(&remote, tcp, header, &segment, now);
    else
        refuse(&remote, &segment);
}

/* What is left of a connection that both have closed. */
static void settle(struct connection *connection, uint64_t now)
{
    if (!connection->is_fin_acknowledged || !connection->is_fin_received) return;
    if (connection->was_first_to_close) {
        struct trace *trace = trace_make(&connection->remote, now);
        trace->kind = ENDED;
        trace->next = connection->next;
        trace->expected = connection->expected;
        trace->due = now + ENDED_TIME;
        tcp_expect(trace->due);
    }
    connection_end(connection);
}

void tcp_serve(uint64_t now)
{
    is_pressing = false;
    while (pending) {
        struct connection *connection = pending;
        pending = connection->next_pending;
        if (!pending) pending_end = &pending;
        connection->is_pending = false;
        if (!connection->is_used) continue;
        server_run(connection, now);
        if (!connection->is_used) continue;
        tcp_expect(connection->patience);
        connection_output(connection, now);
        settle(connection, now);
    }
}

static void tick_trace(struct trace *trace, uint64_t now)
{
    if (trace->kind == NOTHING) return;
    if (now >= trace->due) {
        if (trace->kind == ENDED || trace->tries++ == MOST_HANDSHAKE_TRIES) {
            trace->kind = NOTHING;
            return;
        }
        trace->due = now + (FIRST_TIMEOUT << trace->tries);
        send_handshake(trace);
    }
    tcp_expect(trace->due);
}

uint64_t tcp_tick(uint64_t now)
{
    if (now < next_tick) return next_tick;
    next_tick = NEVER;
    for (struct connection *one = newest, *older; one; one = older) {
        older = one->older;
        if (now >= one->patience)
            server_expire(one, now);
        else if (now >= one->timer)
            connection_timeout(one, now);
        if (!one->is_used) continue;
        tcp_expect(one->timer);
        tcp_expect(one->patience);
    }
    for (unsigned set = 0; set < SETS; set++)
        for (unsigned way = 0; way < WAYS; way++) tick_trace(&traces[set][way], now);
    return next_tick;
}
