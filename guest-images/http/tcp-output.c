#include "tcp-parts.h"

enum { MOST_RETRIES = 10, MOST_PROBE_RETRIES = 6 };

static const uint64_t LONGEST_TIMEOUT = 60000000000;

static struct tcp *header(void)
{
    return net_payload();
}

/* Sends the segment whose options or data, if any, are in place. */
static void transmit(const struct remote *to, uint32_t sequence, uint32_t acknowledgement, uint8_t flags, uint32_t window,
                     uint32_t options, uint32_t data)
{
    struct tcp *tcp = header();
    size_t size = sizeof *tcp + options + data;
    *tcp = (struct tcp){
        .from = swap(TCP_PORT),
        .to = to->port,
        .sequence = swap32(sequence),
        .acknowledgement = swap32(flags & ACK ? acknowledgement : 0),
        .words = (uint8_t)((sizeof *tcp + options) / 4 << 4),
        .flags = flags,
        .window = swap((uint16_t)smaller(window, UINT16_MAX)),
    };
    tcp->check = checksum_between((const uint8_t *)&nic.address, (const uint8_t *)&to->peer.address, PROTOCOL_TCP, tcp, size);
    net_send(&to->peer, PROTOCOL_TCP, size);
}

void send_handshake(const struct trace *trace)
{
    uint32_t size = own_segment_size();
    const uint8_t options[] = {
        OPTION_SEGMENT_SIZE, 4, (uint8_t)(size >> 8), (uint8_t)size, OPTION_NOTHING, OPTION_WINDOW_SHIFT, 3, own_window_shift(),
    };
    uint32_t used = trace->window_shift == NO_SHIFT ? 4 : sizeof options;
    memcpy(header()->options, options, used);
    transmit(&trace->remote, trace->next - 1, trace->expected, SYN | ACK, buffer_size, used, 0);
}

void send_acknowledgement(const struct remote *to, uint32_t sequence, uint32_t acknowledgement, uint32_t window)
{
    transmit(to, sequence, acknowledgement, ACK, window, 0, 0);
}

void send_reset(const struct remote *to, uint32_t sequence, uint32_t acknowledgement)
{
    transmit(to, sequence, acknowledgement, RST | ACK, 0, 0, 0);
}

/* Without an acknowledgement a reset is taken by its sequence number, without a sequence number by what it acknowledges. */
void refuse(const struct remote *to, const struct segment *segment)
{
    uint32_t size = segment->size + !!(segment->flags & SYN) + !!(segment->flags & FIN);
    if (segment->flags & RST) return;
    if (segment->flags & ACK)
        transmit(to, segment->acknowledgement, 0, RST, 0, 0, 0);
    else
        send_reset(to, 0, segment->sequence + size);
}

/*
 * The window to tell. It opens by large steps only, lest the other end send in small ones, and never closes but by what arrives:
 * RFC 9293, 3.8.6.2.2.
 */
static uint32_t window_to_tell(const struct connection *connection)
{
    uint32_t room = buffer_room(&connection->rx), told = connection->window_end - connection->expected;
    if (room < told) return room;
    return room - told >= smaller(own_segment_size(), buffer_size / 2) ? room : told;
}

static void send_from(struct connection *connection, uint32_t sequence, uint32_t size, uint8_t flags)
{
    uint32_t window = window_to_tell(connection) >> connection->own_shift;
    uint32_t end = connection->expected + (smaller(window, UINT16_MAX) << connection->own_shift);
    if (is_before(connection->window_end, end)) connection->window_end = end;
    buffer_copy(&connection->tx, sequence - connection->unacknowledged, header()->options, size);
    transmit(&connection->remote, sequence, connection->expected, flags | ACK, window, 0, size);
    connection->owes_acknowledgement = false;
    uint32_t next = sequence + size + (flags & FIN);
    if (is_before(connection->end, next)) connection->end = next;
}

void connection_resend(struct connection *connection, uint32_t sequence)
{
    uint32_t offset = sequence - connection->unacknowledged, left = connection->tx.used - offset;
    uint32_t size = smaller(left, connection->segment_size);
    bool is_last = connection->is_closing && size == left;
    connection->is_timing = false;
    send_from(connection, sequence, size, (is_last ? FIN : 0) | PSH);
}

static bool has_more(const struct connection *connection)
{
    return connection->tx.used || (connection->is_closing && !connection->is_fin_acknowledged);
}

void connection_start_timer(struct connection *connection, uint64_t now)
{
    uint64_t wait = connection->timeout << connection->retries;
    connection->timer = has_more(connection) ? now + (wait < LONGEST_TIMEOUT ? wait : LONGEST_TIMEOUT) : NEVER;
    tcp_expect(connection->timer);
}

/* Sends the next segment that windows allow; false if there is none. */
static bool send_next(struct connection *connection, uint64_t now)
{
    uint32_t flying = connection->next - connection->unacknowledged, used = connection->tx.used;
    if (flying > used || !has_more(connection)) return false;
    uint32_t window = smaller(connection->window, connection->congestion_window), left = used - flying;
    uint32_t size = smaller(smaller(left, connection->segment_size), window > flying ? window - flying : 0);
    bool is_last = size == left, is_fin = connection->is_closing && is_last;
    if (!size && !is_fin) return false;
    /* Part of a segment is worth sending only if it is the end, or half of what they ever take. */
    if (!is_last && size < connection->segment_size && size < connection->largest_window / 2) return false;
    bool is_new = connection->next == connection->end;
    send_from(connection, connection->next, size, (is_fin ? FIN : 0) | (is_last ? PSH : 0));
    if (is_new && !connection->is_timing) {
        connection->is_timing = true;
        connection->timed = connection->next;
        connection->timed_since = now;
    }
    connection->next += size + is_fin;
    return true;
}

void connection_output(struct connection *connection, uint64_t now)
{
    while (send_next(connection, now)) {
    }
    uint32_t opened = buffer_room(&connection->rx) - (connection->window_end - connection->expected);
    bool is_wide = !connection->is_fin_received && opened >= smaller(2 * own_segment_size(), buffer_size / 2);
    if (connection->owes_acknowledgement || is_wide) send_from(connection, connection->next, 0, 0);
    if (connection->timer == NEVER) connection_start_timer(connection, now);
}

/* The window is closed, and what opened it may have been lost: a byte asks, or the few that it takes, as long as it is answered. */
static void probe(struct connection *connection, uint64_t now)
{
    if (connection->retries < MOST_PROBE_RETRIES) connection->retries++;
    uint32_t size = smaller(larger(connection->window, 1), connection->tx.used);
    send_from(connection, connection->unacknowledged, smaller(size, connection->segment_size), PSH);
    connection_start_timer(connection, now);
}

void connection_timeout(struct connection *connection, uint64_t now)
{
    uint32_t flying = connection->next - connection->unacknowledged;
    connection->timer = NEVER;
    if (!flying && connection->tx.used) {
        probe(connection, now);
        return;
    }
    if (connection->retries == MOST_RETRIES) {
        tcp_abort(connection);
        return;
    }
    connection->retries++;
    connection->threshold = larger(flying / 2, 2u * connection->segment_size);
    connection->congestion_window = connection->segment_size;
    connection->recovery_end = connection->end;
    connection->is_recovering = connection->is_timing = false;
    connection->duplicates = 0;
    connection->next = connection->unacknowledged;
    connection_output(connection, now);
}
