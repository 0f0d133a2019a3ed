#include "tcp-parts.h"

enum { FEW_DUPLICATES = 3, MOST_CHALLENGES = 100 };

static const uint64_t SHORTEST_TIMEOUT = 200000000, LONGEST_TIMEOUT = 60000000000;

/*
 * An acknowledgement of what is wrong, for the other end to show that it means it: RFC 5961. So many a second at most, lest two of
 * us keep each other busy.
 */
static void challenge(struct connection *connection, uint64_t now)
{
    static uint64_t since;
    static unsigned sent;
    if (now - since >= SECOND) {
        since = now;
        sent = 0;
    }
    if (sent++ < MOST_CHALLENGES) connection->owes_acknowledgement = true;
}

/* RFC 6298, of a segment that was sent once. */
static void measure(struct connection *connection, uint64_t now)
{
    uint64_t taken = now - connection->timed_since;
    if (!connection->round_trip) {
        connection->round_trip = taken;
        connection->variation = taken / 2;
    } else {
        uint64_t off = taken < connection->round_trip ? connection->round_trip - taken : taken - connection->round_trip;
        connection->variation += off / 4 - connection->variation / 4;
        connection->round_trip += taken / 8 - connection->round_trip / 8;
    }
    uint64_t timeout = connection->round_trip + 4 * connection->variation;
    if (timeout < SHORTEST_TIMEOUT) timeout = SHORTEST_TIMEOUT;
    connection->timeout = timeout < LONGEST_TIMEOUT ? timeout : LONGEST_TIMEOUT;
    connection->is_timing = false;
}

/* The congestion window after an acknowledgement of something new: RFC 5681, and RFC 6582 in recovery. */
static void widen(struct connection *connection, uint32_t acknowledged)
{
    uint32_t segment = connection->segment_size, *window = &connection->congestion_window;
    if (!connection->is_recovering) {
        uint32_t step = *window < connection->threshold ? smaller(acknowledged, segment) : segment * segment / *window;
        *window = smaller(*window + larger(step, 1), buffer_size + segment);
    } else if (is_before(connection->unacknowledged, connection->recovery_end)) {
        connection_resend(connection, connection->unacknowledged);
        *window = larger(*window > acknowledged ? *window - acknowledged + segment : segment, segment);
    } else {
        connection->is_recovering = false;
        *window = connection->threshold;
    }
}

static void acknowledge(struct connection *connection, uint32_t acknowledgement, uint64_t now)
{
    uint32_t acknowledged = acknowledgement - connection->unacknowledged;
    uint32_t bytes = smaller(acknowledged, connection->tx.used);
    buffer_take(&connection->tx, bytes);
    if (!connection->tx.used) connection->tx.start = 0; /* the pages in use stay few */
    if (acknowledged > bytes) connection->is_fin_acknowledged = true;
    connection->unacknowledged = acknowledgement;
    if (is_before(connection->next, acknowledgement)) connection->next = acknowledgement;
    if (connection->is_timing && is_before(connection->timed, acknowledgement)) measure(connection, now);
    connection->duplicates = connection->retries = 0;
    connection->progress = now;
    widen(connection, acknowledged);
    connection_start_timer(connection, now);
}

/* The third acknowledgement of the same says that what it asks for was lost. */
static void count_duplicate(struct connection *connection)
{
    uint32_t segment = connection->segment_size, flying = connection->next - connection->unacknowledged;
    if (connection->is_recovering) {
        connection->congestion_window = smaller(connection->congestion_window + segment, 2 * buffer_size);
        return;
    }
    if (connection->duplicates < FEW_DUPLICATES) connection->duplicates++;
    if (connection->duplicates != FEW_DUPLICATES || is_before(connection->unacknowledged, connection->recovery_end)) return;
    connection->threshold = larger(flying / 2, 2 * segment);
    connection->congestion_window = connection->threshold + FEW_DUPLICATES * segment;
    connection->recovery_end = connection->end;
    connection->is_recovering = true;
    connection->duplicates = 0;
    connection_resend(connection, connection->unacknowledged);
}

static void update_window(struct connection *connection, const struct segment *segment, uint64_t now)
{
    bool is_newer = is_before(connection->window_sequence, segment->sequence) ||
                    (connection->window_sequence == segment->sequence &&
                     !is_before(segment->acknowledgement, connection->window_acknowledged));
    if (!is_newer) return;
    uint32_t window = (uint32_t)segment->window << connection->window_shift;
    bool opens = window > connection->window && connection->next == connection->unacknowledged;
    connection->window = window;
    connection->largest_window = larger(connection->largest_window, window);
    connection->window_sequence = segment->sequence;
    connection->window_acknowledged = segment->acknowledgement;
    if (opens && connection->tx.used) {
        connection->retries = 0;
        connection_start_timer(connection, now);
    }
}

/* False if the segment acknowledges what was never sent, or what was long ago: RFC 5961, 5. */
static bool handle_acknowledgement(struct connection *connection, const struct segment *segment, uint64_t now)
{
    uint32_t acknowledgement = segment->acknowledgement, all = connection->end - connection->unacknowledged;
    if (acknowledgement - connection->unacknowledged > all &&
        connection->unacknowledged - acknowledgement > connection->largest_window)
        return false;
    bool is_new = is_before(connection->unacknowledged, acknowledgement);
    bool is_duplicate = acknowledgement == connection->unacknowledged && !segment->size && !(segment->flags & FIN) && all &&
                        (uint32_t)segment->window << connection->window_shift == connection->window;
    if (is_new) acknowledge(connection, acknowledgement, now);
    if (is_duplicate) count_duplicate(connection);
    if (!is_before(acknowledgement, connection->unacknowledged)) update_window(connection, segment, now);
    return true;
}

/* Notes that [from, to) is there. False if there are too many pieces; it will be sent again. What is in order has room always. */
static bool add_range(struct connection *connection, uint32_t from, uint32_t to)
{
    struct range *ranges = connection->ranges;
    unsigned first = 0, last, most = MOST_RANGES + (from == connection->expected);
    while (first < connection->range_count && is_before(ranges[first].to, from)) first++;
    for (last = first; last < connection->range_count && !is_before(to, ranges[last].from); last++) {
        if (is_before(ranges[last].from, from)) from = ranges[last].from;
        if (is_before(to, ranges[last].to)) to = ranges[last].to;
    }
    if (first == last) {
        if (connection->range_count >= most) return false;
        for (unsigned i = connection->range_count++; i > first; i--) ranges[i] = ranges[i - 1];
    } else {
        for (unsigned i = last; i < connection->range_count; i++) ranges[first + 1 + i - last] = ranges[i];
        connection->range_count = (uint8_t)(connection->range_count - (last - first - 1));
    }
    ranges[first] = (struct range){from, to};
    return true;
}

/* Stores data that begins in the window, and moves on over all that is there. */
static void take_data(struct connection *connection, uint32_t sequence, const uint8_t *data, uint32_t size)
{
    uint32_t offset = sequence - connection->expected;
    if (!connection->rx.used && !connection->range_count) connection->rx.start = 0;
    if (!size || !add_range(connection, sequence, sequence + size)) return;
    buffer_store(&connection->rx, offset, data, size);
    struct range *first = connection->ranges;
    if (first->from != connection->expected) return;
    connection->rx.used += first->to - first->from;
    connection->expected = first->to;
    connection->range_count--;
    for (unsigned i = 0; i < connection->range_count; i++) first[i] = first[i + 1];
}

static void handle_data(struct connection *connection, const struct segment *segment, uint64_t now)
{
    uint32_t sequence = segment->sequence, size = segment->size, before = connection->expected;
    const uint8_t *data = segment->data;
    bool has_fin = segment->flags & FIN;
    if (!size && !has_fin) return;
    connection->owes_acknowledgement = true;
    if (connection->is_fin_received) return;
    if (is_before(sequence, before)) {
        uint32_t old = smaller(before - sequence, size);
        data += old;
        sequence += old;
        size -= old;
        if (sequence != before) return;
    }
    uint32_t room = buffer_room(&connection->rx) - (sequence - before);
    if (size > room) {
        size = room;
        has_fin = false;
    }
    /* Nothing comes behind the end, wherever that was said to be first. */
    if (connection->has_fin && is_before(connection->fin, sequence + size)) return;
    if (has_fin && !connection->has_fin) {
        if (connection->range_count && is_before(sequence + size, connection->ranges[connection->range_count - 1].to)) return;
        connection->has_fin = true;
        connection->fin = sequence + size;
    }
    take_data(connection, sequence, data, size);
    if (connection->has_fin && connection->expected == connection->fin) {
        connection->expected++;
        connection->is_fin_received = true;
    }
    if (connection->expected != before) connection->progress = now;
}

/* RFC 9293, 3.10.7.4: whether any of it is in the window. */
static bool is_acceptable(const struct connection *connection, const struct segment *segment)
{
    uint32_t size = segment->size + !!(segment->flags & SYN) + !!(segment->flags & FIN);
    uint32_t window = buffer_room(&connection->rx), from = segment->sequence - connection->expected;
    if (!size) return window ? from < window : from == 0;
    return window && (from < window || from + size - 1 < window);
}

void connection_input(struct connection *connection, const struct segment *segment, uint64_t now)
{
    tcp_wake(connection);
    if (!is_acceptable(connection, segment)) {
        if (segment->flags & RST) return;
        if (segment->size)
            connection->owes_acknowledgement = true;
        else
            challenge(connection, now);
        /* A closed window keeps nobody from acknowledging, even who has sent past its end, as passt does by some bytes. */
        if (segment->sequence - connection->expected > buffer_size || (segment->flags & (ACK | SYN)) != ACK) return;
        struct segment bare = {connection->expected, segment->acknowledgement, 0, segment->window, ACK, NULL};
        handle_acknowledgement(connection, &bare, now);
        return;
    }
    if (segment->flags & RST && segment->sequence == connection->expected) {
        connection_end(connection);
        return;
    }
    if (segment->flags & (RST | SYN)) {
        challenge(connection, now);
        return;
    }
    if (!(segment->flags & ACK)) return;
    if (!handle_acknowledgement(connection, segment, now)) {
        challenge(connection, now);
        return;
    }
    handle_data(connection, segment, now);
}
